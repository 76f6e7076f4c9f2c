package debugvars

import (
	"context"
	"net/http"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
	"github.com/gocontextvars/contextvars/internal/slot"
	"github.com/gocontextvars/contextvars/lifetime"
)

// A crowd is goroutines that stand still until the end of the test.
type crowd struct {
	end chan bool
	wg  sync.WaitGroup
}

func newCrowd(t *testing.T) *crowd {
	c := &crowd{end: make(chan bool)}
	t.Cleanup(func() {
		close(c.end)
		c.wg.Wait()
	})
	return c
}

// start starts a goroutine that calls f and then stands still, and returns its number.
func (c *crowd) start(f func()) (id uint64) {
	ready := make(chan uint64)
	c.wg.Go(func() {
		f()
		ready <- slot.ID()
		<-c.end
	})
	return <-ready
}

func take(t *testing.T, q Query) *Snapshot {
	t.Helper()
	s, err := Take(q)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Snapshot) goroutine(t *testing.T, id uint64) *Goroutine {
	t.Helper()
	i := slices.IndexFunc(s.Goroutines, func(g *Goroutine) bool { return g.ID == id })
	if i < 0 {
		t.Fatalf("goroutine %d is not there: %s", id, inJSON(t, s))
	}
	return s.Goroutines[i]
}

func TestTake(t *testing.T) {
	c := newCrowd(t)
	var heir, rebel, grandchild, unsetter uint64
	setter := c.start(func() {
		tenant.Set("acme")
		heir = c.start(func() {
			grandchild = c.start(func() {})
		})
		rebel = c.start(func() { tenant.Set("other"); attempt.Set(3) })
		unsetter = c.start(func() { tenant.Unset() })
	})
	s := take(t, Query{Vars: []string{"tenant"}, Goroutine: setter})
	if s.Matching != 4 || s.Total < 5 || s.Took <= 0 || s.Stopped <= 0 || s.Stopped > s.Took || time.Since(s.Time) > time.Hour {
		t.Errorf("%s", inJSON(t, s))
	}
	for id, want := range map[uint64]struct {
		text    string
		from    uint64
		creator uint64
	}{
		setter: {"tenant=acme", 0, slot.ID()}, heir: {"tenant=acme", setter, setter},
		grandchild: {"tenant=acme", setter, heir}, rebel: {"attempt=3, tenant=other", 0, setter},
	} {
		g := s.goroutine(t, id)
		if g.values() != want.text || g.InheritedFrom != want.from || g.Inherited != (want.from != 0) || g.Creator != want.creator {
			t.Errorf("%d: %+v, want %+v", id, g, want)
		}
		if !strings.HasPrefix(g.State, "chan receive") || g.Created == nil || !strings.HasSuffix(g.Created.Func, ".Go") {
			t.Errorf("%d: %s, created by %+v", id, g.State, g.Created)
		}
		if g.Where == nil || !strings.Contains(g.Where.Func, "(*crowd).start") || !strings.HasSuffix(g.Where.File, "take_test.go") {
			t.Errorf("%d stands at %+v", id, g.Where)
		}
	}
	if slices.ContainsFunc(s.Goroutines, func(g *Goroutine) bool { return g.ID == unsetter }) {
		t.Error("one is listed that holds nothing")
	}
	tree := take(t, Query{Goroutine: setter, View: ViewTree}).Tree
	for len(tree) == 1 && tree[0].ID != setter {
		tree = tree[0].Started
	}
	if len(tree) != 1 || len(tree[0].Started) != 2 {
		t.Fatalf("%s", shape(tree))
	}
	// By number, which need not be the order in which they were started.
	i := slices.IndexFunc(tree[0].Started, func(n *Node) bool { return n.ID == heir })
	if i < 0 || tree[0].Started[1-i].ID != rebel || len(tree[0].Started[i].Started) != 1 || tree[0].Started[i].Started[0].ID != grandchild {
		t.Errorf("%s", shape(tree))
	}
}

// TestTakeBesideChanges is for the race detector: what is shown was set, whatever goes on.
func TestTakeBesideChanges(t *testing.T) {
	type pair struct{ A, B *int }
	pairs := contextvars.New[pair]("pair")
	maps := contextvars.New[map[int]int]("map")
	var workers sync.WaitGroup
	stop := make(chan bool)
	for range 4 {
		workers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				m := map[int]int{}
				token := pairs.Set(pair{&n, nil})
				maps.With(m, func() {
					child := make(chan bool)
					go func() {
						pairs.Set(pair{nil, &n})
						close(child)
					}()
					m[n] = n
					<-child
				})
				token.Restore()
			}
		})
	}
	for range 20 {
		for _, g := range take(t, Query{Search: "pair"}).Goroutines {
			for _, v := range g.Variables {
				if v.Name == "pair" && !strings.Contains(v.Value, "*int(0x") {
					t.Errorf("%+v", v)
				}
			}
		}
	}
	close(stop)
	workers.Wait()
}

