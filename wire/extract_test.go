package wire_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/wire"
)

func TestExtractIsACopyOfTheCurrentContext(t *testing.T) {
	clean(func() {
		tenant.Set("the server's")
		stays.Set("the server's")
		c := wire.Trusted().Extract(wire.Map{wire.Key: "request=r"})
		c.Run(func() {
			wantGet(t, tenant, "the server's")
			wantGet(t, stays, "the server's")
			wantGet(t, request, "r")
			tenant.Set("changed")
		})
		wantGet(t, tenant, "the server's")
		wantNone(t, request)
		wire.Trusted().Extract(wire.Map{wire.Key: "tenant=t"}).Run(func() { wantGet(t, tenant, "t") })
	})
}

func TestExtractedContextIsLikeAnyOther(t *testing.T) {
	clean(func() {
		c := wire.Trusted().Extract(wire.Map{wire.Key: "tenant=t,label=l"})
		if c.Len() != 2 {
			t.Errorf("it holds %d", c.Len())
		}
		c.Run(func() {
			wantGet(t, label, "l")
			token := tenant.Set("set")
			done := make(chan bool)
			go func() {
				wantGet(t, tenant, "set")
				close(done)
			}()
			<-done
			if !token.Restore() {
				t.Error("the token is refused")
			}
			wantGet(t, tenant, "t")
			if labels := current.Frame().Labels(); len(labels) != 1 || labels[0].Value != "l" {
				t.Errorf("profiler labels: %v", labels)
			}
			if list := names(); !slices.Equal(list, []string{"label", "tenant"}) {
				t.Error(list)
			}
		})
	})
}

func TestNothingArrives(t *testing.T) {
	for _, m := range []wire.Map{{}, {wire.Key: ""}, {wire.Key: " ,\t, "}, {wire.Key: "nobody=1;hops=1"}, {wire.ReplyKey: "tenant=t"}} {
		p, r := open()
		clean(func() {
			c := p.Extract(m)
			if n := c.Len(); n != 0 {
				t.Errorf("%v: %d variables", m, n)
			}
			for range 2 { // it is a context like any other
				c.Run(func() {
					defer tenant.Set("t").Restore()
					wantGet(t, tenant, "t")
					contextvars.CopyContext().Run(func() { wantGet(t, tenant, "t") })
				})
			}
		})
		r.want(t, nil)
	}
}

// The rules of https://www.w3.org/TR/baggage/.
func TestWhatTheSpecificationAllows(t *testing.T) {
	for list, want := range map[string]string{
		"tenant=t":                           "t",
		"\ttenant \t=  t\t ;p ; q = r":       "t",
		"a=1,tenant=t,b=2":                   "t",
		"tenant=":                            "",
		"tenant=a=b==":                       "a=b==",
		"tenant=%41%c3%A9":                   "Aé",
		"tenant=a+b":                         "a+b",
		"tenant=%2C%3b%20%25":                ",; %",
		"tenant=1,tenant=2":                  "2", // the last one counts
		"tenant=!#$&'()*+-./:<=>?@[]^_`{|}~": "!#$&'()*+-./:<=>?@[]^_`{|}~",
	} {
		p, r := open()
		received(p, list, func() { wantGet(t, tenant, want) })
		r.want(t, nil)
	}
}

// What is malformed is dropped by itself.
func TestMalformedMembers(t *testing.T) {
	for _, bad := range []string{
		"tenant", "tenant t", "=t", "tenant=a b", "tenant=\"t\"", "tenant=a\\b", "tenant=é", "tenant=\x01", "tenant=\x00", "tenant=a\x7f",
		"tenant=%", "tenant=%4", "tenant=a%", "tenant=a%4", "tenant=%zz", "tenant=%-1", "tenant=%ff", "tenant=t;\x00", "tenant=t;p=\"x\"", "ten ant=t", "\xff=t",
		"tenant=t;p=é", "tenant\x00=t", "tenant=a\nb", "tenant=\xc3\xa9",
	} {
		p, r := open()
		received(p, "request=r,"+bad+",debug=true", func() {
			wantNone(t, tenant)
			wantGet(t, request, "r")
			wantGet(t, debug, true)
			wantSent(t, p, "request=r") // nor is it passed on
		})
		if len(r.list) != 1 {
			t.Errorf("%q: %v", bad, r.list)
		}
	}
}

