package current

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strconv"
	"testing"
	"weak"

	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// Words in these tests are ints unless a test is about memory.

func word(i int) slot.Word { return slot.Pack(i, slot.PackingOf[int]()) }

func newKey(name string) *frame.Key {
	k := &frame.Key{Name: name}
	k.Init()
	return k
}

func newLocal(name string) *frame.Key {
	k := &frame.Key{Name: name, Local: true}
	k.Init()
	return k
}

func newLabelled(name string) *frame.Key {
	k := &frame.Key{Name: name, Text: func(w slot.Word) string {
		return strconv.Itoa(slot.Unpack[int](w, slot.PackingOf[int]()))
	}}
	k.Init()
	return k
}

// get returns the int that k has here, -1 if none.
func get(k *frame.Key) int {
	w, ok := Find(slot.Load(), k)
	if !ok {
		return -1
	}
	return slot.Unpack[int](w, slot.PackingOf[int]())
}

func set(k *frame.Key, i int) (next, prev *frame.Frame) { return Set(k, word(i)) }

func expect(t *testing.T, where string, k *frame.Key, want int) {
	t.Helper()
	if have := get(k); have != want {
		t.Errorf("%s: %s is %d, want %d", where, k.Name, have, want)
	}
}

// elsewhere calls f on a goroutine of its own, which inherits what the caller has.
func elsewhere(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// collected reports whether the garbage collector lets go of w. Sweeps run
// in between, on goroutines of their own.
func collected[T any](w weak.Pointer[T]) bool {
	for range 100 {
		if w.Value() == nil {
			return true
		}
		runtime.GC()
		for range 100 {
			runtime.Gosched()
		}
	}
	return w.Value() == nil
}

type payload struct{ _ [64]byte }

// setFresh gives k a new payload, which nobody else holds.
func setFresh(k *frame.Key) weak.Pointer[payload] {
	p := new(payload)
	Set(k, slot.Pack(p, slot.PackingOf[*payload]()))
	return weak.Make(p)
}

// foreignLabels returns a ctx that knows nothing of us.
func foreignLabels(pairs ...string) context.Context {
	return pprof.WithLabels(context.Background(), pprof.Labels(pairs...))
}

// invariants fails where the goroutine's state is not as the package comment says.
func invariants(t *testing.T, where string) {
	t.Helper()
	h := slot.Load()
	if h == nil || !h.Marked() {
		t.Fatalf("%s: the slot is not ours", where)
	}
	f := slot.Outer[frame.Frame](h)
	o := f.Owner
	if !o.EnteredBy(slot.ID()) {
		t.Fatalf("%s: the frame in force belongs to another goroutine", where)
	}
	if top := o.Top.Load(); f.Content() != top {
		t.Fatalf("%s: the slot does not lead to what is in Top", where)
	}
	r := recall()
	if r == nil {
		t.Fatalf("%s: the goroutine's root is lost", where)
	}
	last := &r.owner
	for last.Inner != nil {
		last = last.Inner
		if !last.EnteredBy(slot.ID()) {
			t.Fatalf("%s: an owner in the chain is entered by another goroutine", where)
		}
	}
	if last != o {
		t.Fatalf("%s: the last owner of the chain is not the one in force", where)
	}
}

func TestNothingIsInForceOnANewGoroutine(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		if Frame() != nil || Content() != nil {
			t.Error("there is a frame")
		}
		expect(t, "here", k, -1)
		if slot.Load() != nil || recall() != nil {
			t.Error("asking has left something")
		}
	})
}

func TestSetIsSeenHereAndByChildren(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		set(k, 1)
		invariants(t, "after Set")
		expect(t, "here", k, 1)
		let, seen := make(chan bool), make(chan int)
		go func() {
			seen <- get(k)
			<-let
			seen <- get(k)
			set(k, 3)
			invariants(t, "child after Set")
			seen <- get(k)
		}()
		first := <-seen
		set(k, 2)
		let <- true
		if second, third := <-seen, <-seen; first != 1 || second != 1 || third != 3 {
			t.Errorf("the child saw %d, %d, %d", first, second, third)
		}
		expect(t, "here, afterwards", k, 2)
	})
}

func TestUndo(t *testing.T) {
	elsewhere(func() {
		a, b := newKey("a"), newKey("b")
		next, prev := set(a, 1)
		if !Undo(a, next, prev) {
			t.Error("Undo of the last Set fails")
		}
		expect(t, "undone", a, -1)
		next1, prev1 := set(a, 1)
		next2, prev2 := set(b, 2)
		next3, prev3 := set(a, 3)
		if !Undo(a, next1, prev1) { // out of order
			t.Error("Undo of an earlier Set fails")
		}
		expect(t, "first undone", a, -1)
		expect(t, "first undone", b, 2)
		if !Undo(a, next3, prev3) {
			t.Error("Undo of a later Set fails")
		}
		expect(t, "third undone", a, 1)
		if !Undo(b, next2, prev2) {
			t.Error("Undo of the second Set fails")
		}
		expect(t, "second undone", a, 1)
		expect(t, "second undone", b, -1)
		invariants(t, "after Undo")
	})
}

func TestUndoInAnotherContextChangesNothing(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		next, prev := set(k, 1)
		refused := func(where string) {
			if Undo(k, next, prev) {
				t.Errorf("%s: Undo succeeds", where)
			}
			expect(t, where, k, 1)
		}
		elsewhere(func() { refused("child") })
		elsewhere(func() {
			set(newKey("other"), 1)
			refused("child with a context of its own")
		})
		Do(Content(), func() { refused("inside Do") })
		if !Undo(k, next, prev) {
			t.Error("Undo fails at last")
		}
		expect(t, "undone", k, -1)
	})
}

func TestUndoAfterAForeignWrite(t *testing.T) {
	elsewhere(func() {
		k, other := newKey("k"), newKey("other")
		next, prev := set(k, 1)
		pprof.SetGoroutineLabels(foreignLabels("a", "1"))
		if !Undo(k, next, prev) {
			t.Error("Undo fails")
		}
		expect(t, "undone", k, -1)
		if h := slot.Load(); len(h.Labels()) != 1 {
			t.Errorf("labels are %v", h.Labels())
		}
		set(other, 1)
		invariants(t, "afterwards")
	})
}

func TestLocalIsSeenByItsGoroutineOnly(t *testing.T) {
	elsewhere(func() {
		k := newLocal("local")
		set(k, 1)
		expect(t, "here", k, 1)
		elsewhere(func() {
			expect(t, "child", k, -1)
			set(newKey("other"), 1)
			expect(t, "child with a context of its own", k, -1)
		})
		Do(Content().Shared(), func() { expect(t, "inside Do", k, -1) })
		expect(t, "afterwards", k, 1)
		pprof.SetGoroutineLabels(foreignLabels("a", "1"))
		expect(t, "after a foreign write", k, 1)
	})
}
