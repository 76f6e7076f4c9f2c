package wire_test

import (
	"testing"

	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/wire"
)

// reply returns what goes back to the peer from here.
func reply(p *wire.Peer) string {
	m := wire.Map{}
	p.InjectReply(m)
	return m[wire.ReplyKey]
}

func wantReply(t *testing.T, p *wire.Peer, want string) {
	t.Helper()
	if got := reply(p); got != want {
		t.Errorf("the reply is %q, want %q", got, want)
	}
}

func TestBackVariablesGoWithTheReply(t *testing.T) {
	p, r := open()
	received(p, "tenant=t", func() {
		wantReply(t, p, "")
		cost.Set(7)
		hint.Set("h")
		wantReply(t, p, "hint=h,cost=7") // tenant does not go back
		wantSent(t, p, "tenant=t,hint=h;hops=1")
	})
	clean(func() {
		cost.Set(1)
		p.ExtractReply(wire.Map{wire.ReplyKey: "hint=h,cost=7"})
		wantGet(t, cost, 7)
		wantGet(t, hint, "h")
		wantReply(t, p, "hint=h,cost=7") // and further back
	})
	r.want(t, nil)
}

// What came with the request is not news to who sent it.
func TestReplyHasOnlyWhatWasSetSince(t *testing.T) {
	p, _ := open()
	received(p, "hint=h,both=1", func() {
		wantGet(t, both, 1)
		wantReply(t, p, "")
		token := both.Set(1) // the same value, but set here
		wantReply(t, p, "both=1")
		token.Restore()
		wantReply(t, p, "")
		both.Set(2)
		wantReply(t, p, "both=2")
	})
	received(p, "both=1,both=300", func() {
		wantGet(t, both, 300)
		wantReply(t, p, "")
	})
}

// Nor is what was set before, for another one perhaps.
func TestReplyHasNothingOfBefore(t *testing.T) {
	p, _ := open()
	for _, list := range []string{"", "tenant=t", "both=2"} {
		clean(func() {
			cost.Set(1)
			both.Set(1)
			p.Extract(wire.Map{wire.Key: list}).Run(func() {
				wantReply(t, p, "")
				p.Extract(wire.Map{}).Run(func() { wantReply(t, p, "") })
				token := cost.Set(1)
				wantReply(t, p, "cost=1")
				token.Restore()
				wantReply(t, p, "")
			})
			wantReply(t, p, "cost=1,both=1")
		})
	}
}

func TestReplyOfALabel(t *testing.T) {
	clean(func() {
		wire.Trusted().ExtractReply(wire.Map{wire.ReplyKey: "label-back=l"})
		wantGet(t, labelBack, "l")
		if labels := current.Frame().Labels(); len(labels) != 1 || labels[0].Value != "l" {
			t.Errorf("profiler labels: %v", labels)
		}
	})
}

func TestDirectionsAreKeptApart(t *testing.T) {
	p, r := open()
	received(p, "cost=7", func() { wantNone(t, cost) })
	r.want(t, map[string]error{"cost": wire.ErrNotAllowed})
	clean(func() {
		p.ExtractReply(wire.Map{wire.ReplyKey: "tenant=t,unknown=1,cost=2"})
		wantNone(t, tenant)
		wantGet(t, cost, 2)
		wantSent(t, p, "") // unknown entries go forward only
	})
	r.want(t, map[string]error{"tenant": wire.ErrNotAllowed})
}

func TestReplyNeedsAnOpenPeer(t *testing.T) {
	narrow := wire.NewPeer("narrow", wire.Send(cost, tenant), wire.Accept(hint))
	received(wire.Trusted(), "", func() {
		cost.Set(7)
		hint.Set("h")
		wantReply(t, narrow, "cost=7")
		wantReply(t, nil, "")
		wantReply(t, wire.NewPeer("closed"), "")
	})
	clean(func() {
		narrow.ExtractReply(wire.Map{wire.ReplyKey: "hint=h,cost=7"})
		wantGet(t, hint, "h")
		wantNone(t, cost)
	})
	for p, want := range map[*wire.Peer]bool{
		narrow: true, wire.Trusted(): true, nil: false, wire.NewPeer("a", wire.Send(tenant)): false, wire.NewPeer("b", wire.Accept(cost)): false,
	} {
		if p.Replies() != want {
			t.Errorf("%v: Replies is %v", p, !want)
		}
	}
}

// A token of before is refused for nothing: the value was set in its context.
func TestReplyIsSetInTheCallersContext(t *testing.T) {
	clean(func() {
		token := cost.Set(1)
		wire.Trusted().ExtractReply(wire.Map{wire.ReplyKey: "cost=7"})
		done := make(chan bool)
		go func() {
			wantGet(t, cost, 7)
			close(done)
		}()
		<-done
		if !token.Restore() {
			t.Error("the token is refused")
		}
		wantNone(t, cost)
	})
}

// A bad reply harms nothing.
func TestHostileReply(t *testing.T) {
	p, r := open()
	clean(func() {
		p.ExtractReply(wire.Map{wire.ReplyKey: "cost=x,hint=%ff,\x00,both=3"})
		wantNone(t, cost)
		wantNone(t, hint)
		wantGet(t, both, 3)
	})
	r.want(t, map[string]error{"cost": wire.ErrCodec, "hint": wire.ErrMalformed, "\x00": wire.ErrMalformed})
}
