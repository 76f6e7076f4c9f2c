package natsvars

import (
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
)

// MicroHandler returns a handler for an endpoint of a service that calls h in a Context of
// its own for each request, as [Conn.Handler] does, and whose replies have the values of
// the variables that go back, as [Conn.Respond] does it.
//
// micro.AddService and AddEndpoint start goroutines. Call them in [contextvars.Detach] if
// what is current there shall not be held as long as the service runs.
//
// It panics if h is nil.
func (c *Conn) MicroHandler(h micro.Handler) micro.Handler {
	if f, ok := h.(micro.HandlerFunc); h == nil || ok && f == nil {
		panic("natsvars: Conn.MicroHandler was given a nil micro.Handler; give it the one of the endpoint")
	}
	return micro.HandlerFunc(func(r micro.Request) {
		c.handle(r.Subject(), nats.Header(r.Headers()), func() { h.Handle(&microRequest{r, c}) })
	})
}

type microRequest struct {
	micro.Request
	conn *Conn
}

func (r *microRequest) Respond(data []byte, opts ...micro.RespondOpt) error {
	return r.Request.Respond(data, r.withReply(opts)...)
}

func (r *microRequest) RespondJSON(value any, opts ...micro.RespondOpt) error {
	return r.Request.RespondJSON(value, r.withReply(opts)...)
}

func (r *microRequest) Error(code, description string, data []byte, opts ...micro.RespondOpt) error {
	return r.Request.Error(code, description, data, r.withReply(opts)...)
}

// withReply adds an option that comes after the caller's, since those may replace all
// headers.
func (r *microRequest) withReply(opts []micro.RespondOpt) []micro.RespondOpt {
	peer := r.conn.peerOf(r.Subject())
	return append(opts[:len(opts):len(opts)], func(m *nats.Msg) {
		m.Header, _ = r.conn.injected(peer, true, m.Header)
	})
}
