package natsvars_test

import (
	"errors"
	"strings"
	"testing"
	"weak"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/gocontextvars/contextvars/contrib/natsvars"
	"github.com/gocontextvars/contextvars/wire"
)

// withPayload calls f where payload is set, and returns what tells whether it is still
// held.
func withPayload(f func()) (gone func() bool) {
	v := new(value)
	payload.With(v, f)
	w := weak.Make(v)
	return func() bool { return w.Value() == nil }
}

func TestConnectionHoldsNothing(t *testing.T) {
	s := start(t)
	for _, test := range []struct {
		name    string
		connect func(string, ...nats.Option) (*nats.Conn, error)
		held    bool
	}{{"nats", nats.Connect, true}, {"natsvars", natsvars.Connect, false}} {
		t.Run(test.name, func(t *testing.T) {
			var nc *nats.Conn
			gone := withPayload(func() {
				var err error
				nc, err = test.connect(s.ClientURL())
				check(t, err)
			})
			want(t, "held", held(gone), test.held)
			nc.Close()
		})
	}
}

func TestConnectSeesTheCaller(t *testing.T) {
	s := start(t)
	saw := make(chan string, 1)
	defer who.Set("the connector's").Restore()
	nc, err := natsvars.Connect(s.ClientURL(), nats.SetCustomDialer(dialer(func() { saw <- sees() })))
	check(t, err)
	nc.Close()
	want(t, "the dialer sees", take(t, saw), "the connector's")
}

func TestConnectFails(t *testing.T) {
	s := start(t)
	url := s.ClientURL()
	s.Shutdown()
	if nc, err := natsvars.Connect(url); err == nil || nc != nil {
		t.Errorf("got %v, %v", nc, err)
	}
}

func TestForceReconnectHoldsNothing(t *testing.T) {
	s := start(t)
	for _, test := range []struct {
		name string
		help bool
	}{{"nats", false}, {"natsvars", true}} {
		t.Run(test.name, func(t *testing.T) {
			back := make(chan bool, 1)
			nc := dial(t, s, nats.ReconnectHandler(func(*nats.Conn) { back <- true }))
			force := nc.ForceReconnect
			if test.help {
				force = natsvars.New(nc, nil).ForceReconnect
			}
			gone := withPayload(func() { check(t, force()) })
			take(t, back)
			want(t, "held", held(gone), !test.help)
		})
	}
}

func TestPeerOfTheSubject(t *testing.T) {
	s := start(t)
	conn := natsvars.NewFunc(dial(t, s), func(subject string) *wire.Peer {
		if strings.HasPrefix(subject, "inside.") {
			return wire.Trusted()
		}
		return nil
	})
	saw := make(chan string, 2)
	subscribed(t, conn.Conn)(conn.Subscribe(">", func(m *nats.Msg) {
		if m.Subject == "inside.a" || m.Subject == "outside.a" {
			saw <- m.Subject + " sees " + sees() + ", has " + m.Header.Get("baggage")
		}
	}))
	defer who.Set("me").Restore()
	check(t, conn.Publish("inside.a", nil))
	want(t, "got", take(t, saw), "inside.a sees me, has who=me")
	check(t, conn.Publish("outside.a", nil))
	want(t, "got", take(t, saw), "outside.a sees nothing, has ")
	// What somebody else writes does not get in, either.
	check(t, conn.Conn.PublishMsg(&nats.Msg{Subject: "outside.a", Header: nats.Header{"baggage": {"who=me"}}}))
	want(t, "got", take(t, saw), "outside.a sees nothing, has who=me")
}

