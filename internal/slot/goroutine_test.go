package slot

import (
	"iter"
	"runtime"
	"sync"
	"testing"
	"time"
)

// checkID compares the running goroutine's ID with what a traceback prints.
func checkID(t *testing.T, where string) {
	t.Helper()
	if have, want := ID(), printedID(); have != want {
		t.Errorf("%s: ID is %d, a traceback says %d", where, have, want)
	}
}

func TestIdentityIsFoundOnThisRuntime(t *testing.T) {
	if layout.id == 0 || !layout.mortal || !Mortal() {
		t.Errorf("layout is %+v: IDs are slow, and goroutines that have ended are never seen", layout)
	}
}

func TestIDIsThePrintedOne(t *testing.T) {
	checkID(t, "test")
	if g, ok := Self(); !ok || g.Addr() != uintptr(getg()) {
		t.Error("Self is not the running goroutine's g")
	}
	if FastID() != ID() {
		t.Error("FastID is another")
	}

	var wg sync.WaitGroup
	for range 300 {
		wg.Go(func() {
			checkID(t, "one of many")
			runtime.Gosched()
			checkID(t, "one of many, later")
		})
	}
	wg.Wait()

	wg.Go(func() {
		runtime.LockOSThread()
		checkID(t, "locked thread")
		elsewhere(func() { checkID(t, "child of a locked thread") })
		runtime.Gosched()
		checkID(t, "locked thread, later")
		runtime.UnlockOSThread()
	})
	wg.Go(func() {
		runtime.LockOSThread() // and the thread ends with it
		checkID(t, "locked for good")
	})
	wg.Wait()

	fired := make(chan bool)
	time.AfterFunc(0, func() {
		checkID(t, "timer")
		close(fired)
	})
	<-fired

	finalized := make(chan bool)
	runtime.SetFinalizer(&struct{ p *int }{}, func(any) {
		checkID(t, "finalizer")
		close(finalized)
	})
	for done := false; !done; {
		runtime.GC()
		select {
		case <-finalized:
			done = true
		default:
			runtime.Gosched()
		}
	}
}

func TestIDInCoroutines(t *testing.T) {
	outer := ID()
	inner := make(map[uint64]bool)
	next, stop := iter.Pull(func(yield func(int) bool) {
		for i := range 5 {
			checkID(t, "coroutine")
			inner[ID()] = true
			if !yield(i) {
				return
			}
		}
	})
	next()
	checkID(t, "after next")
	elsewhere(func() { // by another goroutine
		checkID(t, "before next")
		next()
		checkID(t, "after next")
	})
	stop()
	checkID(t, "after stop")
	elsewhere(func() {
		runtime.LockOSThread() // as the coroutine is, then
		defer runtime.UnlockOSThread()
		next, stop := iter.Pull(func(yield func(int) bool) {
			checkID(t, "coroutine on a locked thread")
			yield(1)
		})
		defer stop()
		next()
		checkID(t, "locked thread, after next")
	})
	if inner[outer] || len(inner) != 1 {
		t.Errorf("a coroutine of goroutine %d had ids %v", outer, inner)
	}
}

// A g that is used again is another goroutine.
func TestIDOnAGThatIsUsedAgain(t *testing.T) {
	const goroutines = 2000
	byAddr, ids := make(map[uintptr]int), make(map[uint64]bool)
	for range goroutines {
		elsewhere(func() {
			g, _ := Self()
			byAddr[g.Addr()]++
			if ids[ID()] {
				t.Fatalf("id %d was given twice", ID())
			}
			ids[ID()] = true
			checkID(t, "used again")
		})
	}
	if len(byAddr) > goroutines/2 {
		t.Errorf("%d goroutines had %d g structures: none was used again, and nothing was tested", goroutines, len(byAddr))
	}
}

// withLayout sets the layout for the length of a test.
func withLayout(t *testing.T, l gLayout) {
	was := layout
	t.Cleanup(func() { layout = was })
	layout = l
}

func TestIdentityWithoutALayout(t *testing.T) {
	fast := ID()
	withLayout(t, gLayout{})
	if _, ok := Self(); ok || Mortal() {
		t.Error("there is a g whose layout is not known")
	}
	if ID() != fast || ID() != printedID() {
		t.Errorf("ID is %d, and was %d", ID(), fast)
	}
	ids := make(map[uint64]bool)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			id := ID()
			mu.Lock()
			defer mu.Unlock()
			if ids[id] || id == 0 || id != printedID() {
				t.Errorf("id %d is given twice, or is another's", id)
			}
			ids[id] = true
			if FastID() == id || FastID() == 0 {
				t.Error("FastID is somebody's id")
			}
		})
	}
	wg.Wait()
	w := whoami{id: 1}
	if w.gone() {
		t.Error("somebody of whom nothing is known is gone")
	}
}

func BenchmarkID(b *testing.B) {
	for b.Loop() {
		ID()
	}
}

func BenchmarkPrintedID(b *testing.B) {
	for b.Loop() {
		printedID()
	}
}
