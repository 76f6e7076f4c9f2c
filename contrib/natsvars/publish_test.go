package natsvars_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/gocontextvars/contextvars/contrib/natsvars"
	"github.com/gocontextvars/contextvars/wire"
)

func TestPublishCarries(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	type sight struct{ who, home, data, reply string }
	saw := make(chan sight, 1)
	subscribed(t, in.Conn)(in.Subscribe("s", func(m *nats.Msg) {
		saw <- sight{sees(), home.GetOr("nothing"), string(m.Data), m.Reply}
	}))
	defer who.Set("the publisher's").Restore()
	defer home.Set("stays here").Restore()
	for name, publish := range map[string]func() error{
		"Publish":        func() error { return out.Publish("s", []byte("x")) },
		"PublishMsg":     func() error { return out.PublishMsg(&nats.Msg{Subject: "s", Data: []byte("x")}) },
		"PublishRequest": func() error { return out.PublishRequest("s", "r", []byte("x")) },
	} {
		t.Run(name, func(t *testing.T) {
			check(t, publish())
			reply := map[bool]string{true: "r"}[name == "PublishRequest"]
			want(t, "got", take(t, saw), sight{"the publisher's", "nothing", "x", reply})
		})
	}
}

func TestNothingToCarryAddsNoHeader(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	got := make(chan nats.Header, 1)
	subscribed(t, in.Conn)(in.Subscribe("s", func(m *nats.Msg) { got <- m.Header }))
	check(t, out.Publish("s", nil))
	if h := take(t, got); h != nil {
		t.Errorf("got %v", h)
	}
}

// Who passes on a message that has arrived does not pass on what did not get in.
func TestPassedOnMessage(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	got := make(chan nats.Header, 1)
	subscribed(t, in.Conn)(in.Subscribe("s", func(m *nats.Msg) { got <- m.Header }))
	check(t, out.PublishMsg(&nats.Msg{Subject: "s", Header: nats.Header{"Baggage": {"who=theirs,other=1"}}}))
	if h := take(t, got); !reflect.DeepEqual(h, nats.Header{"Baggage": {"other=1"}}) {
		t.Errorf("got %v", h)
	}
}

func TestClosedPeerSendsNothing(t *testing.T) {
	out, in := conns(t, nil)
	got := make(chan nats.Header, 1)
	subscribed(t, in.Conn)(in.Subscribe("s", func(m *nats.Msg) { got <- m.Header }))
	defer who.Set("me").Restore()
	check(t, out.Publish("s", nil))
	if h := take(t, got); h != nil {
		t.Errorf("got %v", h)
	}
}

func TestMessageIsNotChanged(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	got := make(chan nats.Header, 1)
	subscribed(t, in.Conn)(in.Subscribe("s", func(m *nats.Msg) { got <- m.Header }))
	m := &nats.Msg{Subject: "s", Header: nats.Header{"baggage": {"a=1"}, "Other": {"x"}}}
	for _, name := range []string{"first", "second"} {
		who.With(name, func() { check(t, out.PublishMsg(m)) })
		if h := take(t, got); !reflect.DeepEqual(h, nats.Header{"baggage": {"a=1,who=" + name}, "Other": {"x"}}) {
			t.Errorf("got %v", h)
		}
	}
	if !reflect.DeepEqual(m.Header, nats.Header{"baggage": {"a=1"}, "Other": {"x"}}) {
		t.Errorf("the message has %v", m.Header)
	}
}

