package grpcvars_test

import (
	"context"
	"sync"
	"testing"

	"google.golang.org/grpc"

	"github.com/gocontextvars/contextvars/internal/matrix"
)

// TestMatrix observes what docs/matrix.md says of gRPC.
func TestMatrix(t *testing.T) {
	const library = "google.golang.org/grpc"
	help := func(kind string) string { return "`grpcvars." + kind + "Interceptor`" }
	rows := []matrix.Row{
		{Where: "handler of a unary call", Help: help("UnaryServer"),
			Without: handlerSees(t, "unary", nil, nil), With: handlerSees(t, "unary", accepting(open), sending(open))},
		{Where: "handler of a stream", Help: help("StreamServer"),
			Without: handlerSees(t, "both stream", nil, nil), With: handlerSees(t, "both stream", accepting(open), sending(open))},
		{Where: "handler of a unary call, on a goroutine of `NumStreamWorkers` that is used again", Help: help("UnaryServer"),
			Without: workerSees(t, "unary", nil, nil), With: workerSees(t, "unary", accepting(open), sending(open))},
		{Where: "handler of a stream, on a goroutine of `NumStreamWorkers` that is used again", Help: help("StreamServer"),
			Without: workerSees(t, "both stream", nil, nil), With: workerSees(t, "both stream", accepting(open), sending(open))},
		{Where: "caller, after a unary call whose handler has set the variable", Help: help("UnaryClient"),
			Without: callerSees(t, "unary", nil, nil), With: callerSees(t, "unary", accepting(open), sending(open))},
		{Where: "caller, at the end of a stream whose handler has set the variable", Help: help("StreamClient"),
			Without: callerSees(t, "both stream", nil, nil), With: callerSees(t, "both stream", accepting(open), sending(open))},
		{Where: "`Write` of a net.Conn that a call has made anew, in later calls", Help: help("UnaryClient"),
			Without: connSees(t), With: connSees(t, sending(open)...)},
	}
	for i := range rows {
		rows[i].Module = library
	}
	matrix.Check(t, "contrib/grpcvars", rows...)
}

func handlerSees(t *testing.T, kind string, server []grpc.ServerOption, client []grpc.DialOption) string {
	saw, see := seen()
	token := who.Set("the server's")
	l := serve(t, see, server...)
	token.Restore()
	c, _ := dial(t, l, client...)
	defer who.Set("the caller's").Restore()
	_, err := kinds[kind](t.Context(), c, "")
	noError(t, err)
	return <-saw
}

func workerSees(t *testing.T, kind string, server []grpc.ServerOption, client []grpc.DialOption) string {
	ids := make(chan string, 2)
	token := who.Set("the server's")
	l := serve(t, leaveSomething(ids), append(server, grpc.NumStreamWorkers(1))...)
	token.Restore()
	c, _ := dial(t, l, client...)
	defer who.Set("the caller's").Restore()
	return reused(t, func() (string, string) {
		_, err := kinds[kind](t.Context(), c, "")
		noError(t, err)
		return <-ids, <-ids
	})
}

func callerSees(t *testing.T, kind string, server []grpc.ServerOption, client []grpc.DialOption) string {
	c, _ := dial(t, serve(t, func(context.Context, string) (string, error) {
		answer.Set("the handler's")
		return "", nil
	}, server...), client...)
	defer answer.Set("the caller's").Restore()
	_, err := kinds[kind](t.Context(), c, "")
	noError(t, err)
	return answer.Get()
}

func connSees(t *testing.T, opts ...grpc.DialOption) string {
	var (
		mu  sync.Mutex
		saw string
	)
	l := serve(t, sawWho)
	c, conn := dialHooked(t, l, func() {
		mu.Lock()
		defer mu.Unlock()
		saw = who.GetOr("nothing")
	}, opts...)
	call := func() {
		_, err := kinds["unary"](t.Context(), c, "")
		noError(t, err)
	}
	call()
	idle(t, l, conn)
	who.With("the first caller's", call)
	who.With("the caller's", call)
	mu.Lock()
	defer mu.Unlock()
	return saw
}
