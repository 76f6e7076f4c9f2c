package slot

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"runtime/pprof"
	"slices"
	"unsafe"
)

// access is how the slot is reached; tests put a runtime in its place
// that has changed.
type access struct {
	load  func() unsafe.Pointer
	store func(unsafe.Pointer)
}

// init makes sure that this runtime does what this package relies on. A program
// that does not start is better than one that reads garbage. It takes 5 µs, and some
// 25 more for code that is read for the first time when a process starts.
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

// check tries the slot on the running goroutine, puts back what was there, and on
// another one. fault says what is not as expected. What is merely not found in the
// layout is done without.
//
// The other goroutine is a coroutine, because the main goroutine is locked to its
// thread while packages are initialized: to wait for a goroutine that go started
// would start a thread, which takes longer than all else here together.
func check(rt access) (found gLayout, fault string) {
	expect := func(ok bool, what string) {
		if !ok && fault == "" {
			fault = what
		}
	}
	before := rt.load()
	defer func() { rt.store(before) }()

	// 1. What is stored is loaded again, and a child has it.
	ours := new(Head)
	ours.Mark(nil)
	rt.store(unsafe.Pointer(ours))
	expect(rt.load() == unsafe.Pointer(ours), "a stored label set is not read back")
	inherited, child := born(rt)
	expect(inherited == unsafe.Pointer(ours), "a new goroutine does not start with its creator's label set")

	// 2. Real label sets are laid out as Head is, and are not taken for ours.
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("key", "value")))
	p := (*Head)(rt.load())
	expect(p != nil && !p.Marked() && slices.Equal(p.Labels(), []Label{{"key", "value"}}),
		"a label set is not a slice of key and value strings")
	if fault != "" {
		return gLayout{}, fault
	}

	// 3. Where ids are, and what the end of a goroutine looks like.
	self := sight()
	found = layoutOf(self, child)
	for range 5 {
		if found.id == 0 || found.mortal {
			break
		}
		// The g of the child was used again before anybody saw its end.
		_, child = born(rt)
		found = layoutOf(self, child)
	}
	return found, ""
}

// born starts a goroutine, and returns what it finds in its slot and how it looks
// from inside. It has ended then.
func born(rt access) (inherited unsafe.Pointer, s sighting) {
	next, stop := iter.Pull(func(yield func(sighting) bool) {
		inherited = rt.load()
		yield(sight())
	})
	s, _ = next()
	stop()
	return inherited, s
}

// layoutOf finds the one place where both goroutines had their ids, and sees
// whether the second, which has ended, is dead.
func layoutOf(first, second sighting) (found gLayout) {
	offsets := first.offsets & second.offsets
	if first.id == second.id || offsets == 0 || offsets&(offsets-1) != 0 {
		return gLayout{}
	}
	for offsets>>(found.id/4) != 1 {
		found.id += 4
	}
	found.mortal = second.g.id(found.id) == second.id && second.g.status(found.id) == statusDead
	return found
}
