package slot

import (
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

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
