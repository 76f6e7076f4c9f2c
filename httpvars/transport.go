package httpvars

import (
	"net/http"
	"net/http/httptrace"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// Transport returns a RoundTripper that sends requests with base, and keeps
// base's goroutines from holding on to the caller's variables. It is for a base
// that keeps connections: an http.Transport starts goroutines for each, which
// inherit the context of the request that happened to need the connection first,
// and hold its values for as long as the connection lives.
//
// Make it the innermost one, right around the http.Transport: what runs base in
// another context, as a RoundTripper that calls Run or a bound function does, must be
// outside.
//
// What belongs to a request sees its caller's variables: functions that base calls
// on the caller's goroutine, such as http.Transport.Proxy; the hooks of an
// httptrace.ClientTrace; Read, WriteTo and Close of the request's body, and GetBody.
// Hooks and bodies see the variables as they were when RoundTrip was called,
// whichever goroutine calls them, be it that of an older connection or one that
// another caller has started, and also when RoundTrip has returned. Each call runs
// in a copy of the caller's context: what it sets, nobody else sees. (Only GetConn
// and GotConn of a ClientTrace, which are called on the caller's goroutine, run in the
// caller's own context.)
//
// Functions that base calls for a connection on goroutines that it starts, such as
// http.Transport.DialContext, see the variables of the caller whose RoundTrip started
// the goroutine, until that RoundTrip returns, and then none: see
// [contextvars.Lend], also for what happens if they set a variable.
//
// A nil base is http.DefaultTransport, looked up at each request as http.Client
// does.
//
// The response is passed on as it is, but for Response.Request, which is the
// caller's request. The caller's request is not changed; base gets a shallow copy
// of it if there is a body or a ClientTrace. Bodies whose methods call no code of
// the caller's, such as those that http.NewRequest makes of a bytes.Reader, or an
// os.File, are passed on as they are, so that base can send them in its fast way;
// others arrive as another type.
//
// CloseIdleConnections is passed on to base if base has it, for http.Client.
// http.Client takes a RoundTripper of a type that it does not know for one
// that may not watch the request's ctx, and so starts a goroutine for each request
// if its Timeout is set: a deadline in the request's ctx is cheaper.
//
// A request costs about as much as a few Sets more, and each call of a hook or of a
// body's method about as much as two or three.
func Transport(base http.RoundTripper) http.RoundTripper { return &transport{base: base} }

type transport struct {
	base http.RoundTripper
	peer func(*http.Request) *wire.Peer // nil if nothing is to be carried
}

func (t *transport) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	var peer *wire.Peer
	out, base := prepared(req), t.roundTripper()
	if t.peer != nil {
		peer = t.peer(req)
		out = carrying(out, req, peer)
	}
	contextvars.Lend(func() { resp, err = base.RoundTrip(out) })
	if resp == nil {
		return resp, err
	}
	if resp.Request == out {
		resp.Request = req
	}
	if t.peer != nil {
		take(resp, peer)
	}
	return resp, err
}

// CloseIdleConnections is what http.Client.CloseIdleConnections looks for.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.roundTripper().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (t *transport) roundTripper() http.RoundTripper {
	if t.base == nil {
		return http.DefaultTransport
	}
	return t.base
}

// prepared returns req, or a copy of it whose body and hooks run in the context that
// is current now.
func prepared(req *http.Request) *http.Request {
	trace := httptrace.ContextClientTrace(req.Context())
	hasBody := req.Body != nil && req.Body != http.NoBody
	if trace == nil && !hasBody {
		return req
	}
	in := current()
	ctx := req.Context()
	if trace != nil {
		ctx = in.withTrace(ctx, trace)
	}
	out := req.WithContext(ctx)
	if hasBody {
		out.Body = in.body(req.Body)
		out.GetBody = in.getBody(req.GetBody)
	}
	return out
}

// binding calls functions, each in its own copy of the context that was current
// when the binding was made.
type binding func(f func())

func current() binding { return contextvars.Bind1(func(f func()) { f() }) }
