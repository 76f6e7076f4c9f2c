package connectvars

import (
	"context"

	"connectrpc.com/connect"

	"github.com/gocontextvars/contextvars/wire"
)

// A PeerFunc finds the other side of a call, by the method, as in spec.Procedure, or by
// what a middleware has put into ctx, such as the certificate of an http.Request's TLS.
// What p says of a client, its address, proves little. Nil closes the call both ways. It
// is called for each call, on the goroutine that makes or serves it, before anything else;
// spec.IsClient tells which of the two.
type PeerFunc func(ctx context.Context, spec connect.Spec, p connect.Peer) *wire.Peer

// Interceptor returns an interceptor for calls to the peer, in the options of a client, or
// from it, in those of a handler.
//
// A client sends the variables that are current where the call or the stream is made, as
// the peer's rules say. Those that come back are set in the caller's context when a unary
// call returns, and on the goroutine that calls Receive when that returns a stream's end.
// Of a "baggage" that the request has already, members stay that are not variables of this
// process; those that are, as in headers that a proxy has copied from its own caller, do
// not, also for a nil peer.
//
// A handler runs in a context of its own: a copy of that of the goroutine, with the
// variables that have arrived. What it sets, is gone when it returns, but for what goes
// back with the reply, which it does with an error, too. Its ctx carries the Context that
// it runs in, for [contextvars.FromContext], and so that goroutines that are started
// inside pprof.Do with it keep the variables: see [contextvars.WithContext].
//
// Other interceptors of a handler that are to see what has arrived, go behind it in
// connect.WithInterceptors. Those of a client whose variables are to be sent, or that want
// to see what has come back, go before it.
//
// It costs, with four variables, some ten allocations on each side; a stream of a client
// one more.
func Interceptor(peer *wire.Peer) connect.Interceptor {
	return &interceptor{func(context.Context, connect.Spec, connect.Peer) *wire.Peer { return peer }}
}

// InterceptorFunc is [Interceptor] with a func that finds the peer of each call. It panics
// if find is nil.
func InterceptorFunc(find PeerFunc) connect.Interceptor {
	if find == nil {
		panic("connectvars: InterceptorFunc was given a nil func; give it one that finds the peer of a call")
	}
	return &interceptor{find}
}

type interceptor struct{ find PeerFunc }

// WrapUnary is called for clients and for handlers alike.
func (i *interceptor) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		peer := i.find(ctx, req.Spec(), req.Peer())
		if req.Spec().IsClient {
			return callUnary(ctx, req, peer, next)
		}
		return serveUnary(ctx, req, peer, next)
	}
}

func (i *interceptor) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return func(ctx context.Context, spec connect.Spec) connect.StreamingClientConn {
		conn := next(ctx, spec)
		return newClientConn(conn, i.find(ctx, spec, conn.Peer()))
	}
}

func (i *interceptor) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		return serveStream(ctx, conn, i.find(ctx, conn.Spec(), conn.Peer()), next)
	}
}
