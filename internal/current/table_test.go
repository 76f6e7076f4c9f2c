package current

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// crew is a number of living goroutines with roots.
type crew struct {
	let  chan struct{}
	wg   sync.WaitGroup
	kept atomic.Int64 // that found their roots at the end
	size int
}

func hire(size int) *crew {
	c := &crew{let: make(chan struct{}), size: size}
	var ready sync.WaitGroup
	for range size {
		ready.Add(1)
		c.wg.Go(func() {
			f := Mine()
			ready.Done()
			<-c.let
			if r := recall(); r != nil && &r.owner == f.Owner {
				c.kept.Add(1)
			}
		})
	}
	ready.Wait()
	return c
}

// dismiss ends the goroutines.
func (c *crew) dismiss(t *testing.T) {
	t.Helper()
	close(c.let)
	c.wg.Wait()
	if kept := int(c.kept.Load()); kept != c.size {
		t.Errorf("%d of %d living goroutines have lost their roots", c.size-kept, c.size)
	}
}

func TestTableTakesHalfOfItsCells(t *testing.T) {
	// Roots of living goroutines, which have as many g structures.
	const cells = 16
	roots := make(chan *root)
	let := make(chan struct{})
	for range cells {
		go func() {
			r := &root{id: slot.ID()}
			r.g, _ = slot.Self()
			roots <- r
			<-let
		}()
	}
	defer close(let)
	tab := newTable(cells)
	var in []*root
	for i := range cells {
		r := <-roots
		if ok := tab.put(r); ok != (i < cells/2) {
			t.Fatalf("put number %d: %v", i, ok)
		} else if ok {
			in = append(in, r)
		} else if e := tab.find(r.g.Addr()); e.g.Load() != 0 {
			t.Fatal("a root that was refused has a cell")
		}
	}
	if used := tab.used.Load(); used != cells/2 {
		t.Errorf("%d cells are used", used)
	}
	for _, r := range in {
		if !tab.put(r) { // again, in a full table
			t.Error("a root that is in the table is refused")
		}
		if have := tab.find(r.g.Addr()).root.Load(); have != r {
			t.Error("another root is found")
		}
	}
	if used := tab.used.Load(); used != cells/2 {
		t.Errorf("%d cells are used after putting the same again", used)
	}
}

func TestTableGrows(t *testing.T) {
	c := hire(1000)
	if cells := len(goroutines.Load().cells); cells < 2000 {
		t.Errorf("1000 living goroutines have %d cells", cells)
	}
	c.dismiss(t)
}

// A goroutine on a g that was used before does not find the former one's root.
func TestRecallKnowsFormerGoroutines(t *testing.T) {
	k := newKey("k")
	addrs := make(map[uintptr]bool)
	again := 0
	for range 500 {
		elsewhere(func() {
			g, _ := slot.Self()
			if addrs[g.Addr()] {
				again++
			}
			addrs[g.Addr()] = true
			if recall() != nil || get(k) != -1 {
				t.Fatal("a new goroutine has the root of a former one")
			}
			set(k, 1)
		})
	}
	if again == 0 {
		t.Error("no g was used again, and nothing was tested")
	}
}

// However small a table is asked for, the living keep their roots: when it is asked for,
// nobody knows how many there will be.
func TestReplaceKeepsTheLiving(t *testing.T) {
	for _, size := range []int{10, 100, 1000} {
		c := hire(size)
		tableLock.Lock()
		replace(minCells)
		tableLock.Unlock()
		c.dismiss(t)
	}
}

// Goroutines come, remember, recall and go, thousands of them, while the table is
// made larger and smaller and swept.
func TestTableUnderLoad(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	waves := 15
	if testing.Short() {
		waves = 3
	}
	k := newKey("k")
	var stopped atomic.Bool
	var others sync.WaitGroup
	others.Go(func() { // sweeps and makes smaller
		for !stopped.Load() {
			sweep()
			runtime.Gosched()
		}
	})
	others.Go(func() { // collections, and the sweeps that follow them
		for !stopped.Load() {
			runtime.GC()
			runtime.Gosched()
		}
	})
	others.Go(func() { // larger, and much too small
		for i := 0; !stopped.Load(); i++ {
			tableLock.Lock()
			if cells := len(goroutines.Load().cells); i%2 == 0 && cells < 1<<14 {
				replace(cells * 2)
			}
			tableLock.Unlock()
			runtime.Gosched()
		}
	})
	var lost, strangers atomic.Int64
	for wave := range waves {
		var wg sync.WaitGroup
		for i := range 1000 + wave%3*1000 {
			wg.Go(func() {
				if recall() != nil {
					strangers.Add(1)
				}
				set(k, i)
				mine := slot.ID()
				for range 5 {
					runtime.Gosched()
					switch r := recall(); {
					case r == nil:
						lost.Add(1)
						return
					case r.id != mine || r.owner.Top.Load() == nil:
						strangers.Add(1)
						return
					}
				}
				slot.Store(nil) // the worst that others could do
				if get(k) != i {
					lost.Add(1)
				}
			})
		}
		wg.Wait()
	}
	stopped.Store(true)
	others.Wait()
	if n := lost.Load(); n > 0 {
		t.Errorf("%d living goroutines have lost their roots", n)
	}
	if n := strangers.Load(); n > 0 {
		t.Errorf("%d goroutines have found roots of others", n)
	}
}

// The same without a replace of this test's own: as many as fill a table come while a
// sweep, which saw few, makes it smaller.
func TestSweepLosesNobodyWhoComesMeanwhile(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	tries := 50
	if testing.Short() {
		tries = 10
	}
	for range tries {
		tableLock.Lock()
		replace(1 << 12)
		tableLock.Unlock()
		var lost atomic.Int64
		var start atomic.Bool
		let := make(chan struct{})
		var ready, wg sync.WaitGroup
		for range 1500 {
			ready.Add(1)
			wg.Go(func() {
				for !start.Load() {
					runtime.Gosched()
				}
				Mine()
				ready.Done()
				<-let
				if recall() == nil {
					lost.Add(1)
				}
			})
		}
		wg.Go(func() {
			for !start.Load() {
				runtime.Gosched()
			}
			sweep()
		})
		start.Store(true)
		ready.Wait()
		close(let)
		wg.Wait()
		if n := lost.Load(); n > 0 {
			t.Fatalf("%d living goroutines have lost their roots", n)
		}
	}
}
