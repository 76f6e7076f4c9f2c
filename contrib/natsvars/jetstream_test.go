package natsvars_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gocontextvars/contextvars/contrib/natsvars"
	"github.com/gocontextvars/contextvars/wire"
)

// entered returns what work on m sees.
func entered(m jetstream.Msg) (saw string) {
	wire.Trusted().Extract(natsvars.Header(m.Headers())).Run(func() { saw = sees() })
	return saw
}

func TestJetStreamPublishCarries(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	js, s := stream(t, out.Conn)
	p := out.Publisher(js)
	saw := make(chan string, 1)
	cc, err := in.Consumer(consumer(t, s, time.Minute)).Consume(func(m jetstream.Msg) { saw <- sees(); check(t, m.Ack()) })
	check(t, err)
	defer cc.Stop()
	defer who.Set("the publisher's").Restore()
	confirmed := func(f jetstream.PubAckFuture, err error) error {
		check(t, err)
		select {
		case <-f.Ok():
			return nil
		case err := <-f.Err():
			return err
		}
	}
	for name, publish := range map[string]func() error{
		"Publish": func() error {
			_, err := p.Publish(t.Context(), "jobs.a", nil, jetstream.WithMsgID("1"))
			return err
		},
		"PublishMsg": func() error {
			_, err := p.PublishMsg(t.Context(), nats.NewMsg("jobs.a"))
			return err
		},
		"PublishAsync":    func() error { return confirmed(p.PublishAsync("jobs.a", nil, jetstream.WithMsgID("2"))) },
		"PublishMsgAsync": func() error { return confirmed(p.PublishMsgAsync(nats.NewMsg("jobs.a"))) },
	} {
		t.Run(name, func(t *testing.T) {
			check(t, publish())
			want(t, "who", take(t, saw), "the publisher's")
		})
	}
}

func TestJetStreamMessageIsNotChanged(t *testing.T) {
	out, _ := conns(t, wire.Trusted())
	js, _ := stream(t, out.Conn)
	p := out.Publisher(js)
	defer who.Set("me").Restore()
	m := &nats.Msg{Subject: "jobs.a", Header: nats.Header{"Other": {"x"}}}
	_, err := p.PublishMsg(t.Context(), m)
	check(t, err)
	f, err := p.PublishMsgAsync(m)
	check(t, err)
	select {
	case <-f.Ok():
	case err := <-f.Err():
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m.Header, nats.Header{"Other": {"x"}}) {
		t.Errorf("the message has %v", m.Header)
	}
	want(t, "what was sent", f.Msg().Header.Get("baggage"), "who=me")
}

func TestJetStreamPublisherHoldsNothing(t *testing.T) {
	for _, help := range []bool{false, true} {
		t.Run(fmt.Sprint("help=", help), func(t *testing.T) {
			out, _ := conns(t, wire.Trusted())
			js, _ := stream(t, out.Conn)
			p := jetstream.Publisher(js)
			if help {
				p = out.Publisher(js)
			}
			gone := withPayload(func() {
				_, err := p.PublishAsync("jobs.a", nil)
				check(t, err)
			})
			<-p.PublishAsyncComplete()
			want(t, "held", held(gone), !help)
			p.CleanupPublisher()
		})
	}
}

func TestConsumeSeesTheMessageOnly(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	js, s := stream(t, out.Conn)
	p := out.Publisher(js)
	push, err := s.CreateOrUpdatePushConsumer(t.Context(), jetstream.ConsumerConfig{Durable: "push", DeliverSubject: "pushed", AckPolicy: jetstream.AckExplicitPolicy})
	check(t, err)
	pull := consumer(t, s, time.Minute)

	type sight struct{ who, home string }
	for name, consume := range map[string]func(jetstream.MessageHandler) (jetstream.ConsumeContext, error){
		"pull": func(f jetstream.MessageHandler) (jetstream.ConsumeContext, error) {
			return in.Consumer(pull).Consume(f)
		},
		"push": func(f jetstream.MessageHandler) (jetstream.ConsumeContext, error) {
			return in.PushConsumer(push).Consume(f)
		},
	} {
		t.Run(name, func(t *testing.T) {
			saw := make(chan sight, 1)
			var cc jetstream.ConsumeContext
			gone := withPayload(func() {
				defer who.Set("the consumer's").Restore()
				defer home.Set("the consumer's").Restore()
				cc, err = consume(func(m jetstream.Msg) {
					saw <- sight{sees(), home.GetOr("nothing")}
					who.Set("a leftover")
					home.Set("a leftover")
					check(t, m.Ack())
				})
				check(t, err)
			})
			defer cc.Stop()
			for len(saw) > 0 {
				<-saw // of the other consumer's test
			}
			for _, name := range []string{"the first's", "the second's"} {
				who.With(name, func() {
					_, err := p.Publish(t.Context(), "jobs.a", nil)
					check(t, err)
				})
				want(t, "got", take(t, saw), sight{name, "nothing"})
			}
			want(t, "held", held(gone), false)
			check(t, s.Purge(t.Context()))
		})
	}
}

