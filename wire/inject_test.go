package wire_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

func TestVariablesAreWrittenInTheOrderOfTheirMaking(t *testing.T) {
	clean(func() {
		person.Set(account{"a", 1})
		request.Set("r")
		tenant.Set("t")
		wantSent(t, wire.Trusted(), "tenant=t,request=r,person=%7B%22name%22:%22a%22%2C%22age%22:1%7D")
	})
}

// What another library has written stays, but not in the place of our variables.
func TestInjectKeepsWhatIsThere(t *testing.T) {
	for was, want := range map[string]string{
		"":                               "tenant=t",
		"theirs=1":                       "theirs=1,tenant=t",
		" theirs = 1 ; p=x , b=2":        "theirs = 1 ; p=x,b=2,tenant=t",
		"tenant=old,theirs=1,tenant=old": "theirs=1,tenant=t",
		"request=from elsewhere,a=1":     "a=1,tenant=t", // it is not set here
		"not baggage":                    "tenant=t",
		"=1,=,a=\"x\",;p=1,b=2":          "b=2,tenant=t", // malformed
		",,":                             "tenant=t",
	} {
		clean(func() {
			tenant.Set("t")
			m := wire.Map{wire.Key: was}
			if wire.Trusted().Inject(m); m[wire.Key] != want {
				t.Errorf("%q becomes %q, want %q", was, m[wire.Key], want)
			}
		})
	}
}

func TestCarrierIsLeftAloneWithoutNeed(t *testing.T) {
	for _, was := range []string{"theirs=1 , b=2", " ", "tenant"} {
		clean(func() {
			stays.Set("here")
			m := wire.Map{wire.Key: was}
			if wire.Trusted().Inject(m); m[wire.Key] != was && was != "tenant" {
				t.Errorf("%q becomes %q", was, m[wire.Key])
			}
		})
	}
	clean(func() {
		m := wire.Map{}
		if wire.Trusted().Inject(m); len(m) != 0 {
			t.Error(m)
		}
	})
}

// A proxy copies headers; ours are not to pass by that.
func TestVariablesPassNoClosedPeer(t *testing.T) {
	for name, p := range map[string]*wire.Peer{"nil": nil, "closed": wire.NewPeer("closed"), "other": wire.NewPeer("other", wire.Send(request))} {
		clean(func() {
			tenant.Set("t")
			m := wire.Map{wire.Key: "tenant=evil,theirs=1"}
			if p.Inject(m); m[wire.Key] != "theirs=1" {
				t.Errorf("%s: %q", name, m[wire.Key])
			}
			wantSent(t, p, "")
		})
	}
}

func TestInjectFromAContext(t *testing.T) {
	c := contextvars.NewContext()
	c.Run(func() { tenant.Set("c") })
	clean(func() {
		tenant.Set("here")
		m := wire.Map{}
		if wire.Trusted().InjectFrom(c, m); m[wire.Key] != "tenant=c" {
			t.Error(m)
		}
	})
	m := wire.Map{}
	if wire.Trusted().InjectFrom(contextvars.NewContext(), m); len(m) != 0 {
		t.Error(m)
	}
	wantPanic(t, func() { wire.Trusted().InjectFrom(nil, m) }, "InjectFrom", "nil")
	wantPanic(t, func() { wire.Trusted().InjectReplyFrom(nil, m) }, "InjectReplyFrom", "nil")
}

func TestListLimits(t *testing.T) {
	p, r := open()
	clean(func() {
		missing := make(map[string]error)
		for i, v := range many {
			v.Set(i)
			if i >= wire.MaxMembers {
				missing[v.Name()] = wire.ErrTooLarge
			}
		}
		list := sent(p)
		if n := strings.Count(list, ",") + 1; n != wire.MaxMembers {
			t.Errorf("%d members", n)
		}
		r.want(t, missing)
		received(p, list, func() { wantGet(t, many[63], 63) })
		r.want(t, nil)
	})
	clean(func() {
		request.Set("r")
		long.Set(strings.Repeat("x", wire.MaxBytes-len("request=r,long=")))
		if n := len(sent(p)); n != wire.MaxBytes {
			t.Errorf("%d bytes", n)
		}
		r.want(t, nil)
		long.Set(long.Get() + "x")
		short.Set("s")
		wantSent(t, p, "request=r,short=s")
		r.want(t, map[string]error{"long": wire.ErrTooLarge})
	})
}

// Whoever fills the list before cannot keep our variables out of it.
func TestVariablesHaveTheirRoomFirst(t *testing.T) {
	p, r := open()
	members := strings.Repeat("a=1,", wire.MaxMembers-1)
	filled := "a=" + strings.Repeat("x", wire.MaxBytes-2)
	for was, want := range map[string]string{
		members + "b=1":                  members + "tenant=t",
		members + "b=1;p,c=1":            members + "tenant=t",
		filled:                           "tenant=t",
		filled[9:]:                       "tenant=t", // without a key it is malformed
		"b=1," + filled:                  "b=1,tenant=t",
		"a=" + filled[:wire.MaxBytes-11]: "a=" + filled[:wire.MaxBytes-11] + ",tenant=t",
		"a=" + filled[:wire.MaxBytes-10]: "tenant=t",
	} {
		clean(func() {
			tenant.Set("t")
			m := wire.Map{wire.Key: was}
			if p.Inject(m); m[wire.Key] != want {
				t.Errorf("%.30q... becomes %.60q...", was, m[wire.Key])
			}
		})
	}
	for _, report := range r.list {
		if report.Variable != nil || !errors.Is(report.Err, wire.ErrTooLarge) {
			t.Error(report)
		}
	}
	clean(func() { // nor what passes through
		p.Extract(wire.Map{wire.Key: members + "b=1"}).Run(func() {
			tenant.Set("t")
			wantSent(t, p, members+"tenant=t")
		})
	})
	clean(func() { // where there is nothing of ours, it is not for us to shorten
		m := wire.Map{wire.Key: members + "b=1,c=1,tenant=x"}
		if p.Inject(m); m[wire.Key] != members+"b=1,c=1" {
			t.Error(m)
		}
	})
}

func TestHTTPHeaderIsACarrier(t *testing.T) {
	h := http.Header{}
	h.Add("Baggage", "theirs=1")
	h.Add("Baggage", "more=2")
	clean(func() {
		tenant.Set("t")
		wire.Trusted().Inject(h)
	})
	if got := fmt.Sprint(h); got != "map[Baggage:[theirs=1,more=2,tenant=t]]" {
		t.Error(got)
	}
	clean(func() {
		wire.Trusted().Extract(h).Run(func() { wantGet(t, tenant, "t") })
	})
}