func TestRequestThereAndBack(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	subscribed(t, in.Conn)(in.Subscribe("data", func(m *nats.Msg) {
		cost.Set("7")
		check(t, in.Respond(m, []byte(sees())))
	}))
	subscribed(t, in.Conn)(in.Subscribe("msg", func(m *nats.Msg) {
		cost.Set("7")
		reply := &nats.Msg{Data: []byte(sees()), Header: nats.Header{"Other": {"x"}}}
		check(t, in.RespondMsg(m, reply))
		if !reflect.DeepEqual(reply, &nats.Msg{Data: []byte(sees()), Header: nats.Header{"Other": {"x"}}}) {
			t.Errorf("the reply was changed: %v", reply)
		}
	}))
	for name, request := range map[string]func(subject string) (*nats.Msg, error){
		"Request":            func(s string) (*nats.Msg, error) { return out.Request(s, nil, patience) },
		"RequestMsg":         func(s string) (*nats.Msg, error) { return out.RequestMsg(&nats.Msg{Subject: s}, patience) },
		"RequestWithContext": func(s string) (*nats.Msg, error) { return out.RequestWithContext(t.Context(), s, nil) },
		"RequestMsgWithContext": func(s string) (*nats.Msg, error) {
			return out.RequestMsgWithContext(t.Context(), &nats.Msg{Subject: s})
		},
	} {
		for _, subject := range []string{"data", "msg"} {
			t.Run(name+"/"+subject, func(t *testing.T) {
				defer who.Set("the requester's").Restore()
				defer cost.Set("nothing").Restore()
				reply, err := request(subject)
				check(t, err)
				want(t, "the responder sees", string(reply.Data), "the requester's")
				want(t, "the requester sees", cost.Get(), "7")
				want(t, "headers for variables", len(natsvars.Header(reply.Header).Values(wire.ReplyKey)), 0)
				want(t, "other headers", reply.Header.Get("Other"), map[string]string{"msg": "x"}[subject])
			})
		}
	}
}

func TestReplyFromAGoroutine(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	subscribed(t, in.Conn)(in.Subscribe("s", func(m *nats.Msg) {
		cost.Set("early")
		go func() {
			cost.Set("late")
			in.Respond(m, []byte(sees()))
		}()
	}))
	defer who.Set("me").Restore()
	defer cost.Set("nothing").Restore()
	reply, err := out.Request("s", nil, patience)
	check(t, err)
	want(t, "the responder sees", string(reply.Data), "me")
	want(t, "the requester sees", cost.Get(), "late")
}

func TestFailedRequestSetsNothing(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	subscribed(t, in.Conn)(in.Subscribe("s", func(*nats.Msg) {}))
	defer cost.Set("before").Restore()
	if _, err := out.Request("s", nil, time.Millisecond); !errors.Is(err, nats.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := out.RequestWithContext(ctx, "s", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	want(t, "cost", cost.Get(), "before")
}

func TestFirstRequestIsNotHeld(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	subscribed(t, in.Conn)(in.Subscribe("s", func(m *nats.Msg) { in.Respond(m, nil) }))
	gone := withPayload(func() {
		_, err := out.Request("s", nil, patience)
		check(t, err)
	})
	want(t, "held", held(gone), false)
}

// The test above says something only if the library alone would hold it.
func TestFirstRequestIsHeldWithoutHelp(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	subscribed(t, in.Conn)(in.Subscribe("s", func(m *nats.Msg) { in.Respond(m, nil) }))
	gone := withPayload(func() {
		_, err := out.Conn.Request("s", nil, patience)
		check(t, err)
	})
	want(t, "held", held(gone), true)
}

func TestRequestsAtOnce(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	for range 3 {
		subscribed(t, in.Conn)(in.QueueSubscribe("s", "workers", func(m *nats.Msg) {
			want(t, "cost", cost.GetOr("none"), "none")
			cost.Set("of " + who.Get())
			in.Respond(m, []byte(who.Get()))
		}))
	}
	var clients sync.WaitGroup
	for i := range 8 {
		clients.Go(func() {
			for j := range 50 {
				name := fmt.Sprintf("%d/%d", i, j)
				token := who.Set(name)
				reply, err := out.Request("s", nil, patience)
				if err != nil {
					t.Error(err)
					return
				}
				want(t, "the responder sees", string(reply.Data), name)
				want(t, "the requester sees", cost.Get(), "of "+name)
				token.Restore()
			}
		})
	}
	clients.Wait()
}

func TestTooLargeWithVariables(t *testing.T) {
	out, _ := conns(t, wire.Trusted())
	m := &nats.Msg{Subject: "s", Data: make([]byte, out.MaxPayload())}
	check(t, out.PublishMsg(m))
	defer who.Set("me").Restore()
	if err := out.PublishMsg(m); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("headers count against max_payload: got %v", err)
	}
}

func TestVariablesHaveTheirRoomFirst(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	saw := make(chan string, 1)
	subscribed(t, in.Conn)(in.Subscribe("s", func(*nats.Msg) { saw <- sees() }))
	defer who.Set("the publisher's").Restore()
	check(t, out.PublishMsg(&nats.Msg{Subject: "s", Header: nats.Header{
		"baggage": {strings.Repeat("theirs=1,", wire.MaxMembers)},
	}}))
	want(t, "the subscriber sees", take(t, saw), "the publisher's")
}