func TestListsOverALimitAreDroppedWhole(t *testing.T) {
	exact := "tenant=t," + strings.Repeat("a=1,", wire.MaxMembers-2) + "b=1"
	padded := "tenant=t,a=" + strings.Repeat("x", wire.MaxBytes-len("tenant=t,a="))
	for list, ok := range map[string]bool{exact: true, exact + ",c=1": false, padded: true, padded + "x": false,
		"tenant=t," + strings.Repeat("x", 1<<20): false, strings.Repeat(",", wire.MaxBytes-8) + "tenant=t": true} {
		p, r := open()
		received(p, list, func() {
			if _, got := tenant.Lookup(); got != ok {
				t.Errorf("%.20s... of %d bytes: accepted is %v", list, len(list), got)
			}
		})
		if !ok {
			r.want(t, map[string]error{"": wire.ErrTooLarge})
		}
		r.want(t, nil)
	}
}

type several []string

func (s several) Values(string) []string { return s }
func (several) Set(string, string)       {}

func TestSeveralHeadersAreOneList(t *testing.T) {
	p, r := open()
	clean(func() {
		p.Extract(several{"tenant=t,a=1", "", "request=r"}).Run(func() {
			wantGet(t, tenant, "t")
			wantGet(t, request, "r")
		})
		half := strings.Repeat("x", wire.MaxBytes/2)
		if n := p.Extract(several{"tenant=t", "a=" + half, "b=" + half}).Len(); n != 0 {
			t.Errorf("%d variables", n)
		}
	})
	r.want(t, map[string]error{"": wire.ErrTooLarge})
}

// A 1 MB header costs no memory.
func TestHostileListsAllocateNothing(t *testing.T) {
	m := several{strings.Repeat("tenant=t,", 1<<20/9)}
	p := wire.NewPeer("quiet", wire.Everything(), wire.ReportTo(func(wire.Report) {}))
	clean(func() {
		if n := testing.AllocsPerRun(100, func() { p.Extract(m) }); n > 12 {
			t.Errorf("%v allocations", n)
		}
	})
}

// A value does not keep the header that it came in: contexts of 8 KB headers are small.
func TestHeaderIsLetGo(t *testing.T) {
	p := wire.NewPeer("narrow", wire.Accept(tenant, aNamed, both, evil), wire.PassUnknown(), wire.ReportTo(func(wire.Report) {}))
	padding := ",evil=e,unknown=u,long=" + strings.Repeat("x", wire.MaxBytes-100)
	kept := make([]*contextvars.Context, 1000)
	clean(func() {
		before := heap()
		for i := range kept {
			kept[i] = p.Extract(wire.Map{wire.Key: fmt.Sprintf("tenant=t%d,named=n%d,both=%d", i, i, i) + padding})
		}
		if each := (int64(heap()) - int64(before)) / int64(len(kept)); each > 2000 {
			t.Errorf("each context keeps %d bytes", each)
		}
		kept[7].Run(func() {
			wantGet(t, tenant, "t7")
			wantGet(t, evil, "e")
			wantSent(t, wire.Trusted(), "unknown=u,tenant=t7,both=7,evil=e,named=n7")
		})
	})
	runtime.KeepAlive(kept)
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestNilPeerIsClosed(t *testing.T) {
	var p *wire.Peer
	clean(func() {
		stays.Set("here")
		p.Extract(wire.Map{wire.Key: "tenant=t,unknown=1"}).Run(func() {
			wantNone(t, tenant)
			wantGet(t, stays, "here")
			wantSent(t, wire.Trusted(), "")
		})
		p.ExtractReply(wire.Map{wire.ReplyKey: "cost=1"})
		wantNone(t, cost)
	})
	if p.Replies() || p.Name() != "nobody" || fmt.Sprint(p) != `<Peer "nobody">` {
		t.Error(p)
	}
}
