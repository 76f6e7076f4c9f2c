package natsvars_test

import (
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nats.go/micro"

	"github.com/gocontextvars/contextvars/lifetime"
	"github.com/gocontextvars/contextvars/wire"
)

// workOf returns the work that a message is handled in.
func workOf(t *testing.T, from <-chan *lifetime.Work) *lifetime.Work {
	t.Helper()
	w := take(t, from)
	if w == nil {
		t.Fatal("the message is no piece of work")
	}
	return w
}

func TestMessagesAreWork(t *testing.T) {
	defer lifetime.Track()()
	for name, subscribe := range subscribers {
		t.Run(name, func(t *testing.T) {
			out, in := conns(t, wire.Trusted())
			works := make(chan *lifetime.Work, 1)
			subscribed(t, in.Conn)(subscribe(in, func(*nats.Msg) { works <- lifetime.Current() }))
			check(t, out.Publish("s", nil))
			first := workOf(t, works)
			check(t, out.Publish("s", nil))
			want(t, "the next is another one", workOf(t, works) != first, true)
			want(t, "name", first.Name(), "s")
		})
	}
}

func TestMessagesOfAStreamAreWork(t *testing.T) {
	defer lifetime.Track()()
	out, in := conns(t, wire.Trusted())
	js, s := stream(t, out.Conn)
	works := make(chan *lifetime.Work, 1)
	cc, err := in.Consumer(consumer(t, s, patience)).Consume(func(m jetstream.Msg) {
		works <- lifetime.Current()
		_ = m.Ack() // if it fails, the message comes again
	})
	check(t, err)
	t.Cleanup(func() { cc.Stop(); <-cc.Closed() })
	_, err = out.Publisher(js).Publish(t.Context(), "jobs.new", nil)
	check(t, err)
	want(t, "name", workOf(t, works).Name(), "jobs.new")
}

// Values go back with the answer before they are taken back.
func TestRequestsOfAServiceAreWork(t *testing.T) {
	defer lifetime.Track(lifetime.Revoke())()
	out, in := conns(t, wire.Trusted())
	works := make(chan *lifetime.Work, 1)
	service(t, in, in.MicroHandler(micro.HandlerFunc(func(r micro.Request) {
		works <- lifetime.Current()
		cost.Set("the service's")
		check(t, r.Respond(nil))
	})))
	defer cost.Set("nothing").Restore()
	_, err := out.Request("s", nil, patience)
	check(t, err)
	want(t, "name", workOf(t, works).Name(), "s")
	want(t, "the requester sees", cost.Get(), "the service's")
}
