package grpcvars_test

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/grpcvars"
	"github.com/gocontextvars/contextvars/wire"
)

var four = [...]*contextvars.ContextVar[string]{
	contextvars.New[string]("bench.tenant", wire.Travels(wire.AllHops)),
	contextvars.New[string]("bench.user", wire.Travels(wire.AllHops)),
	contextvars.New[string]("bench.request", wire.Travels(wire.AllHops)),
	contextvars.New[string]("bench.locale", wire.Travels(wire.AllHops)),
}

func setFour(b *testing.B) {
	for _, v := range four {
		token := v.Set("0123456789abcdef")
		b.Cleanup(func() { token.Restore() })
	}
}

// BenchmarkUnary makes calls over loopback, one after the other, with four variables that
// travel.
func BenchmarkUnary(b *testing.B) {
	trusted := wire.Trusted()
	for _, bb := range []struct {
		name   string
		server []grpc.ServerOption
		client []grpc.DialOption
	}{
		{"without", nil, nil},
		{"closed", accepting(nil), sending(nil)},
		{"four variables", accepting(trusted), sending(trusted)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			setFour(b)
			c, _ := dial(b, serve(b, func(context.Context, string) (string, error) { return "", nil }, bb.server...), bb.client...)
			in := new(pb.SimpleRequest)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.UnaryCall(b.Context(), in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMessage is a message there and one back, in a stream that lasts.
func BenchmarkMessage(b *testing.B) {
	trusted := wire.Trusted()
	for _, bb := range []struct {
		name   string
		server []grpc.ServerOption
		client []grpc.DialOption
	}{
		{"without", nil, nil},
		{"four variables", accepting(trusted), sending(trusted)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			setFour(b)
			c, _ := dial(b, serve(b, func(context.Context, string) (string, error) { return "", nil }, bb.server...), bb.client...)
			stream, err := c.FullDuplexCall(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			in := new(pb.StreamingOutputCallRequest)
			b.ReportAllocs()
			for b.Loop() {
				if err := stream.Send(in); err != nil {
					b.Fatal(err)
				}
				if _, err := stream.Recv(); err != nil {
					b.Fatal(err)
				}
			}
			if err := stream.CloseSend(); err != nil {
				b.Fatal(err)
			}
			if _, err := toEnd(stream.Recv); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkInterceptor is what each interceptor adds: there is no network.
func BenchmarkInterceptor(b *testing.B) {
	trusted := wire.Trusted()
	client := grpcvars.UnaryClientInterceptor(trusted)
	server := grpcvars.UnaryServerInterceptor(trusted)
	invoke := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return nil }
	handle := func(context.Context, any) (any, error) { return nil, nil }
	info := &grpc.UnaryServerInfo{FullMethod: "/s/m"}
	b.Run("client", func(b *testing.B) {
		setFour(b)
		b.ReportAllocs()
		for b.Loop() {
			client(b.Context(), "/s/m", nil, nil, nil, invoke)
		}
	})
	b.Run("server", func(b *testing.B) {
		ctx := arrived(b, "bench.tenant=0123456789abcdef,bench.user=0123456789abcdef,bench.request=0123456789abcdef,bench.locale=0123456789abcdef")
		b.ReportAllocs()
		for b.Loop() {
			server(ctx, nil, info, handle)
		}
	})
}

func arrived(b *testing.B, baggage string) context.Context {
	return metadata.NewIncomingContext(b.Context(), metadata.Pairs("baggage", baggage))
}
