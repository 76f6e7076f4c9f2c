package connectvars

import (
	"context"

	"connectrpc.com/connect"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/lifetime"
	"github.com/gocontextvars/contextvars/wire"
)

func serveUnary(
	ctx context.Context, req connect.AnyRequest, peer *wire.Peer, next connect.UnaryFunc,
) (resp connect.AnyResponse, err error) {
	vars := peer.Extract(httpvars.Header(req.Header()))
	lifetime.Run(vars, req.Spec().Procedure, func() {
		resp, err = next(contextvars.WithContext(ctx, vars), req)
		if peer.Replies() {
			// The trailer of resp would do, but with an error there is none.
			if info, ok := connect.CallInfoForHandlerContext(ctx); ok {
				peer.InjectReplyFrom(vars, httpvars.Header(info.ResponseTrailer()))
			}
		}
	})
	return resp, err
}

func serveStream(
	ctx context.Context, conn connect.StreamingHandlerConn, peer *wire.Peer, next connect.StreamingHandlerFunc,
) (err error) {
	vars := peer.Extract(httpvars.Header(conn.RequestHeader()))
	lifetime.Run(vars, conn.Spec().Procedure, func() {
		err = next(contextvars.WithContext(ctx, vars), conn)
		if peer.Replies() {
			peer.InjectReplyFrom(vars, httpvars.Header(conn.ResponseTrailer()))
		}
	})
	return err
}
