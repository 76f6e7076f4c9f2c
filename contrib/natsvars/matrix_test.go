package natsvars_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nats.go/micro"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/natsvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
	"github.com/gocontextvars/contextvars/wire"
)

// matrixTest sees what docs/matrix.md says. Each of its methods returns what was seen, with
// our help or without.
type matrixTest struct{ testing.TB }

func TestMatrix(t *testing.T) {
	m := matrixTest{t}
	row := func(where string, sees func(help bool) string, help string) matrix.Row {
		return matrix.Row{Where: where, Module: "github.com/nats-io/nats.go", Without: sees(false), With: sees(true), Help: help}
	}
	matrix.Check(t, "contrib/natsvars",
		row("callback of `Subscribe`", m.subscribe, "`Conn.Publish`, `Conn.Subscribe`"),
		row("the same, for the message after one whose callback has set the variable", m.secondMessage, "`Conn.Subscribe`"),
		row("callback of `QueueSubscribe`", m.queueSubscribe, "`Conn.Publish`, `Conn.QueueSubscribe`"),
		row("loop over `ChanSubscribe`'s channel", m.channel, "`Header`"),
		row("callback that answers a request", m.request, "`Conn.Request`, `Conn.Subscribe`"),
		row("after `Request`, what the responder has set", m.reply, "`Conn.Request`, `Conn.Respond`"),
		row("endpoint of a service of package micro", m.micro, "`Conn.Request`, `Conn.MicroHandler`"),
		row("JetStream: handler of `Consumer.Consume`", m.consume, "`Conn.Publisher`, `Conn.Consumer`"),
		row("JetStream: the same, for a message that is delivered again", m.redelivery, "`Conn.Publisher`, `Conn.Consumer`"),
		row("JetStream: loop over `Consumer.Messages`", m.messages, "`Conn.Publisher`, `Header`"),
		row("JetStream: handler of `PushConsumer.Consume`", m.push, "`Conn.Publisher`, `Conn.PushConsumer`"),
		row("`nats.ReconnectHandler`", m.connectionHandler, "`Connect`"),
	)
}

// conns returns connections with our help, or with none.
func (m matrixTest) conns() (out, in *natsvars.Conn) {
	m.Helper()
	return conns(m, wire.Trusted())
}

func choose[T any](help bool, with, without T) T {
	if help {
		return with
	}
	return without
}

// published publishes once for each time that something is to be seen, and returns the last
// sight.
func (m matrixTest) published(out *natsvars.Conn, saw <-chan string, help bool, times int) (last string) {
	m.Helper()
	defer who.Set("the publisher's").Restore()
	for range times {
		check(m, choose(help, out.Publish, out.Conn.Publish)("s", nil))
		last = take(m, saw)
	}
	return last
}

func (m matrixTest) subscribe(help bool) string {
	out, in := m.conns()
	saw := make(chan string, 1)
	who.With("the subscriber's", func() {
		subscribed(m, in.Conn)(choose(help, in.Subscribe, in.Conn.Subscribe)("s", func(*nats.Msg) { saw <- sees() }))
	})
	return m.published(out, saw, help, 1)
}

func (m matrixTest) secondMessage(help bool) string {
	out, in := m.conns()
	saw := make(chan string, 1)
	who.With("the subscriber's", func() {
		subscribed(m, in.Conn)(choose(help, in.Subscribe, in.Conn.Subscribe)("s", func(*nats.Msg) {
			saw <- sees()
			who.Set("what the last job left")
		}))
	})
	return m.published(out, saw, help, 2)
}

func (m matrixTest) queueSubscribe(help bool) string {
	out, in := m.conns()
	saw := make(chan string, 1)
	who.With("the subscriber's", func() {
		subscribed(m, in.Conn)(choose(help, in.QueueSubscribe, in.Conn.QueueSubscribe)("s", "q", func(*nats.Msg) { saw <- sees() }))
	})
	return m.published(out, saw, help, 1)
}

func (m matrixTest) channel(help bool) string {
	out, in := m.conns()
	messages, saw := make(chan *nats.Msg, 1), make(chan string, 1)
	subscribed(m, in.Conn)(in.ChanSubscribe("s", messages))
	defer close(messages)
	who.With("the consumer's", func() {
		go func() {
			for message := range messages {
				look := func() { saw <- sees() }
				if help {
					wire.Trusted().Extract(natsvars.Header(message.Header)).Run(look)
				} else {
					look()
				}
			}
		}()
	})
	return m.published(out, saw, help, 1)
}

