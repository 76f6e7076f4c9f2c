package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

func TestPeerIsOpenForWhatItsRulesSay(t *testing.T) {
	var r reports
	p := wire.NewPeer("narrow", wire.Send(tenant), wire.Accept(request, debug), r.rule())
	received(p, "tenant=t,request=r,debug=true,unknown=1,theirs=2", func() {
		wantNone(t, tenant)
		wantGet(t, request, "r")
		wantGet(t, debug, true)
		tenant.Set("ours")
		wantSent(t, p, "tenant=ours")
		wantSent(t, wire.Trusted(), "tenant=ours,request=r") // no unknown entry was taken
	})
	r.want(t, map[string]error{"tenant": wire.ErrNotAllowed})
}

// A variable that the peer is not open for is not unknown.
func TestUnknownEntriesAreNoWayAround(t *testing.T) {
	p := wire.NewPeer("passing", wire.PassUnknown(), wire.ReportTo(func(wire.Report) {}))
	received(p, "tenant=t,theirs=1;p=x", func() {
		wantNone(t, tenant)
		wantSent(t, wire.Trusted(), "theirs=1;p=x")
		wantSent(t, p, "theirs=1;p=x")
		wantSent(t, wire.NewPeer("narrow", wire.Send(tenant)), "")
	})
}

// Some implementations undo percent-encoding in keys.
func TestDisguisedKeysAreNoWayAround(t *testing.T) {
	p := wire.NewPeer("passing", wire.PassUnknown(), wire.ReportTo(func(wire.Report) {}))
	for _, disguised := range []string{"+tenant=evil", "tenant+=evil", "%20tenant=evil", "tenant%09=evil", "tenant%C2%A0=evil", "%74enant=evil", "t%65nan%74=evil", "%74%65%6e%61%6E%74=evil;p"} {
		received(p, disguised+",%74eapot=1,%zz=2", func() {
			wantNone(t, tenant)
			wantSent(t, p, "%74eapot=1,%zz=2")
		})
		for _, p := range []*wire.Peer{nil, p, wire.Trusted()} {
			m := wire.Map{wire.Key: disguised + ",\u00a0tenant=evil,ten ant=evil"}
			if p.Inject(m); len(m) != 0 {
				t.Errorf("%v gets %q", p, m)
			}
		}
	}
}

// A variable that is made while a request is under way has its rules at once.
func TestVariablesMadeLate(t *testing.T) {
	lates++
	key := fmt.Sprint("late-", lates)
	p := wire.NewPeer("passing", wire.PassUnknown(), wire.ReportTo(func(wire.Report) {}))
	received(p, key+"=evil,b=2", func() {
		wantSent(t, p, key+"=evil,b=2")
		late := contextvars.New[string](key, wire.Travels(wire.AllHops))
		wantSent(t, p, "b=2")
		late.Set("good")
		wantSent(t, p, "b=2")
		wantSent(t, wire.Trusted(), "b=2,"+key+"=good")
	})
}

var lates int // for -count

// Nested requests remember what is in force, and no more.
func TestNestedRequestsDoNotPileUp(t *testing.T) {
	p, _ := open()
	c := contextvars.NewContext()
	for i := range 1000 {
		c.Run(func() { c = p.Extract(wire.Map{wire.Key: fmt.Sprintf("hint=h%d,unknown-%d=1", i, i)}) })
	}
	c.Run(func() {
		if n := strings.Count(sent(p), ",") + 1; n != wire.MaxMembers {
			t.Errorf("%d unknown entries", n)
		}
		for v, value := range c.All() {
			if text := fmt.Sprint(value); v.Name() == "wire.arrival" && text != "64 entries that pass through, 1 values that were received" {
				t.Error(text)
			}
		}
	})
}

