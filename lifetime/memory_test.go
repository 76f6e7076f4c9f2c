package lifetime_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
)

// Nobody has to let go of a work: what nobody holds is garbage, with its values.
func TestNothingIsKept(t *testing.T) {
	track(t, lifetime.Revoke(), lifetime.Report(func(lifetime.Use) {}))
	pointer := contextvars.New[*[64]byte]("pointer")
	var work weak.Pointer[lifetime.Work]
	var value weak.Pointer[[64]byte]
	lifetime.Run(contextvars.CopyContext(), "w", func() {
		work = weak.Make(lifetime.Current())
		p := new([64]byte)
		value = weak.Make(p)
		pointer.Set(p)
		contextvars.Bind(func() {})()
		done := make(chan bool)
		go func() { user.Set("ann"); close(done) }()
		<-done
	})
	for range 100 {
		runtime.GC()
		lifetime.Held() // looks through the timers
		if work.Value() == nil && value.Value() == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("still there: work %v, value %v", work.Value(), value.Value())
}

// Who has only the Work does not have its variables.
func TestWorkHoldsNoVariables(t *testing.T) {
	track(t)
	pointer := contextvars.New[*[64]byte]("pointer")
	var value weak.Pointer[[64]byte]
	w := during("w", func() {
		p := new([64]byte)
		value = weak.Make(p)
		pointer.Set(p)
	})
	for i := 0; value.Value() != nil; i++ {
		if runtime.GC(); i == 100 {
			t.Fatal("the value is still there")
		}
		time.Sleep(time.Millisecond)
	}
	runtime.KeepAlive(w)
}

func TestConcurrently(t *testing.T) {
	park := parked(t)
	var wg sync.WaitGroup
	var lock sync.Mutex
	var ids []uint64
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				stop := lifetime.Track(lifetime.Revoke(), lifetime.Report(func(lifetime.Use) { user.Get() }))
				w := during(fmt.Sprint(i), func() {
					user.Set("ann")
					go func() {
						for range 10 {
							user.Get()
							zone.Set("z")
							contextvars.CopyContext().Len()
						}
					}()
					contextvars.Bind(func() {})
				})
				lock.Lock()
				ids = append(ids, w.ID())
				lock.Unlock()
				stop()
			}
			stop := lifetime.Track()
			during("held", func() { go park() })
			lifetime.Held()
			stop()
		})
	}
	wg.Wait()
	slices.Sort(ids)
	want(t, "ids are unique", len(slices.Compact(ids)), 400)
}
