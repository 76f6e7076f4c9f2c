package grpcvars_test

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/grpcvars"
	"github.com/gocontextvars/contextvars/wire"
)

type caller = func(ctx context.Context, c pb.TestServiceClient, text string, opts ...grpc.CallOption) (string, error)

// seen has handlers write what they see to a channel, since calls with a stream from the client
// cannot answer with a text.
func seen() (chan string, func(context.Context, string) (string, error)) {
	c := make(chan string, 1)
	return c, func(context.Context, string) (string, error) {
		c <- who.GetOr("nothing")
		return "", nil
	}
}

func TestHandlerSeesTheCallers(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		saw, see := seen()
		c, _ := dial(t, serve(t, see, accepting(open)...), sending(open)...)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "the handler sees", <-saw, "the caller's")
	})
}

// goroutine returns the first line of the stack, which has the goroutine's id.
func goroutine() string {
	var b [64]byte
	line, _, _ := bytes.Cut(b[:runtime.Stack(b[:], false)], []byte(" ["))
	return string(line)
}

// A worker that handled a call may not yet wait for the next one, and then gRPC starts a
// goroutine. So calls are made until one is handled by the goroutine of the call before.
func reused(t *testing.T, call func() (goroutine, saw string)) string {
	t.Helper()
	last, _ := call()
	for range 10_000 {
		id, saw := call()
		if id == last {
			return saw
		}
		last = id
	}
	t.Fatal("no goroutine handled two calls, one after the other")
	return ""
}

func leaveSomething(ids chan string) func(context.Context, string) (string, error) {
	return func(context.Context, string) (string, error) {
		ids <- goroutine()
		ids <- who.GetOr("nothing")
		who.Set("what the last call left")
		return "", nil
	}
}

func TestStreamWorkersSeeNothingOfEarlierCalls(t *testing.T) {
	for name, peer := range map[string]*wire.Peer{"open": open, "closed": nil} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, call caller) {
				ids := make(chan string, 2)
				c, _ := dial(t, serve(t, leaveSomething(ids), append(accepting(peer), grpc.NumStreamWorkers(1))...), sending(peer)...)
				got := reused(t, func() (string, string) {
					_, err := call(t.Context(), c, "")
					noError(t, err)
					return <-ids, <-ids
				})
				want(t, "the handler sees", got, "nothing")
			})
		})
	}
}

func TestHandlerStartsFromTheServersContext(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		saw, see := seen()
		token := who.Set("the server's")
		l := serve(t, see, accepting(nil)...)
		token.Restore()
		c, _ := dial(t, l, sending(nil)...)
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "the handler sees", <-saw, "the server's")
	})
}

func TestServerIsClosedByDefault(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		saw, see := seen()
		c, _ := dial(t, serve(t, see, accepting(nil)...), sending(open)...)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "the handler sees", <-saw, "nothing")
	})
}

func TestServerTakesOnlyWhatItAccepts(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		saw, see := seen()
		var reports atomic.Int32
		peer := wire.NewPeer("front", wire.Accept(once), wire.ReportTo(func(r wire.Report) {
			if !errors.Is(r.Err, wire.ErrNotAllowed) || r.Key != "who" {
				t.Errorf("report: %v", r)
			}
			reports.Add(1)
		}))
		c, _ := dial(t, serve(t, see, accepting(peer)...), sending(open)...)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "the handler sees", <-saw, "nothing")
		want(t, "reports", reports.Load(), 1)
	})
}

func TestPeerOfACallIsFound(t *testing.T) {
	methods := make(chan string, 1)
	find := func(ctx context.Context, method string) *wire.Peer {
		methods <- method
		if values := metadata.ValueFromIncomingContext(ctx, "from"); slices.Contains(values, "inside") {
			return open
		}
		return nil
	}
	names := map[string]string{
		"unary": "UnaryCall", "client stream": "StreamingInputCall",
		"server stream": "StreamingOutputCall", "both stream": "FullDuplexCall",
	}
	for kind, call := range kinds {
		t.Run(kind, func(t *testing.T) {
			saw, see := seen()
			c, _ := dial(t, serve(t, see,
				grpc.UnaryInterceptor(grpcvars.UnaryServerInterceptorFunc(find)),
				grpc.StreamInterceptor(grpcvars.StreamServerInterceptorFunc(find))), sending(open)...)
			defer who.Set("the caller's").Restore()
			for from, sees := range map[string]string{"inside": "the caller's", "outside": "nothing"} {
				_, err := call(metadata.AppendToOutgoingContext(t.Context(), "from", from), c, "")
				noError(t, err)
				want(t, "the handler sees", <-saw, sees)
				want(t, "the method", <-methods, "/grpc.testing.TestService/"+names[kind])
			}
		})
	}
}