func TestConsumersOtherWays(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel() // until then Fetch and FetchBytes wait for more
	out, in := conns(t, wire.Trusted())
	js, s := stream(t, out.Conn)
	p := out.Publisher(js)
	first := func(b jetstream.MessageBatch, err error) (jetstream.Msg, error) {
		if err != nil {
			return nil, err
		}
		m, ok := <-b.Messages()
		if !ok {
			return nil, errors.Join(errors.New("no message"), b.Error())
		}
		return m, nil
	}
	for name, next := range map[string]func(jetstream.Consumer) (jetstream.Msg, error){
		"Fetch": func(c jetstream.Consumer) (jetstream.Msg, error) {
			return first(c.Fetch(2, jetstream.FetchContext(ctx)))
		},
		"FetchBytes": func(c jetstream.Consumer) (jetstream.Msg, error) {
			return first(c.FetchBytes(2000, jetstream.FetchContext(ctx)))
		},
		"FetchNoWait": func(c jetstream.Consumer) (jetstream.Msg, error) { return first(c.FetchNoWait(1)) },
		"Next":        func(c jetstream.Consumer) (jetstream.Msg, error) { return c.Next() },
		"Messages": func(c jetstream.Consumer) (jetstream.Msg, error) {
			it, err := c.Messages()
			check(t, err)
			t.Cleanup(it.Stop)
			return it.Next()
		},
	} {
		t.Run(name, func(t *testing.T) {
			check(t, s.Purge(t.Context()))
			c := in.Consumer(consumer(t, s, time.Minute))
			who.With("the publisher's", func() {
				_, err := p.Publish(t.Context(), "jobs.a", nil)
				check(t, err)
			})
			gone := withPayload(func() {
				defer who.Set("the consumer's").Restore()
				m, err := next(c)
				check(t, err)
				want(t, "who", entered(m), "the publisher's")
				check(t, m.DoubleAck(t.Context()))
			})
			want(t, "held", held(gone), false)
		})
	}
}

func TestRedeliveryKeepsTheVariables(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	js, s := stream(t, out.Conn)
	type sight struct {
		who       string
		delivered uint64
	}
	saw := make(chan sight, 3)
	cc, err := in.Consumer(consumer(t, s, 50*time.Millisecond)).Consume(func(m jetstream.Msg) {
		meta, err := m.Metadata()
		check(t, err)
		saw <- sight{sees(), meta.NumDelivered}
		who.Set("a leftover")
		switch meta.NumDelivered {
		case 1: // not acknowledged in time
		case 2:
			check(t, m.Nak())
		default:
			check(t, m.Ack())
		}
	})
	check(t, err)
	defer cc.Stop()
	who.With("the publisher's", func() {
		_, err := out.Publisher(js).Publish(t.Context(), "jobs.a", nil)
		check(t, err)
	})
	for n := range uint64(3) {
		want(t, "got", take(t, saw), sight{"the publisher's", n + 1})
	}
}

func TestJetStreamErrorsAreTheLibrarys(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	js, s := stream(t, out.Conn)
	p := out.Publisher(js)
	defer who.Set("me").Restore()
	if _, err := p.Publish(t.Context(), "elsewhere", nil, jetstream.WithRetryAttempts(0)); !errors.Is(err, jetstream.ErrNoStreamResponse) {
		t.Errorf("no stream: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Publish(ctx, "jobs.a", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := p.PublishMsgAsync(&nats.Msg{Subject: "jobs.a", Reply: "r"}); !errors.Is(err, jetstream.ErrAsyncPublishReplySubjectSet) {
		t.Errorf("a reply subject: %v", err)
	}
	if _, err := in.Consumer(consumer(t, s, time.Minute)).Consume(nil); !errors.Is(err, jetstream.ErrHandlerRequired) {
		t.Errorf("no handler: %v", err)
	}
}