// TestTakeOfAGoroutineThatEnded: it is gone, and those who have inherited from it are not.
func TestTakeOfAGoroutineThatEnded(t *testing.T) {
	c := newCrowd(t)
	var heir uint64
	done := make(chan uint64)
	go func() {
		tenant.Set("of one that ended")
		heir = c.start(func() {})
		done <- slot.ID()
	}()
	ended := <-done
	for {
		s := take(t, Query{Vars: []string{"tenant=of one that ended"}})
		if s.Matching == 2 {
			continue // it is about to end
		}
		g := s.goroutine(t, heir)
		if s.Matching != 1 || !g.Inherited || g.Creator != ended {
			t.Errorf("%s", inJSON(t, s))
		}
		return
	}
}

func TestTakeUnderForeignLabels(t *testing.T) {
	c := newCrowd(t)
	id := c.start(func() {
		tenant.Set("below labels")
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("foreign", "label")))
	})
	if g := take(t, Query{Vars: []string{"tenant=below labels"}}).goroutine(t, id); !g.Displaced {
		t.Errorf("%+v", g)
	}
}

func TestTakeNamesTasks(t *testing.T) {
	end := asyncio.NewEvent()
	runLoop(t, func() {
		asyncio.Go(func() error { tenant.Set("of a task"); return end.Wait() }, asyncio.WithName("waiter"))
	})
	s := take(t, Query{Vars: []string{"tenant=of a task"}})
	if s.Matching != 1 || s.Goroutines[0].Task == nil || s.Goroutines[0].Task.Name != "waiter" {
		t.Errorf("%s", inJSON(t, s))
	}
}

func TestTakeShowsLoops(t *testing.T) {
	runLoop(t, func() { goNamed("shown", sleepLong) })
	if s := take(t, Query{View: ViewLoops}); with(t, s.Loops, "shown") == nil || s.Goroutines != nil {
		t.Errorf("%s", inJSON(t, s))
	}
}

// TestHandlerSwitchesOn: once a handler is there, places and ended work are known.
func TestHandlerSwitchesOn(t *testing.T) {
	mux := http.NewServeMux()
	Register(mux, Provenance(), MinInterval(0))
	c := newCrowd(t)
	var holder uint64
	lifetime.Run(contextvars.NewContext(), "GET \x1b", func() {
		tenant.Set("of a request")
		holder = c.start(func() {})
		g := take(t, Query{Vars: []string{"tenant=of a request"}}).goroutine(t, holder)
		if g.Work == nil || g.Work.Name != `"GET \x1b"` || !g.Work.Ended.IsZero() || g.Work.Began.IsZero() {
			t.Errorf("%+v", g.Work)
		}
		site := g.Variables[0].Set
		if site == nil || site.Goroutine != slot.ID() || !strings.HasSuffix(site.File, "take_test.go") || time.Since(site.Time) > time.Hour {
			t.Errorf("%+v", site)
		}
	})
	var ended *Ended
	for _, e := range take(t, Query{View: ViewEnded}).Ended {
		if e.Name == `"GET \x1b"` {
			ended = &e
		}
	}
	if ended == nil || len(ended.Goroutines) != 1 || ended.Goroutines[0].ID != holder || ended.Ended.IsZero() {
		t.Errorf("%+v", ended)
	}
	if _, body := request(mux, "GET", Path+"?view=ended", ""); !strings.Contains(body, `"GET \x1b", work `) {
		t.Error(body)
	}
	if r, _ := request(mux, "GET", Path+assets+"style.css", ""); r.StatusCode != 200 {
		t.Error(r.Status)
	}
	if r, _ := request(mux, "GET", Path+"/other", ""); r.StatusCode != 404 {
		t.Error(r.Status)
	}
}

func TestTooManyGoroutinesAreCounted(t *testing.T) {
	c := newCrowd(t)
	c.start(func() { tenant.Set("one of many") })
	_, body := request(Handler(MaxGoroutines(1)), "GET", Path+"?var=tenant%3Done+of+many&group=tenant", "")
	if !strings.Contains(body, "tenant=one of many: 1 goroutine\n") {
		t.Error(body)
	}
}
