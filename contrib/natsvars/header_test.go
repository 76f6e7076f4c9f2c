package natsvars_test

import (
	"net/http"
	"reflect"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/gocontextvars/contextvars/contrib/natsvars"
	"github.com/gocontextvars/contextvars/wire"
)

func TestHeaderReadsAllSpellings(t *testing.T) {
	for _, test := range []struct {
		name string
		h    nats.Header
		want string
	}{
		{"none", nil, "nothing"},
		{"the specification's", nats.Header{"baggage": {"who=lower"}}, "lower"},
		{"http.Header's", nats.Header{"Baggage": {"who=upper"}}, "upper"},
		{"both", nats.Header{"Baggage": {"other=1"}, "baggage": {"who=lower"}}, "lower"},
		{"two of one", nats.Header{"Baggage": {"who=first", "who=last"}}, "last"},
		{"another", nats.Header{"BAGGAGE": {"who=x"}}, "x"},
		{"all", nats.Header{"BAGGAGE": {"who=x"}, "bAggage": {"who=y"}, "baggage": {"who=lower"}, "Baggage": {"who=upper"}}, "upper"},
		{"of the same length", nats.Header{"Package": {"who=x"}}, "nothing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got string
			wire.Trusted().Extract(natsvars.Header(test.h)).Run(func() { got = sees() })
			want(t, "who", got, test.want)
		})
	}
	h := natsvars.Header{"Baggage": {"a=1"}}
	if got := h.Values("Baggage"); !reflect.DeepEqual(got, []string{"a=1"}) {
		t.Errorf("a canonical key is read once: got %q", got)
	}
}

func TestHeaderWritesOneSpelling(t *testing.T) {
	defer who.Set("me").Restore()
	for _, test := range []struct {
		name      string
		has, gets nats.Header
	}{
		{"none", nats.Header{}, nats.Header{"baggage": {"who=me"}}},
		{"the specification's", nats.Header{"baggage": {"a=1"}}, nats.Header{"baggage": {"a=1,who=me"}}},
		{"http.Header's", nats.Header{"Baggage": {"a=1"}}, nats.Header{"Baggage": {"a=1,who=me"}}},
		{"both", nats.Header{"Baggage": {"a=1"}, "baggage": {"b=2"}}, nats.Header{"Baggage": {"b=2,a=1,who=me"}}},
		{"another", nats.Header{"BAGGAGE": {"a=1"}, "bAggage": {"who=you"}}, nats.Header{"baggage": {"a=1,who=me"}}},
		{"another and http.Header's", nats.Header{"BAGGAGE": {"b=2"}, "Baggage": {"a=1"}}, nats.Header{"Baggage": {"b=2,a=1,who=me"}}},
		{"its own", nats.Header{"baggage": {"who=you"}, "Other": {"x"}}, nats.Header{"baggage": {"who=me"}, "Other": {"x"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			wire.Trusted().Inject(natsvars.Header(test.has))
			if !reflect.DeepEqual(test.has, test.gets) {
				t.Errorf("got %q, want %q", test.has, test.gets)
			}
		})
	}
}

func TestHeaderIsTakenOut(t *testing.T) {
	for _, key := range []string{"baggage", "Baggage", "BAGGAGE"} {
		h := nats.Header{key: {"who=you"}, "Other": {"x"}}
		wire.Trusted().Inject(natsvars.Header(h)) // who is not set
		if !reflect.DeepEqual(h, nats.Header{"Other": {"x"}}) {
			t.Errorf("%s: got %q", key, h)
		}
	}
	natsvars.Header(nil).Set("baggage", "") // there is nothing to take out
}

func TestHeaderOfInstrumentationsArrives(t *testing.T) {
	out, in := conns(t, wire.Trusted())
	saw := make(chan string, 1)
	subscribed(t, in.Conn)(in.Subscribe("s", func(*nats.Msg) { saw <- sees() }))
	m := nats.NewMsg("s")
	http.Header(m.Header).Set("baggage", "who=theirs") // as propagation.HeaderCarrier does it
	check(t, out.Conn.PublishMsg(m))
	want(t, "who", take(t, saw), "theirs")
}

// Nor does a spelling of one's own get a variable past a closed peer.
func TestSpellingIsNoWayAround(t *testing.T) {
	defer who.Set("me").Restore()
	for name, test := range map[string]struct {
		peer *wire.Peer
		want nats.Header
	}{
		"closed": {nil, nats.Header{"baggage": {"a=1"}}},
		"open":   {wire.Trusted(), nats.Header{"baggage": {"a=1,who=me"}}},
	} {
		t.Run(name, func(t *testing.T) {
			out, in := conns(t, test.peer)
			got := make(chan nats.Header, 1)
			subscribed(t, in.Conn)(in.Conn.Subscribe("s", func(m *nats.Msg) { got <- m.Header }))
			m := &nats.Msg{Subject: "s", Header: nats.Header{"BAGGAGE": {"who=evil"}, "bAggage": {"who=evil,a=1"}}}
			check(t, out.PublishMsg(m))
			if h := take(t, got); !reflect.DeepEqual(h, test.want) {
				t.Errorf("got %q, want %q", h, test.want)
			}
			want(t, "keys of the publisher's message", len(m.Header), 2)
		})
	}
}
