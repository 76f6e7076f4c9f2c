package slot

import (
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"slices"
	"time"
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
		expect := func(ok bool, fault string) {
			if !ok && v.fault == "" {
				v.fault = fault
			}
		}
		// 1. What is stored is loaded again, and a child has it.
		ours := new(Head)
		ours.Mark(nil)
		rt.store(unsafe.Pointer(ours))
		expect(rt.load() == unsafe.Pointer(ours), "a stored label set is not read back")
		inherited := make(chan unsafe.Pointer)
		var child sighting
		go func() {
			child = sight()
			inherited <- rt.load()
		}()
		expect(<-inherited == unsafe.Pointer(ours), "a new goroutine does not start with its creator's label set")
		// 2. Real label sets are laid out as Head is, and are not taken for ours.
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("key", "value")))
		p := (*Head)(rt.load())
		expect(p != nil && !p.Marked() && slices.Equal(p.Labels(), []Label{{"key", "value"}}),
			"a label set is not a slice of key and value strings")
		v.first, v.second = sight(), child
		done <- v
	}()
	v := <-done
	if v.fault != "" {
		return gLayout{}, v.fault
	}
	found = layoutOf(v.first, v.second)
	for range 5 {
		if found.id == 0 || found.mortal {
			break
		}
		// The g of the second was used again before anybody saw its end.
		next := make(chan sighting)
		go func() { next <- sight() }()
		found = layoutOf(v.first, <-next)
	}
	return found, ""
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
	found.mortal = second.dies(found.id)
	return found
}

// dies waits until the goroutine, which is about to end, has the status dead, and
// returns false if that does not come about, or goes unseen because its g is used
// again. It takes a microsecond, but for one start in ten thousand, on which the
// system does not let the goroutine run.
func (s sighting) dies(offset uintptr) bool {
	for try := range 150 {
		if s.g.id(offset) != s.id {
			return false
		}
		if s.g.status(offset) == statusDead {
			return true
		}
		if try < 100 {
			runtime.Gosched()
		} else {
			time.Sleep(100 * time.Microsecond)
		}
	}
	return false
}
