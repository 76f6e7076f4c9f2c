package natsvars

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// Publish is that of the *nats.Conn; the message has the current values of the variables
// that go to the subject's peer.
func (c *Conn) Publish(subject string, data []byte) error {
	return c.PublishMsg(&nats.Msg{Subject: subject, Data: data})
}

// PublishMsg is [Conn.Publish] for a message, which is not changed. Baggage that it has
// already is sent as well, but for entries of variables that travel: these are written from
// the variables alone, see [wire.Peer.Inject].
func (c *Conn) PublishMsg(m *nats.Msg) error { return c.Conn.PublishMsg(c.withVariables(m)) }

// PublishRequest is [Conn.Publish] with a subject for replies. Whoever takes the replies
// may read what came back with [wire.Peer.ExtractReply] and [Header].
func (c *Conn) PublishRequest(subject, reply string, data []byte) error {
	return c.PublishMsg(&nats.Msg{Subject: subject, Reply: reply, Data: data})
}

// Request is that of the *nats.Conn; the request has the current values of the variables
// that go to the subject's peer, and what came back with the reply is set in the current
// context, as [wire.Peer.ExtractReply] does it. It is taken out of the reply's headers, so
// that nobody passes it on by passing on the message.
//
// The first request of a connection starts a goroutine that takes all replies. It holds
// nothing of the caller.
func (c *Conn) Request(subject string, data []byte, timeout time.Duration) (*nats.Msg, error) {
	return c.RequestMsg(&nats.Msg{Subject: subject, Data: data}, timeout)
}

// RequestMsg is [Conn.Request] for a message, which is not changed.
func (c *Conn) RequestMsg(m *nats.Msg, timeout time.Duration) (*nats.Msg, error) {
	return c.request(m, func(m *nats.Msg) (*nats.Msg, error) { return c.Conn.RequestMsg(m, timeout) })
}

// RequestWithContext is [Conn.Request] that ends with ctx. The variables are those of the
// goroutine, not of ctx.
func (c *Conn) RequestWithContext(ctx context.Context, subject string, data []byte) (*nats.Msg, error) {
	return c.RequestMsgWithContext(ctx, &nats.Msg{Subject: subject, Data: data})
}

// RequestMsgWithContext is [Conn.RequestWithContext] for a message, which is not changed.
func (c *Conn) RequestMsgWithContext(ctx context.Context, m *nats.Msg) (*nats.Msg, error) {
	return c.request(m, func(m *nats.Msg) (*nats.Msg, error) { return c.Conn.RequestMsgWithContext(ctx, m) })
}

func (c *Conn) request(m *nats.Msg, send func(*nats.Msg) (*nats.Msg, error)) (reply *nats.Msg, err error) {
	out := c.withVariables(m)
	contextvars.Lend(func() { reply, err = send(out) })
	if err == nil {
		h := Header(reply.Header)
		c.peerOf(m.Subject).ExtractReply(h)
		h.Set(wire.ReplyKey, "")
	}
	return reply, err
}

// Respond replies to a request as m.Respond does; the reply has the current values of the
// variables that go back to the peer of m's subject, if they were set since m arrived. Call
// it where m is handled, or in a goroutine that was started there.
func (c *Conn) Respond(m *nats.Msg, data []byte) error {
	return c.RespondMsg(m, &nats.Msg{Data: data})
}

// RespondMsg is [Conn.Respond] with a message for the reply, which is not changed.
func (c *Conn) RespondMsg(m, reply *nats.Msg) error {
	if m == nil || reply == nil {
		return nats.ErrInvalidMsg
	}
	header, _ := c.injected(c.peerOf(m.Subject), true, reply.Header)
	return m.RespondMsg(&nats.Msg{Header: header, Data: reply.Data})
}

// withVariables returns m if there is nothing to carry, and else a copy with headers of its
// own.
func (c *Conn) withVariables(m *nats.Msg) *nats.Msg {
	if m == nil {
		return nil // that is for the library to refuse
	}
	if header, ok := c.injected(c.peerOf(m.Subject), false, m.Header); ok {
		return &nats.Msg{Subject: m.Subject, Reply: m.Reply, Header: header, Data: m.Data}
	}
	return m
}

// injected returns the headers with what goes to the peer, and whether that has changed
// them.
func (c *Conn) injected(peer *wire.Peer, reply bool, h nats.Header) (nats.Header, bool) {
	if !c.HeadersSupported() {
		return h, false // the library would refuse the message
	}
	o := &outgoing{header: h}
	if reply {
		peer.InjectReply(o)
	} else {
		peer.Inject(o)
	}
	return o.header, o.copied
}
