package thirdparty_test

import (
	"context"
	"testing"

	"google.golang.org/grpc"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

var calls = map[string]func(*testing.T, *grpc.ClientConn){"unary": callUnary, "stream": callStream}

// entering makes each call run in a context of its own: a copy of the one that is
// current here.
func entering() []grpc.ServerOption {
	base := cv.CopyContext()
	return []grpc.ServerOption{
		grpc.UnaryInterceptor(func(
			ctx context.Context, in any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
		) (any, error) {
			return cv.Call(base.Copy(), func() (any, error) { return handle(ctx, in) })
		}),
		grpc.StreamInterceptor(func(
			s any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler,
		) (err error) {
			base.Copy().Run(func() { err = handle(s, stream) })
			return err
		}),
	}
}

// A goroutine for each call starts with what Serve's caller had.
func TestGRPCWithoutHelp(t *testing.T) {
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			defer user.Set("Serve's caller's").Restore()
			var s service
			l := serve(t, &s)
			user.Set("the client's")
			c := newClient(t, l)
			for range 3 {
				call(t, c)
				want(t, "the handler sees", s.saw, "Serve's caller's")
			}
		})
	}
}

// reused calls until a call has been handled by the same goroutine as the one
// before: the worker that handled a call may not yet be waiting for the next one, and then
// gRPC starts a goroutine.
func reused(t *testing.T, s *service, call func()) (saw string) {
	t.Helper()
	call()
	for range 10_000 {
		last := s.goroutine
		call()
		if s.goroutine == last {
			return s.saw
		}
	}
	t.Fatal("no goroutine handled two calls, one after the other")
	return ""
}

func TestGRPCStreamWorkersWithoutHelp(t *testing.T) {
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			defer user.Set("Serve's caller's").Restore()
			var s service
			c := newClient(t, serve(t, &s, grpc.NumStreamWorkers(1)))
			want(t, "the handler sees", reused(t, &s, func() { call(t, c) }), left)
		})
	}
}

func TestGRPCStreamWorkersWithRun(t *testing.T) {
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			defer user.Set("Serve's caller's").Restore()
			var s service
			c := newClient(t, serve(t, &s, append(entering(), grpc.NumStreamWorkers(1))...))
			want(t, "the handler sees", reused(t, &s, func() { call(t, c) }), "Serve's caller's")
		})
	}
}

// Goroutines of a client's connections descend from the caller of NewClient, not from
// that of the call for which the connection is made.
func TestGRPCClientHolds(t *testing.T) {
	l := serve(t, new(service))
	var c *grpc.ClientConn
	wantHeld(t, holding(func() {
		c = newClient(t, l)
		callUnary(t, c)
	}))
	wantFree(t, holding(func() {
		cv.Detach(func() { c = newClient(t, l) })
		callUnary(t, c)
	}))
}

func grpcRows(t *testing.T) (rows []matrix.Row) {
	const module = "google.golang.org/grpc"
	// What is left by a call is seen by the next one on the same goroutine, if it is used again.
	handled := func(call func(*testing.T, *grpc.ClientConn), opts func() []grpc.ServerOption, again bool) string {
		defer user.Set("Serve's caller's").Restore()
		var s service
		l := serve(t, &s, opts()...)
		defer user.Set("the client's").Restore()
		c := newClient(t, l)
		if again {
			return reused(t, &s, func() { call(t, c) })
		}
		call(t, c)
		call(t, c)
		return s.saw
	}
	bare := func() []grpc.ServerOption { return nil }
	workers := func() []grpc.ServerOption { return []grpc.ServerOption{grpc.NumStreamWorkers(1)} }
	enteringWorkers := func() []grpc.ServerOption { return append(entering(), workers()...) }
	for _, name := range []string{"unary", "stream"} {
		rows = append(rows,
			right("a handler, "+name, module, handled(calls[name], bare, false)),
			matrix.Row{
				Where: "a handler, " + name + ", with NumStreamWorkers", Module: module, Help: "`Copy().Run` in an interceptor",
				Without: handled(calls[name], workers, true), With: handled(calls[name], enteringWorkers, true),
			})
	}
	client := func(do func(func())) string {
		l := serve(t, new(service))
		var c *grpc.ClientConn
		w := holding(func() {
			do(func() { c = newClient(t, l) })
			callUnary(t, c)
		})
		return holds(w, "NewClient's caller's")
	}
	return append(rows, matrix.Row{
		Where: "the goroutines of a client's connection", Module: module, Help: "NewClient inside `Detach`",
		Without: client(func(f func()) { f() }), With: client(cv.Detach),
	})
}