func TestMetadataOfTheCallIsLeftAlone(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		got := make(chan metadata.MD, 1)
		c, _ := dial(t, serve(t, func(ctx context.Context, _ string) (string, error) {
			md, _ := metadata.FromIncomingContext(ctx)
			got <- md
			return "", nil
		}, accepting(open)...), sending(open)...)
		defer who.Set("the caller's").Restore()
		_, err := call(metadata.AppendToOutgoingContext(t.Context(), "theirs", "1", "theirs", "2"), c, "")
		noError(t, err)
		md := <-got
		want(t, "theirs", strings.Join(md["theirs"], ","), "1,2")
		want(t, "baggage", strings.Join(md["baggage"], ","), "who=the%20caller's")
	})
}

func TestGoroutinesOfAHandlerBeginWithItsContext(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		saw := make(chan string)
		c, _ := dial(t, serve(t, func(context.Context, string) (string, error) {
			go func() {
				saw <- who.GetOr("nothing")
				who.Set("the goroutine's own")
				saw <- who.Get()
			}()
			for want := range slices.Values([]string{"the caller's", "the goroutine's own"}) {
				if got := <-saw; got != want {
					return "", errors.New("the goroutine saw " + got)
				}
			}
			if who.Get() != "the caller's" {
				return "", errors.New("the handler saw " + who.Get())
			}
			return "", nil
		}, accepting(open)...), sending(open)...)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
	})
}

// The ctx is good for pprof.Do: also what is started inside before any call of contextvars
// sees the variables.
func TestContextOfAHandlerKeepsVariablesUnderTheProfiler(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		saw := make(chan string, 1)
		c, _ := dial(t, serve(t, func(ctx context.Context, _ string) (string, error) {
			pprof.Do(ctx, pprof.Labels("a", "b"), func(context.Context) {
				go func() { saw <- who.GetOr("nothing") }()
			})
			return "", nil
		}, accepting(open)...), sending(open)...)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "the goroutine sees", <-saw, "the caller's")
	})
}

func TestContextOfAHandlerIsInItsCtx(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		saw := make(chan any, 1)
		c, _ := dial(t, serve(t, func(ctx context.Context, _ string) (string, error) {
			vars, ok := contextvars.FromContext(ctx)
			if !ok {
				return "", errors.New("there is none")
			}
			got, _ := vars.Value(who)
			saw <- got
			return "", nil
		}, accepting(open)...), sending(open)...)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want[any](t, "in the ctx", <-saw, "the caller's")
	})
}

// A panic passes through to an interceptor around ours, with its value, and the worker is clean.
func TestPanicOfAHandler(t *testing.T) {
	recovered := make(chan any, 1)
	caught := func(err *error) {
		if r := recover(); r != nil {
			recovered <- r
			*err = status.Error(codes.Internal, "panic")
		}
	}
	outer := []grpc.ServerOption{
		grpc.UnaryInterceptor(func(ctx context.Context, in any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (out any, err error) {
			defer caught(&err)
			return handle(ctx, in)
		}),
		grpc.StreamInterceptor(func(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
			defer caught(&err)
			return handle(srv, stream)
		}),
		grpc.NumStreamWorkers(1),
	}
	forEach(t, func(t *testing.T, call caller) {
		ids := make(chan string, 2)
		leave := leaveSomething(ids)
		c, _ := dial(t, serve(t, func(ctx context.Context, text string) (string, error) {
			leave(ctx, text)
			panic(text)
		}, append(accepting(open), outer...)...), sending(open)...)
		got := reused(t, func() (string, string) {
			_, err := call(t.Context(), c, "the value")
			want(t, "code", status.Code(err), codes.Internal)
			want[any](t, "recovered", <-recovered, "the value")
			return <-ids, <-ids
		})
		want(t, "the handler sees", got, "nothing")
	})
}

func TestServerInterceptorsRefuseNil(t *testing.T) {
	for call, f := range map[string]func(){
		"UnaryServerInterceptorFunc was given a nil func":  func() { grpcvars.UnaryServerInterceptorFunc(nil) },
		"StreamServerInterceptorFunc was given a nil func": func() { grpcvars.StreamServerInterceptorFunc(nil) },
	} {
		wantPanic(t, "grpcvars: "+call, f)
	}
}

func wantPanic(t *testing.T, begins string, f func()) {
	t.Helper()
	defer func() {
		if r, _ := recover().(string); !strings.HasPrefix(r, begins) {
			t.Errorf("panic: got %q, want %q", r, begins)
		}
	}()
	f()
}
