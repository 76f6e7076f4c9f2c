package connectvars

import (
	"context"
	"errors"

	"connectrpc.com/connect"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// callUnary leaves the header as it is when it returns, since net/http may still be
// reading it.
func callUnary(
	ctx context.Context, req connect.AnyRequest, peer *wire.Peer, next connect.UnaryFunc,
) (connect.AnyResponse, error) {
	peer.Inject(httpvars.Header(req.Header()))
	resp, err := next(ctx, req)
	var failure *connect.Error
	switch {
	case err == nil:
		peer.ExtractReply(httpvars.Header(resp.Trailer()))
	case errors.As(err, &failure):
		peer.ExtractReply(httpvars.Header(failure.Meta())) // which has the trailers
	}
	return resp, err
}

type clientConn struct {
	connect.StreamingClientConn
	peer  *wire.Peer
	vars  *contextvars.Context // of the caller, until the header is sent; the write side has it
	ended bool                 // the read side has it
}

func newClientConn(conn connect.StreamingClientConn, peer *wire.Peer) connect.StreamingClientConn {
	return &clientConn{StreamingClientConn: conn, peer: peer, vars: contextvars.CopyContext()}
}

// begin writes the variables into the header, which users may change until it is sent.
func (c *clientConn) begin() {
	if c.vars != nil {
		c.peer.InjectFrom(c.vars, httpvars.Header(c.RequestHeader()))
		c.vars = nil
	}
}

func (c *clientConn) Send(message any) error {
	c.begin()
	return c.StreamingClientConn.Send(message)
}

func (c *clientConn) CloseRequest() error {
	c.begin()
	return c.StreamingClientConn.CloseRequest()
}

func (c *clientConn) Receive(message any) error {
	err := c.StreamingClientConn.Receive(message)
	if err != nil && !c.ended {
		c.ended = true
		c.peer.ExtractReply(httpvars.Header(c.ResponseTrailer()))
	}
	return err
}