// asked returns what the responder sees, and what is then set where the request was made.
func (m matrixTest) asked(help bool) (responder, requester string) {
	out, in := m.conns()
	who.With("the subscriber's", func() {
		subscribed(m, in.Conn)(choose(help, in.Subscribe, in.Conn.Subscribe)("s", func(message *nats.Msg) {
			cost.Set("the responder's")
			check(m, choose(help, in.Respond, (*nats.Msg).Respond)(message, []byte(sees())))
		}))
	})
	defer who.Set("the requester's").Restore()
	defer cost.Set("nothing").Restore()
	reply, err := choose(help, out.Request, out.Conn.Request)("s", nil, patience)
	check(m, err)
	return string(reply.Data), cost.Get()
}

func (m matrixTest) request(help bool) string { responder, _ := m.asked(help); return responder }
func (m matrixTest) reply(help bool) string   { _, requester := m.asked(help); return requester }

func (m matrixTest) micro(help bool) string {
	out, in := m.conns()
	h := micro.Handler(micro.HandlerFunc(func(r micro.Request) { check(m, r.Respond([]byte(sees()))) }))
	if help {
		h = in.MicroHandler(h)
	}
	who.With("the service's", func() { service(m, in, h) })
	defer who.Set("the requester's").Restore()
	reply, err := choose(help, out.Request, out.Conn.Request)("s", nil, patience)
	check(m, err)
	return string(reply.Data)
}

// consumed has consume begin to consume jobs, and returns what it sees last of one that is
// published.
func (m matrixTest) consumed(help bool, times int, consume func(in *natsvars.Conn, s jetstream.Stream, saw chan<- string) (stop func())) (last string) {
	out, in := m.conns()
	js, s := stream(m, out.Conn)
	p := jetstream.Publisher(js)
	if help {
		p = out.Publisher(js)
	}
	saw := make(chan string, times)
	var stop func()
	who.With("the consumer's", func() { stop = consume(in, s, saw) })
	defer stop()
	who.With("the publisher's", func() {
		_, err := p.Publish(m.Context(), "jobs.a", nil)
		check(m, err)
	})
	for range times {
		last = take(m, saw)
	}
	return last
}

func (m matrixTest) consume(help bool) string {
	return m.consumed(help, 1, func(in *natsvars.Conn, s jetstream.Stream, saw chan<- string) func() {
		c := consumer(m, s, time.Minute)
		if help {
			c = in.Consumer(c)
		}
		cc, err := c.Consume(func(job jetstream.Msg) { saw <- sees(); job.Ack() })
		check(m, err)
		return cc.Stop
	})
}

func (m matrixTest) redelivery(help bool) string {
	return m.consumed(help, 2, func(in *natsvars.Conn, s jetstream.Stream, saw chan<- string) func() {
		c := consumer(m, s, 50*time.Millisecond)
		if help {
			c = in.Consumer(c)
		}
		seen := 0
		cc, err := c.Consume(func(job jetstream.Msg) {
			saw <- sees()
			who.Set("what the last job left")
			if seen++; seen == 2 {
				job.Ack()
			}
		})
		check(m, err)
		return cc.Stop
	})
}

func (m matrixTest) messages(help bool) string {
	return m.consumed(help, 1, func(in *natsvars.Conn, s jetstream.Stream, saw chan<- string) func() {
		it, err := in.Consumer(consumer(m, s, time.Minute)).Messages()
		check(m, err)
		go func() {
			job, err := it.Next()
			if err != nil {
				return
			}
			look := func() { saw <- sees() }
			if help {
				wire.Trusted().Extract(natsvars.Header(job.Headers())).Run(look)
			} else {
				look()
			}
			job.Ack()
		}()
		return it.Stop
	})
}

func (m matrixTest) push(help bool) string {
	return m.consumed(help, 1, func(in *natsvars.Conn, s jetstream.Stream, saw chan<- string) func() {
		c, err := s.CreateOrUpdatePushConsumer(m.Context(), jetstream.ConsumerConfig{Durable: "push", DeliverSubject: "pushed", AckPolicy: jetstream.AckExplicitPolicy})
		check(m, err)
		if help {
			c = in.PushConsumer(c)
		}
		cc, err := c.Consume(func(job jetstream.Msg) { saw <- sees(); job.Ack() })
		check(m, err)
		return cc.Stop
	})
}

func (m matrixTest) connectionHandler(help bool) string {
	s := start(m)
	saw := make(chan string, 1)
	var nc *nats.Conn
	who.With("the connector's", func() {
		var err error
		nc, err = choose(help, natsvars.Connect, nats.Connect)(s.ClientURL(), nats.ReconnectHandler(func(*nats.Conn) { saw <- sees() }))
		check(m, err)
	})
	defer nc.Close()
	contextvars.Detach(func() { check(m, nc.ForceReconnect()) })
	return take(m, saw)
}
