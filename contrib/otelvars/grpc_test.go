package otelvars_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/wire"
)

// service is a gRPC service whose calls answer what handle returns, unary and as a stream.
type service struct{ handle func() string }

const (
	unaryCall  = "/otelvars.Service/Unary"
	streamCall = "/otelvars.Service/Stream"
)

var serviceDesc = grpc.ServiceDesc{
	ServiceName: "otelvars.Service",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{MethodName: "Unary", Handler: func(
		s any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor,
	) (any, error) {
		in := new(emptypb.Empty)
		if err := decode(in); err != nil {
			return nil, err
		}
		handle := func(context.Context, any) (any, error) {
			return wrapperspb.String(s.(*service).handle()), nil
		}
		if intercept == nil {
			return handle(ctx, in)
		}
		return intercept(ctx, in, &grpc.UnaryServerInfo{Server: s, FullMethod: unaryCall}, handle)
	}}},
	Streams: []grpc.StreamDesc{{StreamName: "Stream", ServerStreams: true, Handler: func(
		s any, stream grpc.ServerStream,
	) error {
		if err := stream.RecvMsg(new(emptypb.Empty)); err != nil {
			return err
		}
		return stream.SendMsg(wrapperspb.String(s.(*service).handle()))
	}}},
}

// calls are both ways to call the service.
var calls = map[string]func(context.Context, *grpc.ClientConn) (string, error){
	"unary": func(ctx context.Context, c *grpc.ClientConn) (string, error) {
		out := new(wrapperspb.StringValue)
		err := c.Invoke(ctx, unaryCall, new(emptypb.Empty), out)
		return out.GetValue(), err
	},
	"stream": func(ctx context.Context, c *grpc.ClientConn) (string, error) {
		stream, err := c.NewStream(ctx, &serviceDesc.Streams[0], streamCall)
		if err != nil {
			return "", err
		}
		out := new(wrapperspb.StringValue)
		if err := errors.Join(stream.SendMsg(new(emptypb.Empty)), stream.CloseSend(), stream.RecvMsg(out)); err != nil {
			return "", err
		}
		if err := stream.RecvMsg(new(wrapperspb.StringValue)); err != io.EOF {
			return "", errors.New("the stream goes on")
		}
		return out.GetValue(), nil
	},
}

// interceptors are this module's.
var interceptors = []grpc.ServerOption{
	grpc.ChainUnaryInterceptor(otelvars.UnaryServer),
	grpc.ChainStreamInterceptor(otelvars.StreamServer),
}

// dialled starts a server on loopback behind otelgrpc, and returns a client with otelgrpc.
func (tr *tracing) dialled(t testing.TB, p propagation.TextMapPropagator, handle func() string, opts ...grpc.ServerOption) *grpc.ClientConn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	noError(t, err)
	with := []otelgrpc.Option{otelgrpc.WithTracerProvider(tr.provider), otelgrpc.WithPropagators(p)}
	server := grpc.NewServer(append(opts, grpc.StatsHandler(otelgrpc.NewServerHandler(with...)))...)
	server.RegisterService(&serviceDesc, &service{handle})
	served := make(chan error)
	go func() { served <- server.Serve(l) }()
	stop := sync.OnceFunc(func() {
		server.GracefulStop()
		noError(t, <-served)
	})
	tr.stops = append(tr.stops, stop)
	t.Cleanup(stop)
	c, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler(with...)))
	noError(t, err)
	t.Cleanup(func() { noError(t, c.Close()) })
	return c
}

// What Inject relies on: otelgrpc calls it on the caller's goroutine.
func TestWhereOtelgrpcCallsAPropagator(t *testing.T) {
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			tr := newTracing(t)
			var injected string
			p := watched{composite(nil), func() { injected = mark.Get() }}
			c := tr.dialled(t, p, mark.Get)
			defer mark.Set("caller").Restore()
			got, err := call(t.Context(), c)
			noError(t, err)
			want(t, "the handler sees", got, "extracted")
			want(t, "Inject sees", injected, "caller")
		})
	}
}

func TestGRPC(t *testing.T) {
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			tr := newTracing(t)
			c := tr.dialled(t, composite(wire.Trusted()), func() (saw string) {
				inGoroutine(func() {
					defer tr.Start("work").End()
					saw = tenant.GetOr("nothing")
				})
				return saw
			}, interceptors...)
			func() {
				defer tr.Start("caller").End()
				defer tenant.Set("acme").Restore()
				got, err := call(otelvars.Context(), c)
				noError(t, err)
				want(t, "the handler sees", got, "acme")
			}()
			tr.wantParents(t, map[string]string{"caller": "nothing", "client": "caller", "server": "client", "work": "server"})
		})
	}
}

// With NumStreamWorkers a goroutine handles one call after another.
func TestGRPCWithStreamWorkers(t *testing.T) {
	defer tenant.Set("the server's").Restore()
	tr := newTracing(t)
	c := tr.dialled(t, composite(wire.Trusted()), func() string {
		saw := tenant.Get() + ", " + local.GetOr("nothing")
		tenant.Set("what the last job left")
		local.Set("what the last job left")
		return saw
	}, append(interceptors, grpc.NumStreamWorkers(1))...)
	for range 50 {
		for _, call := range calls {
			tenant.With("acme", func() {
				got, err := call(t.Context(), c)
				noError(t, err)
				want(t, "the handler sees", got, "acme, nothing")
			})
			tenant.Unset()
			got, err := call(t.Context(), c)
			noError(t, err)
			want(t, "the handler sees", got, "the server's, nothing")
		}
	}
}

// HTTP, then gRPC, then HTTP.
func TestHopsOfSeveralKinds(t *testing.T) {
	tr := newTracing(t)
	p := composite(wire.Trusted())
	third := tr.server(t, "third", p, otelvars.Handler(answer(func(*http.Request) string { return tenant.GetOr("nothing") })))
	client := tr.client(t, "to third", p)
	second := tr.dialled(t, p, func() string { return get(t, otelvars.Context(), client, third.URL) }, interceptors...)
	first := tr.server(t, "first", p, otelvars.Handler(answer(func(*http.Request) (body string) {
		defer tenant.Set("acme").Restore()
		inGoroutine(func() {
			var err error
			if body, err = calls["unary"](otelvars.Context(), second); err != nil {
				t.Error(err)
			}
		})
		return body
	})))
	want(t, "seen", get(t, t.Context(), first.Client(), first.URL), "acme")
	tr.wantParents(t, map[string]string{
		"first": "nothing", "client": "first", "server": "client", "to third": "server", "third": "to third"})
}
