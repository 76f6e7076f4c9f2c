package slot

import (
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"unsafe"
)

// access is how the slot is reached; tests put a runtime in its place
// that has changed.
type access struct {
	load  func() unsafe.Pointer
	store func(unsafe.Pointer)
}

// init makes sure, in some 10 µs, that this runtime does what this package relies
// on. A program that does not start is better than one that reads garbage.
func init() {
	found, fault := check(access{getProfLabel, setProfLabel})
	if fault != "" {
		panic(refusal(runtime.Version(), fault))
	}
	layout = found
}

func refusal(version, fault string) string {
	return fmt.Sprintf("contextvars: this version does not know how %s keeps goroutine labels: %s. "+
		"Update github.com/gocontextvars/contextvars, or build the program with Go 1.26 or Go 1.27.", version, fault)
}

// check tries the slot on goroutines of its own, so that the caller's stays as it
// is. fault says what is not as expected. What is merely not found in the
// layout is done without.
func check(rt access) (found gLayout, fault string) {
	type verdict struct {
		first, second sighting
		fault         string
	}
	done := make(chan verdict)
	go func() {
		var v verdict
		// 1. What is stored is loaded again, and a child has it.
		ours := new(Head)
		ours.Mark(nil)
		rt.store(unsafe.Pointer(ours))
		if rt.load() != unsafe.Pointer(ours) {
			v.fault = "a stored label set is not read back"
		}
		inherited := make(chan unsafe.Pointer)
		var child sighting
		go func() {
			child = sight()
			inherited <- rt.load()
		}()
		if <-inherited != unsafe.Pointer(ours) {
			v.fault = "a new goroutine does not start with its creator's label set"
		}
		// 2. Real label sets are laid out as Head is, and are not taken for ours.
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("key", "value")))
		if p := (*Head)(rt.load()); p == nil || p.Marked() || p.n != 1 || int(p.mark) < p.n ||
			p.Labels()[0] != (Label{"key", "value"}) {
			v.fault = "a label set is not a slice of key and value strings"
		}
		v.first, v.second = sight(), child
		done <- v
	}()
	v := <-done
	if v.fault != "" {
		return gLayout{}, v.fault
	}
	return layoutOf(v.first, v.second), ""
}

// layoutOf finds the one place where both goroutines had their ids, and sees
// whether the second, which has nothing left to do, dies.
func layoutOf(first, second sighting) (found gLayout) {
	offsets := first.offsets & second.offsets
	if first.id == second.id || offsets == 0 || offsets&(offsets-1) != 0 {
		return gLayout{}
	}
	for offsets>>(found.id/4) != 1 {
		found.id += 4
	}
	for range 100 {
		if second.g.id(found.id) == second.id && second.g.status(found.id) == statusDead {
			found.mortal = true
			break
		}
		runtime.Gosched()
	}
	return found
}