func TestReplyIsOfTheRequestsPeer(t *testing.T) {
	s := start(t)
	conn := natsvars.NewFunc(dial(t, s), func(subject string) *wire.Peer {
		if subject == "inside" {
			return wire.Trusted()
		}
		return nil
	})
	for subject, back := range map[string]string{"inside": "7", "outside": "nothing"} {
		subscribed(t, conn.Conn)(conn.Subscribe(subject, func(m *nats.Msg) {
			cost.Set("7")
			check(t, conn.Respond(m, nil))
		}))
		defer cost.Set("nothing").Restore()
		_, err := conn.Request(subject, nil, patience)
		check(t, err)
		want(t, subject, cost.Get(), back)
	}
	// A reply from outside that claims more has no effect.
	subscribed(t, conn.Conn)(conn.Conn.Subscribe("outside.2", func(m *nats.Msg) {
		check(t, m.RespondMsg(&nats.Msg{Header: nats.Header{"baggage-reply": {"cost=7"}}}))
	}))
	defer cost.Set("nothing").Restore()
	_, err := conn.Request("outside.2", nil, patience)
	check(t, err)
	want(t, "outside.2", cost.Get(), "nothing")
}

func TestServerWithoutHeaders(t *testing.T) {
	s := start(t, func(o *server.Options) { o.NoHeaderSupport, o.JetStream = true, false })
	conn := natsvars.New(dial(t, s), wire.Trusted())
	subscribed(t, conn.Conn)(conn.Subscribe("s", func(m *nats.Msg) {
		cost.Set("7")
		check(t, conn.Respond(m, []byte(sees())))
	}))
	defer who.Set("me").Restore()
	reply, err := conn.Request("s", nil, patience)
	check(t, err)
	want(t, "who", string(reply.Data), "nothing")
}

func TestErrorsAreTheLibrarys(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	defer who.Set("me").Restore()
	if err := out.Publish("", nil); !errors.Is(err, nats.ErrBadSubject) {
		t.Errorf("no subject: %v", err)
	}
	if err := out.PublishMsg(nil); !errors.Is(err, nats.ErrInvalidMsg) {
		t.Errorf("no message: %v", err)
	}
	if _, err := out.RequestMsg(nil, patience); !errors.Is(err, nats.ErrInvalidMsg) {
		t.Errorf("a request without a message: %v", err)
	}
	if _, err := out.Request("nobody", nil, patience); !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("nobody there: %v", err)
	}
	if _, err := in.Subscribe("s", nil); !errors.Is(err, nats.ErrBadSubscription) {
		t.Errorf("no handler: %v", err)
	}
	if err := in.Respond(nil, nil); !errors.Is(err, nats.ErrInvalidMsg) {
		t.Errorf("a response to nothing: %v", err)
	}
	if err := in.RespondMsg(nats.NewMsg("s"), nil); !errors.Is(err, nats.ErrInvalidMsg) {
		t.Errorf("nothing as response: %v", err)
	}
	if err := in.Respond(nats.NewMsg("s"), nil); !errors.Is(err, nats.ErrMsgNotBound) {
		t.Errorf("a response to what did not arrive: %v", err)
	}
}

func TestNilPanics(t *testing.T) {
	conn := natsvars.New(dial(t, start(t)), nil)
	for message, f := range map[string]func(){
		"New was given a nil *nats.Conn":                     func() { natsvars.New(nil, nil) },
		"NewFunc was given a nil func":                       func() { natsvars.NewFunc(conn.Conn, nil) },
		"Conn.Handler was given a nil":                       func() { conn.Handler(nil) },
		"Conn.Publisher was given a nil":                     func() { conn.Publisher(nil) },
		"Conn.Consumer was given a nil":                      func() { conn.Consumer(nil) },
		"Conn.PushConsumer was given a nil":                  func() { conn.PushConsumer(nil) },
		"Conn.MicroHandler was given a nil":                  func() { conn.MicroHandler(nil) },
		"Conn.MicroHandler was given a nil micro.Handler; g": func() { conn.MicroHandler(micro.HandlerFunc(nil)) },
	} {
		t.Run(message, func(t *testing.T) {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "natsvars: "+message) {
					t.Errorf("got %q", text)
				}
			}()
			f()
		})
	}
}
