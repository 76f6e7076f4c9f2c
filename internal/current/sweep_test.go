package current

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"weak"

	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// settled lets collections and their sweeps go by until done, or for long enough.
func settled(done func() bool) bool {
	for range 200 {
		runtime.GC()
		for range 100 {
			runtime.Gosched()
		}
		if done() {
			return true
		}
	}
	return false
}

func rootsInTable() (n int) {
	tableLock.Lock()
	defer tableLock.Unlock()
	t := goroutines.Load()
	for i := range t.cells {
		if t.cells[i].root.Load() != nil {
			n++
		}
	}
	return n
}

func empty() bool { return rootsInTable() == 0 }

// idle brings the table to rest: no roots, and nobody waiting for a collection.
func idle(t *testing.T) {
	t.Helper()
	if recall() != nil {
		t.Fatal("this test must not have a root itself")
	}
	if !settled(func() bool { return empty() && !sweepArmed.Load() }) {
		t.Fatalf("the table does not come to rest: %d roots, armed %v", rootsInTable(), sweepArmed.Load())
	}
}

func TestRootsOfTheDeadAreFree(t *testing.T) {
	k := newKey("k")
	var values []weak.Pointer[payload]
	var roots []weak.Pointer[root]
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 3000 {
		wg.Go(func() {
			v := setFresh(k)
			mu.Lock()
			defer mu.Unlock()
			values, roots = append(values, v), append(roots, weak.Make(recall()))
		})
	}
	wg.Wait()
	for _, w := range values {
		if !collected(w) {
			t.Fatal("a value of a goroutine that has ended is kept")
		}
	}
	for _, w := range roots {
		if !collected(w) {
			t.Fatal("the root of a goroutine that has ended is kept")
		}
	}
}

func TestTableIsSmallAgainAfterwards(t *testing.T) {
	c := hire(5000)
	grown := len(goroutines.Load().cells)
	c.dismiss(t)
	// Twice the least is as good: a sweep does not care for so little.
	small := func() bool { return len(goroutines.Load().cells) <= 2*minCells }
	if grown <= 2*minCells || !settled(small) {
		t.Errorf("the table has grown to %d cells, and keeps %d of them", grown, len(goroutines.Load().cells))
	}
}

func TestSweepIsArmedOnlyWhileThereAreRoots(t *testing.T) {
	idle(t)
	for range 3 {
		runtime.GC()
		if sweepArmed.Load() {
			t.Fatal("armed without roots")
		}
	}
	c := hire(1)
	for range 5 { // after every collection anew
		if !settled(sweepArmed.Load) {
			t.Fatal("not armed while there is a root")
		}
	}
	c.dismiss(t)
	idle(t)
}

// A goroutine that remembers its root while a sweep goes on, behind its back or before
// its eyes, is swept some day.
func TestRootsRememberedDuringASweepAreSwept(t *testing.T) {
	rounds := 30000
	if testing.Short() {
		rounds = 300
	}
	var spin atomic.Int64
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	idle(t)
	for round := range rounds {
		sweepArmed.Store(true) // as when a collection has come
		start := make(chan struct{})
		var wg sync.WaitGroup
		wg.Go(func() {
			<-start
			sweep()
		})
		wg.Go(func() {
			<-start
			for range round % 100 { // at another moment each time
				spin.Add(1)
			}
			Mine()
		})
		close(start)
		wg.Wait()
		// Not at once: a sweep that follows an earlier collection may be on its way.
		if !empty() && !sweepArmed.Load() && !settled(empty) {
			t.Fatalf("round %d: a root is in the table, and no sweep will ever come", round)
		}
		if round%100 == 0 {
			idle(t)
		}
	}
	idle(t)
}

// orphan starts a goroutine that sets k, starts a child that inherits it, sets k once
// more, and ends. It returns the last value, the g, and how to end the child.
func orphan(k *frame.Key) (latest weak.Pointer[payload], g uintptr, end func()) {
	let := make(chan struct{})
	elsewhere(func() {
		setFresh(k)
		go func() { <-let }()
		latest = setFresh(k)
		self, _ := slot.Self()
		g = self.Addr()
	})
	return latest, g, func() { close(let) }
}

// A child holds what it inherited, and the owner of that, which must not lead to what its
// dead parent set later. There are three ways for a root to leave the table.

func TestChildKeepsNoLaterValueAfterASweep(t *testing.T) {
	latest, _, end := orphan(newKey("k"))
	defer end()
	if !collected(latest) {
		t.Error("a child keeps what its dead parent set after it was started")
	}
}

func TestChildKeepsNoLaterValueAfterTheTableIsReplaced(t *testing.T) {
	latest, g, end := orphan(newKey("k"))
	defer end()
	tableLock.Lock()
	for goroutines.Load().find(g).root.Load() != nil { // until the parent is seen to be gone
		replace(len(goroutines.Load().cells))
		runtime.Gosched()
	}
	tableLock.Unlock()
	if !collected(latest) {
		t.Error("a child keeps what its dead parent set after it was started")
	}
}

func TestChildKeepsNoLaterValueAfterItsParentsGIsUsedAgain(t *testing.T) {
	again := false
	for range 100 {
		latest, g, end := orphan(newKey("k"))
		for range 20 {
			elsewhere(func() {
				Mine()
				self, _ := slot.Self()
				again = self.Addr() == g
			})
			if again {
				break
			}
		}
		if again && !collected(latest) {
			t.Error("a child keeps what its dead parent set after it was started")
		}
		end()
		if again {
			return
		}
	}
	t.Error("no g was used again, and nothing was tested")
}