// Three processes; the one in the middle does not know what it forwards.
func TestUnknownEntriesGoOnUnchanged(t *testing.T) {
	p, r := open()
	const list = "a=1;p;q=%20,b=%zz,c=%FF,a=2"
	received(p, "tenant=t,"+list, func() {
		wantSent(t, p, list+",tenant=t")
		inside := make(chan string)
		go func() { inside <- sent(p) }()
		if got := <-inside; got != list+",tenant=t" {
			t.Errorf("a goroutine sends %q", got)
		}
		// Another request inside of this one has more, or others.
		p.Extract(wire.Map{wire.Key: "a=3,d=4"}).Run(func() { wantSent(t, p, "b=%zz,c=%FF,a=3,d=4,tenant=t") })
		p.Extract(wire.Map{}).Run(func() { wantSent(t, p, list+",tenant=t") })
		wantSent(t, p, list+",tenant=t")
		contextvars.Detach(func() { wantSent(t, p, "") })
		m := wire.Map{wire.Key: "a=theirs"} // written by another library on its way
		if p.Inject(m); m[wire.Key] != "a=theirs,b=%zz,c=%FF,tenant=t" {
			t.Errorf("%q", m[wire.Key])
		}
	})
	r.want(t, nil)
}

func TestOneHopStopsAfterOne(t *testing.T) {
	p, _ := open()
	var list string
	clean(func() {
		debug.Set(true)
		wantSent(t, p, "debug=true;hops=1")
		list = sent(p)
	})
	received(p, list, func() {
		wantGet(t, debug, true)
		wantSent(t, p, "")
		done := make(chan bool)
		go func() {
			wantGet(t, debug, true)
			wantSent(t, p, "")
			close(done)
		}()
		<-done
		token := debug.Set(true) // the same value, but this process's own
		wantSent(t, p, "debug=true;hops=1")
		token.Restore()
		wantSent(t, p, "")
	})
	// Another request inside of this one changes nothing about that.
	received(p, list, func() {
		p.Extract(wire.Map{wire.Key: "tenant=t"}).Run(func() { wantSent(t, p, "tenant=t") })
		p.Extract(wire.Map{wire.Key: "hint=h"}).Run(func() { wantSent(t, p, "") })
		p.Extract(wire.Map{wire.Key: "debug=false"}).Run(func() {
			wantSent(t, p, "")
			debug.With(true, func() { wantSent(t, p, "debug=true;hops=1") })
		})
	})
	// So does a sender that says so, whatever is known here of the variable.
	received(p, "tenant=t;hops=1", func() {
		wantGet(t, tenant, "t")
		wantSent(t, p, "")
		tenant.With("t", func() { wantSent(t, p, "tenant=t") })
	})
	// A process that does not know the variable stops it, too.
	received(p, "unheard=1;hops=1,b=2; hops = 1 ;x,c=3;hops=2,d=4;nohops=1", func() { wantSent(t, p, "c=3;hops=2,d=4;nohops=1") })
}

func TestAllHopsGoOn(t *testing.T) {
	p, _ := open()
	received(p, "tenant=t;their=property", func() {
		wantSent(t, p, "tenant=t")
		tenant.With("u", func() { wantSent(t, p, "tenant=u") })
		tenant.Unset()
		wantSent(t, p, "")
	})
}

func TestBadRulesAreRefused(t *testing.T) {
	wantPanic(t, func() { wire.NewPeer("x", wire.Rule{}) }, `"x"`, "number 1")
	wantPanic(t, func() { wire.Send(tenant, nil) }, "Send", "number 2")
	func() {
		defer func() { want(t, fmt.Sprint(recover()), "contextvars: wire.Accept was given a nil *ContextVar") }()
		wire.Accept((*contextvars.ContextVar[int])(nil))
	}()
	wantPanic(t, func() { wire.Accept(stays) }, `"stays"`, "wire.Travels")
	wantPanic(t, func() { wire.ReportTo(nil) }, "nil func")
}

func want(t *testing.T, message, part string) {
	t.Helper()
	if !strings.Contains(message, part) {
		t.Errorf("%q does not have %q", message, part)
	}
}

// A struct that has a variable embedded is one, too.
func TestEmbeddedVariables(t *testing.T) {
	embedded := struct {
		*contextvars.ContextVar[string]
	}{tenant}
	received(wire.NewPeer("p", wire.Accept(embedded)), "tenant=t", func() { wantGet(t, tenant, "t") })
}
