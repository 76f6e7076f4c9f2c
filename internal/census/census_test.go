package census_test

import (
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/census"
	"github.com/gocontextvars/contextvars/internal/declaration"
	"github.com/gocontextvars/contextvars/internal/slot"
)

const many = 1 << 20

var (
	name   = contextvars.New[string]("name")
	secret = contextvars.New[string]("secret", contextvars.Local())
)

// pen is where goroutines of a test wait, each of which says who it is.
type pen struct {
	t       *testing.T
	end     chan bool
	waiting sync.WaitGroup
	ended   sync.WaitGroup
	mu      sync.Mutex
	ids     map[string]uint64 // by the name that a goroutine has in the test
}

func newPen(t *testing.T) *pen {
	p := &pen{t: t, end: make(chan bool), ids: make(map[string]uint64)}
	t.Cleanup(func() {
		close(p.end)
		p.ended.Wait()
	})
	return p
}

// start starts a goroutine that calls before, if that is not nil, and waits. It returns when it does.
func (p *pen) start(who string, before func()) {
	p.ended.Add(1)
	p.waiting.Add(1)
	go func() {
		defer p.ended.Done()
		if before != nil {
			before()
		}
		p.wait(who)
	}()
	p.waiting.Wait()
}

func (p *pen) wait(who string) {
	p.mu.Lock()
	p.ids[who] = slot.ID()
	p.mu.Unlock()
	p.waiting.Done()
	<-p.end
}

func nameOf(g *census.Goroutine) string {
	if g.Content == nil {
		return ""
	}
	if w, ok := g.Content.Find(declaration.KeyOf(contextvars.Variable(name), "")); ok {
		return slot.Unpack[string](w, slot.PackingOf[string]())
	}
	return ""
}

func waits(g *census.Goroutine) bool {
	for _, f := range g.Stack {
		if strings.HasSuffix(f.Function, "(*pen).wait") {
			return true
		}
	}
	return false
}

