package slot

import (
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
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

// whoami is a goroutine as others see it.
type whoami struct {
	g  G
	id uint64
}

func me() whoami {
	g, _ := Self()
	return whoami{g, ID()}
}

func (w whoami) gone() bool { return w.g.Gone(w.id) }

// awaitGone reports whether w is seen to be gone before long. A goroutine is not quite
// gone when its function has returned.
func awaitGone(w whoami) bool {
	for range 1_000_000 {
		if w.gone() {
			return true
		}
		runtime.Gosched()
	}
	return false
}

func TestGoneAfterTheEnd(t *testing.T) {
	ends := map[string]func(){
		"return": func() {},
		"Goexit": runtime.Goexit,
		"panic": func() {
			defer func() { _ = recover() }()
			panic("end")
		},
		"locked thread": runtime.LockOSThread,
	}
	for name, end := range ends {
		var w whoami
		elsewhere(func() {
			w = me()
			if w.gone() {
				t.Errorf("%s: gone before the end", name)
			}
			end()
		})
		if !awaitGone(w) {
			t.Errorf("%s: never gone", name)
		}
	}
	var w whoami
	next, stop := iter.Pull(func(yield func(int) bool) {
		w = me()
		yield(1)
	})
	next()
	if w.gone() {
		t.Error("a suspended coroutine is gone")
	}
	stop()
	if !awaitGone(w) {
		t.Error("a coroutine that was stopped is never gone")
	}
}

// Who was on a g before is gone while the next one lives there.
func TestGoneOnAGThatIsUsedAgain(t *testing.T) {
	former := make(map[uintptr]whoami)
	again := 0
	for range 500 {
		elsewhere(func() {
			w := me()
			if old, ok := former[w.g.Addr()]; ok {
				again++
				if !old.gone() {
					t.Fatal("somebody lives on the g of another who is not gone")
				}
			}
			if w.gone() {
				t.Fatal("a living goroutine is gone")
			}
			former[w.g.Addr()] = w
		})
	}
	if again == 0 {
		t.Error("no g was used again, and nothing was tested")
	}
}

// Goroutines in all states, while others come and go, stacks grow, the garbage
// collector works and everything is preempted: none is ever gone.
func TestTheLivingAreNeverGone(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	looks := 300
	if testing.Short() {
		looks = 30
	}
	var living []whoami
	var stopped atomic.Bool
	stop, ready := make(chan struct{}), make(chan whoami)
	var wg sync.WaitGroup
	live := func(f func()) {
		wg.Go(func() {
			ready <- me()
			f()
		})
		living = append(living, <-ready)
	}
	for range 8 {
		live(func() { <-stop }) // blocked
		live(func() {           // on and off
			for !stopped.Load() {
				runtime.Gosched()
			}
		})
		live(func() { // with a stack that moves
			var grow func(n int) int
			grow = func(n int) int {
				var frame [128]int
				if n == 0 {
					return frame[0]
				}
				return grow(n-1) + frame[n%128]
			}
			for !stopped.Load() {
				grow(100)
				runtime.Gosched()
			}
		})
		live(func() { // comes and goes
			for !stopped.Load() {
				elsewhere(func() {})
			}
		})
	}
	live(func() { // asleep
		for !stopped.Load() {
			time.Sleep(time.Microsecond)
		}
	})
	if runtime.GOARCH != "wasm" { // where nobody else would ever run
		live(func() { // running without a pause
			for !stopped.Load() {
			}
		})
	}
	live(func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		<-stop
	})
	next, end := iter.Pull(func(yield func(whoami) bool) { yield(me()) })
	coroutine, _ := next()
	living = append(living, coroutine, me())
	wg.Go(func() {
		for !stopped.Load() {
			runtime.GC()
			runtime.Gosched()
		}
	})
	var lookers sync.WaitGroup
	for range 2 {
		lookers.Go(func() {
			for range looks {
				for i, w := range living {
					if w.gone() {
						t.Errorf("living goroutine number %d is gone", i)
						return
					}
				}
				runtime.Gosched()
			}
		})
	}
	lookers.Wait()
	stopped.Store(true)
	close(stop)
	end()
	wg.Wait()
	mine := me()
	for i, w := range living {
		if w != mine && !awaitGone(w) {
			t.Errorf("goroutine number %d has ended and is never gone", i)
		}
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
