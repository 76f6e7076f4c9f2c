package connectvars_test

import (
	"context"
	"net/http"
	"testing"

	"connectrpc.com/connect"

	"github.com/gocontextvars/contextvars/contrib/connectvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

// TestMatrix observes what docs/matrix.md says of Connect.
func TestMatrix(t *testing.T) {
	const help = "`connectvars.Interceptor`"
	http1, http2 := protocols[0], protocols[1]
	rows := []matrix.Row{
		{Where: "handler of a unary call, the first of an HTTP/1.1 connection",
			Without: handlerSees(t, http1, "unary", 1, false), With: handlerSees(t, http1, "unary", 1, true)},
		{Where: "handler of a unary call, a later one of an HTTP/1.1 connection",
			Without: handlerSees(t, http1, "unary", 2, false), With: handlerSees(t, http1, "unary", 2, true)},
		{Where: "handler of a unary call, over HTTP/2",
			Without: handlerSees(t, http2, "unary", 2, false), With: handlerSees(t, http2, "unary", 2, true)},
		{Where: "handler of a stream, over HTTP/2",
			Without: handlerSees(t, http2, "both stream", 2, false), With: handlerSees(t, http2, "both stream", 2, true)},
		{Where: "caller, after a unary call whose handler has set the variable",
			Without: callerSees(t, http1, "unary", false), With: callerSees(t, http1, "unary", true)},
		{Where: "caller, at the end of a stream whose handler has set the variable",
			Without: callerSees(t, http2, "both stream", false), With: callerSees(t, http2, "both stream", true)},
	}
	for i := range rows {
		rows[i].Module, rows[i].Help = "connectrpc.com/connect", help
	}
	matrix.Check(t, "contrib/connectvars", rows...)
}

func interceptors(helped bool) []connect.Interceptor {
	if helped {
		return []connect.Interceptor{connectvars.Interceptor(open)}
	}
	return nil
}

// handlerSees tells what the handler of the last of n calls sees.
func handlerSees(t *testing.T, p protocol, kind string, n int, helped bool) (saw string) {
	see := func(context.Context, http.Header, string) (string, error) {
		//contextvars:ignore token what is left is seen
		defer who.Set("what the last call left")
		return who.GetOr("nothing"), nil
	}
	token := who.Set("the server's")
	url := serve(t, mux(see, connect.WithInterceptors(interceptors(helped)...)))
	token.Restore()
	c := p.clientWith(t, url, interceptors(helped)...)
	defer who.Set("the caller's").Restore()
	for range n {
		var err error
		saw, err = kinds[kind](t.Context(), c, "")
		noError(t, err)
	}
	return saw
}

func callerSees(t *testing.T, p protocol, kind string, helped bool) string {
	c := p.clientWith(t, serve(t, mux(func(context.Context, http.Header, string) (string, error) {
		answer.Set("the handler's")
		return "", nil
	}, connect.WithInterceptors(interceptors(helped)...))), interceptors(helped)...)
	defer answer.Set("the caller's").Restore()
	_, err := kinds[kind](t.Context(), c, "")
	noError(t, err)
	return answer.Get()
}