// penned returns those that wait in a pen, when all of them have come to stand still.
func penned(t *testing.T, want int) map[uint64]*census.Goroutine {
	t.Helper()
	for range 1000 {
		found := make(map[uint64]*census.Goroutine)
		for _, g := range census.Take(many).Goroutines {
			if waits(g) && g.State == "chan receive" {
				found[g.ID] = g
			}
		}
		if len(found) >= want && found[0] == nil {
			return found
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("never found %d goroutines with ids", want)
	return nil
}

func TestGoroutinesThatSetAndThatInherit(t *testing.T) {
	p := newPen(t)
	p.start("set", func() { name.Set("own") })
	defer name.Set("mine").Restore()
	p.start("inherited", nil)
	p.start("changed", func() { name.Set("changed") })
	contextvars.Detach(func() { p.start("nothing", nil) })

	found := penned(t, 4)
	for who, want := range map[string]struct {
		name string
		own  bool
		from uint64
	}{
		"set":       {"own", true, 0},
		"inherited": {"mine", false, slot.ID()},
		"changed":   {"changed", true, 0},
		"nothing":   {"", false, slot.ID()},
	} {
		g := found[p.ids[who]]
		if g == nil {
			t.Fatalf("%s is not found", who)
		}
		if nameOf(g) != want.name || g.Own != want.own || g.InheritedFrom != want.from {
			t.Errorf("%s has %q, own: %v, from %d", who, nameOf(g), g.Own, g.InheritedFrom)
		}
		if g.Creator != slot.ID() || !strings.HasSuffix(g.Created.Function, "(*pen).start") {
			t.Errorf("%s was created by %v in %d", who, g.Created, g.Creator)
		}
		if !strings.HasSuffix(g.Stack[0].Function, "(*pen).wait") || g.Stack[0].Line == 0 {
			t.Errorf("%s stands in %v", who, g.Stack)
		}
	}
}

// The hard case: they stand at one place, have one creator and hold different values.
func TestGoroutinesAtOnePlaceAreToldApart(t *testing.T) {
	p := newPen(t)
	for i := range 300 {
		who := fmt.Sprint("g", i)
		name.With(who, func() { p.start(who, nil) })
	}
	found := penned(t, 300)
	for who, id := range p.ids {
		if g := found[id]; g == nil || nameOf(g) != who {
			t.Fatalf("goroutine %d, %s, is said to be %v", id, who, g)
		}
	}
}

func TestRunningGoroutineThatHasSetIsFound(t *testing.T) {
	stop, stopped := make(chan bool), make(chan uint64)
	started := make(chan bool)
	go func() {
		defer name.Set("busy").Restore()
		close(started)
		for {
			select {
			case <-stop:
				stopped <- slot.ID()
				return
			default:
				busy()
				if runtime.GOARCH == "wasm" {
					runtime.Gosched() // there nobody takes the thread away from it
				}
			}
		}
	}()
	<-started
	var found []uint64
	for range 20 {
		for _, g := range census.Take(many).Goroutines {
			if nameOf(g) == "busy" {
				if !g.Own && g.ID != 0 {
					t.Errorf("it is taken for one that inherited: %+v", g)
				}
				found = append(found, g.ID)
			}
		}
	}
	close(stop)
	id := <-stopped
	if len(found) != 20 {
		t.Errorf("it is found %d times in 20", len(found))
	}
	for _, f := range found {
		if f != id {
			t.Errorf("goroutine %d is said to be %d", id, f)
		}
	}
}

//go:noinline
func busy() {
	for range 1000 {
		runtime.KeepAlive(name)
	}
}

func TestLocalVariablesAreTheirOwners(t *testing.T) {
	p := newPen(t)
	p.start("owner", func() {
		secret.Set("x")
		p.waiting.Add(1)
		p.ended.Add(1)
		go func() {
			defer p.ended.Done()
			p.wait("child")
		}()
	})
	found := penned(t, 2)
	if g := found[p.ids["owner"]]; g == nil || !g.Own {
		t.Errorf("owner: %+v", g)
	}
	if g := found[p.ids["child"]]; g == nil || g.Own || g.InheritedFrom != p.ids["owner"] {
		t.Errorf("child: %+v", g)
	}
}

func TestInheritedFromAContextThatWasLeft(t *testing.T) {
	p := newPen(t)
	contextvars.NewContext().Run(func() {
		name.Set("left")
		p.start("child", nil)
	})
	g := penned(t, 1)[p.ids["child"]]
	if g == nil || nameOf(g) != "left" || g.InheritedFrom != slot.ID() {
		t.Errorf("%+v", g)
	}
}

func TestDisplacedByProfilerLabels(t *testing.T) {
	p := newPen(t)
	foreign := pprof.WithLabels(context.Background(), pprof.Labels("k", "v"))
	p.start("displaced", func() {
		name.Set("outer")
		pprof.SetGoroutineLabels(foreign)
	})
	p.start("carried", func() {
		name.Set("carried")
		ctx := contextvars.WithContext(context.Background(), contextvars.CopyContext())
		pprof.SetGoroutineLabels(pprof.WithLabels(ctx, pprof.Labels("k", "v")))
	})
	found := penned(t, 2)
	if g := found[p.ids["displaced"]]; g == nil || nameOf(g) != "outer" || !g.Displaced || !g.Own {
		t.Errorf("displaced: %+v", g)
	}
	if g := found[p.ids["carried"]]; g == nil || nameOf(g) != "carried" {
		t.Errorf("carried: %+v", g)
	}
}

func TestLentContent(t *testing.T) {
	p := newPen(t)
	defer name.Set("lent").Restore()
	contextvars.Lend(func() {
		p.start("borrower", nil)
		if g := penned(t, 1)[p.ids["borrower"]]; g == nil || nameOf(g) != "lent" {
			t.Errorf("while it is lent: %+v", g)
		}
	})
	if g := penned(t, 1)[p.ids["borrower"]]; g == nil || nameOf(g) != "" {
		t.Errorf("after: %+v", g)
	}
}

func TestTooManyAreNotDumped(t *testing.T) {
	p := newPen(t)
	defer name.Set("mine").Restore()
	p.start("inherited", nil)
	c := census.Take(1)
	found := 0
	for _, g := range c.Goroutines {
		if nameOf(g) == "mine" {
			found++
		}
	}
	if c.Dumped || c.Stopped != 0 || found < 2 {
		t.Errorf("dumped: %v, stopped %v, found %d", c.Dumped, c.Stopped, found)
	}
}

// What is told is right while goroutines come, go and change, but for one in thousands: see TestJoinWhileTheyComeAndGo.
func TestClaimsInACrowd(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds under the race detector")
	}
	var (
		mu   sync.Mutex
		ids  = map[uint64]string{} // every name that a goroutine ever had is of this form
		stop = make(chan bool)
		all  sync.WaitGroup
	)
	for i := range 8 {
		all.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				who := fmt.Sprintf("%d-%d", i, n)
				done := make(chan bool)
				token := name.Set(who)
				go func() {
					mu.Lock()
					ids[slot.ID()] = who
					mu.Unlock()
					time.Sleep(time.Duration(n%7) * time.Millisecond)
					done <- true
				}()
				token.Restore()
				if n%3 > 0 {
					<-done
				} else {
					all.Go(func() { <-done })
				}
			}
		})
	}
	type claim struct {
		id   uint64
		name string
	}
	var claims []claim
	for range 40 {
		for _, g := range census.Take(many).Goroutines {
			if g.ID != 0 && !g.Own && nameOf(g) != "" {
				claims = append(claims, claim{g.ID, nameOf(g)})
			}
		}
	}
	close(stop)
	all.Wait()
	wrong := 0
	for _, c := range claims {
		if is, ok := ids[c.id]; ok && is != c.name {
			wrong++
			t.Logf("goroutine %d, %s, was said to be %s", c.id, is, c.name)
		}
	}
	if wrong*100 > len(claims) || len(claims) < 40 {
		t.Errorf("%d of %d claims are wrong", wrong, len(claims))
	}
}

