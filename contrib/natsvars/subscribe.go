package natsvars

import (
	"github.com/nats-io/nats.go"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
)

// Subscribe is that of the *nats.Conn; each message is handled in a Context of its own: see
// [Conn.Handler]. The subscription's goroutine holds nothing of the caller's variables.
func (c *Conn) Subscribe(subject string, f nats.MsgHandler) (*nats.Subscription, error) {
	return c.subscribed(f, func(f nats.MsgHandler) (*nats.Subscription, error) { return c.Conn.Subscribe(subject, f) })
}

// QueueSubscribe is [Conn.Subscribe] as a member of a queue group.
func (c *Conn) QueueSubscribe(subject, queue string, f nats.MsgHandler) (*nats.Subscription, error) {
	return c.subscribed(f, func(f nats.MsgHandler) (*nats.Subscription, error) {
		return c.Conn.QueueSubscribe(subject, queue, f)
	})
}

func (c *Conn) subscribed(f nats.MsgHandler, subscribe func(nats.MsgHandler) (*nats.Subscription, error)) (s *nats.Subscription, err error) {
	if f != nil { // else the library refuses it
		f = c.Handler(f)
	}
	contextvars.Detach(func() { s, err = subscribe(f) })
	return s, err
}

// Handler returns a handler that calls f in a Context of its own for each message, with the
// values that came with it from the peer of its subject, and nothing else: no values of
// whoever subscribed, and none that an earlier message has left. It is for code that
// subscribes itself, such as the JetStream of package nats. Whoever calls that should do so
// in [contextvars.Detach], so that the goroutine holds nothing of the caller.
//
// Each message is a piece of work for package lifetime, named by its subject.
//
// It panics if f is nil.
func (c *Conn) Handler(f nats.MsgHandler) nats.MsgHandler {
	if f == nil {
		panic("natsvars: Conn.Handler was given a nil nats.MsgHandler; give it the one that handles the messages")
	}
	return func(m *nats.Msg) { c.handle(m.Subject, m.Header, func() { f(m) }) }
}

// handle calls f for a message, which is a piece of work.
func (c *Conn) handle(subject string, h nats.Header, f func()) {
	lifetime.Run(c.arrived(subject, h), subject, f)
}

// arrived returns the context to work in on a message.
func (c *Conn) arrived(subject string, h nats.Header) (ctx *contextvars.Context) {
	// The goroutine may be one that the library has started for somebody who has variables,
	// or that somebody still lends some.
	contextvars.Detach(func() { ctx = c.peerOf(subject).Extract(Header(h)) })
	return ctx
}
