package natsvars_test

import (
	"context"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/natsvars"
	"github.com/gocontextvars/contextvars/wire"
)

// subscribers are the ways to have a handler called.
var subscribers = map[string]func(*natsvars.Conn, nats.MsgHandler) (*nats.Subscription, error){
	"Subscribe": func(c *natsvars.Conn, f nats.MsgHandler) (*nats.Subscription, error) { return c.Subscribe("s", f) },
	"QueueSubscribe": func(c *natsvars.Conn, f nats.MsgHandler) (*nats.Subscription, error) {
		return c.QueueSubscribe("s", "q", f)
	},
	"Handler": func(c *natsvars.Conn, f nats.MsgHandler) (s *nats.Subscription, err error) {
		contextvars.Detach(func() { s, err = c.Conn.Subscribe("s", c.Handler(f)) })
		return s, err
	},
}

func TestHandlerSeesTheMessageOnly(t *testing.T) {
	for name, subscribe := range subscribers {
		t.Run(name, func(t *testing.T) {
			out, in := conns(t, wire.Trusted())
			type sight struct{ who, home string }
			saw := make(chan sight, 1)
			who.With("the subscriber's", func() {
				home.With("the subscriber's", func() {
					subscribed(t, in.Conn)(subscribe(in, func(*nats.Msg) { saw <- sight{sees(), home.GetOr("nothing")} }))
				})
			})
			check(t, out.Publish("s", nil))
			want(t, "without variables", take(t, saw), sight{"nothing", "nothing"})
			who.With("the publisher's", func() { check(t, out.Publish("s", nil)) })
			want(t, "with variables", take(t, saw), sight{"the publisher's", "nothing"})
		})
	}
}

func TestHandlerLeavesNothing(t *testing.T) {
	for name, subscribe := range subscribers {
		t.Run(name, func(t *testing.T) {
			out, in := conns(t, wire.Trusted())
			saw := make(chan string, 1)
			subscribed(t, in.Conn)(subscribe(in, func(*nats.Msg) { saw <- sees(); who.Set("a leftover") }))
			for range 3 {
				check(t, out.Publish("s", nil))
				want(t, "who", take(t, saw), "nothing")
			}
		})
	}
}

func TestSubscriptionHoldsNothing(t *testing.T) {
	for name, subscribe := range subscribers {
		t.Run(name, func(t *testing.T) {
			out, in := conns(t, wire.Trusted())
			got := make(chan bool, 1)
			subscriber := withPayload(func() {
				subscribed(t, in.Conn)(subscribe(in, func(*nats.Msg) {
					payload.Set(new(value))
					got <- true
				}))
			})
			publisher := withPayload(func() { check(t, out.Publish("s", nil)) })
			take(t, got)
			want(t, "the subscriber's held", held(subscriber), false)
			want(t, "the publisher's held", held(publisher), false)
		})
	}
}

// A handler that is added to somebody else's goroutine.
func TestHandlerWhereTheGoroutineHasVariables(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	saw := make(chan string, 1)
	who.With("the subscriber's", func() {
		subscribed(t, in.Conn)(in.Conn.Subscribe("s", in.Handler(func(*nats.Msg) { saw <- sees() })))
	})
	check(t, out.Publish("s", nil))
	want(t, "who", take(t, saw), "nothing")
}

func TestChannelAndNextMsg(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	messages := make(chan *nats.Msg, 1)
	subscribed(t, in.Conn)(in.ChanSubscribe("s", messages))
	next, err := in.SubscribeSync("s")
	check(t, err)
	check(t, in.Flush())
	who.With("the publisher's", func() { check(t, out.Publish("s", nil)) })

	defer who.Set("the consumer's").Restore()
	defer home.Set("the consumer's").Restore()
	enter := func(m *nats.Msg) (saw, athome string) {
		wire.Trusted().Extract(natsvars.Header(m.Header)).Run(func() { saw, athome = sees(), home.Get() })
		return saw, athome
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	m, err := next.NextMsgWithContext(ctx)
	check(t, err)
	for name, m := range map[string]*nats.Msg{"channel": take(t, messages), "NextMsg": m} {
		saw, athome := enter(m)
		want(t, name, saw, "the publisher's")
		want(t, name+": what does not travel is the consumer's", athome, "the consumer's")
	}
	want(t, "afterwards", sees(), "the consumer's")
}

func TestQueueGroupHasEachMessageOnce(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	const n = 100
	saw := make(chan string, 2*n)
	for range 3 {
		subscribed(t, in.Conn)(in.QueueSubscribe("s", "workers", func(m *nats.Msg) { saw <- string(m.Data) + "=" + sees() }))
	}
	got := map[string]bool{}
	for i := range n {
		name := string(rune('a' + i))
		who.With(name, func() { check(t, out.Publish("s", []byte(name))) })
	}
	for range n {
		got[take(t, saw)] = true
	}
	for i := range n {
		if name := string(rune('a' + i)); !got[name+"="+name] {
			t.Errorf("%q was not seen", name)
		}
	}
	want(t, "more", len(saw), 0)
}

func TestHostileHeader(t *testing.T) {
	reports := make(chan wire.Report, 1)
	out, in := conns(t, wire.NewPeer("peer", wire.Accept(who), wire.ReportTo(func(r wire.Report) { reports <- r })))
	saw := make(chan string, 1)
	subscribed(t, in.Conn)(in.Subscribe("s", func(*nats.Msg) { saw <- sees() }))
	for _, text := range []string{"who=%zz", "who=\xff", "=;,"} {
		m := &nats.Msg{Subject: "s", Header: nats.Header{"baggage": {text}}}
		check(t, out.Conn.PublishMsg(m))
		want(t, "who", take(t, saw), "nothing")
		take(t, reports)
	}
}