func BenchmarkTakeOf10000(b *testing.B) {
	end := make(chan bool)
	var ended sync.WaitGroup
	for i := range 10000 {
		name.With(fmt.Sprint(i), func() { ended.Go(func() { deep(8, end) }) })
	}
	for b.Loop() {
		b.ReportMetric(float64(census.Take(many).Stopped.Milliseconds()), "ms-stopped")
	}
	close(end)
	ended.Wait()
}

//go:noinline
func deep(n int, end chan bool) {
	if n > 0 {
		deep(n-1, end)
		return
	}
	<-end
}

func TestWhoLooksIsKnown(t *testing.T) {
	defer name.Set("looker").Restore()
	secret.Set("s")
	for _, g := range census.Take(many).Goroutines {
		if nameOf(g) == "looker" && (g.ID != slot.ID() || !g.Own || g.Inherited) {
			t.Errorf("%+v", g)
		}
	}
	done := make(chan bool)
	go func() { // whoever looks may have inherited, too
		defer close(done)
		found := false
		for _, g := range census.Take(many).Goroutines {
			if g.ID == slot.ID() {
				found = true
				if g.Own || !g.Inherited || nameOf(g) != "looker" {
					t.Errorf("%+v", g)
				}
			}
		}
		if !found {
			t.Error("it is not found")
		}
	}()
	<-done
}

func TestTooDeepAreNotDumped(t *testing.T) {
	const depth = 80
	end := make(chan bool)
	var ended sync.WaitGroup
	for range 20 {
		ended.Go(func() { deep(depth, end) })
	}
	defer ended.Wait()
	defer close(end)
	var c *census.Census
	for standing := 0; standing < 20; {
		runtime.Gosched() // where there is one thread, nobody else runs otherwise
		c, standing = census.Take(many), 0
		for _, g := range c.Goroutines {
			if g.State == "chan receive" && len(g.Stack) > depth {
				standing++
			}
		}
	}
	if n := len(c.Goroutines); census.Take(n + 10).Dumped {
		t.Errorf("%d goroutines, of which 20 are %d deep, are dumped", n, depth)
	}
}
