package current

import (
	"runtime"
	"sync/atomic"
)

// Nothing tells when a goroutine ends, so after each garbage collection the table is
// searched for roots of goroutines that are gone. What they held is then
// free for the next collection.

var sweepArmed atomic.Bool

// sentinel becomes garbage at once; its finalizer tells of a collection. It has
// a pointer, because the runtime packs small objects without any together and
// then may never finalize them.
type sentinel struct{ _ *int }

// armSweep makes sure that a sweep follows the next collection.
func armSweep() {
	if sweepArmed.Load() || !sweepArmed.CompareAndSwap(false, true) {
		return
	}
	// Not on the finalizers' goroutine itself: others wait for that. No goroutine
	// waits in between, so that those who count goroutines count none of ours.
	runtime.SetFinalizer(new(sentinel), func(*sentinel) { go sweep() })
}

func sweep() {
	// Before the search: whoever comes too late for it arms the next one.
	sweepArmed.Store(false)
	tableLock.Lock()
	t := goroutines.Load()
	living := 0
	for i := range t.cells {
		e := &t.cells[i]
		r := e.root.Load()
		if r == nil {
			continue
		}
		if !r.gone() {
			living++
			continue
		}
		// A new goroutine may have entered its own root just now.
		e.root.CompareAndSwap(r, nil)
		r.forget()
	}
	size := minCells
	for size < 8*living {
		size *= 2
	}
	if size < len(t.cells)/2 { // small differences are not worth it
		replace(size)
	}
	tableLock.Unlock()
	if living > 0 {
		armSweep()
	}
}
