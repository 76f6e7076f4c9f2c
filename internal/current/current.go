// Package current is the mutable half of a context: which frame is in force on
// the running goroutine, whose it is, and how it is found again after somebody
// else has written to the slot.
//
// Invariants, on which everything above relies:
//
//   - A frame in the slot whose owner is EnteredBy the running goroutine was put
//     there by it. Any other was inherited.
//   - The frame in force is in its owner's Top, always; the slot holds that very
//     frame, or one on lease that leads to it.
//   - The owners that a goroutine has entered form a chain from its root over
//     Inner; the last is the one in force.
package current

import (
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// Frame returns the frame in the running goroutine's slot, nil if it has none.
// It may be a frame on lease: ask Content for what it holds.
func Frame() *frame.Frame {
	if h := slot.Load(); h != nil && h.Marked() {
		return slot.Outer[frame.Frame](h)
	}
	return lost()
}

// Content returns what the running goroutine sees; nil is empty.
func Content() *frame.Frame {
	if f := Frame(); f != nil {
		return f.Content()
	}
	return nil
}

// Mine returns what the running goroutine sees, as content of a context that
// belongs to it. A goroutine that has none gets an implicit one here.
func Mine() *frame.Frame {
	id := slot.FastID()
	if h := slot.Load(); h != nil && h.Marked() {
		if f := slot.Outer[frame.Frame](h); f.Owner.EnteredBy(id) && f.Owner.Lease == nil {
			return f
		}
	}
	return mine()
}

func mine() *frame.Frame {
	f, id := Frame(), slot.ID()
	if f != nil && f.Owner.EnteredBy(id) {
		return f.Owner.Top.Load()
	}
	return newRoot(id, f)
}

// Find returns the word that k has on the running goroutine.
func Find(k *frame.Key) (slot.Word, bool) {
	var f *frame.Frame
	if h := slot.Load(); h != nil && h.Marked() {
		f = slot.Outer[frame.Frame](h)
	} else if f = lost(); f == nil {
		return slot.Word{}, false
	}
	if k.Local && !f.Owner.EnteredBy(slot.ID()) {
		return slot.Word{}, false
	}
	if f = f.Content(); f == nil {
		return slot.Word{}, false
	}
	return f.Find(k)
}

// Set gives k the word w in the context in force. It returns the frame that has been
// made the one in force, and the one that was.
func Set(k *frame.Key, w slot.Word) (next, prev *frame.Frame) {
	label := k.Label(w) // runs code of users, which may set variables, too
	id := slot.FastID()
	if h := slot.Load(); h != nil && h.Marked() {
		prev = slot.Outer[frame.Frame](h)
		if o := prev.Owner; o.EnteredBy(id) && o.Lease == nil {
			// The common case is Mine, With and Install without two of the calls.
			next = prev.With(k, w, label)
			o.Top.Store(next)
			slot.Store(&next.Head)
			return next, prev
		}
	}
	prev = mine()
	next = prev.With(k, w, label)
	Install(next)
	return next, prev
}

// Undo gives k the word that it had in prev, or none, if the context that next was
// made for is the current one; else it returns false.
func Undo(k *frame.Key, next, prev *frame.Frame) bool {
	h := slot.Load()
	if h != &next.Head {
		return undo(k, next, prev)
	}
	// Nothing has happened since, but for go statements.
	o := next.Owner
	if !o.EnteredBy(slot.FastID()) {
		return undo(k, next, prev)
	}
	o.Top.Store(prev)
	slot.Store(&prev.Head)
	return true
}

func undo(k *frame.Key, next, prev *frame.Frame) bool {
	o := next.Owner
	if f := Frame(); f == nil || f.Owner != o || !o.EnteredBy(slot.ID()) {
		return false
	}
	if f := o.Top.Load(); f != next {
		if w, ok := prev.Find(k); ok {
			prev = f.With(k, w, prev.LabelOf(k))
		} else {
			prev = f.Without(k)
		}
	}
	Install(prev)
	return true
}

// Install makes f, made from what Mine returned, the frame in force.
func Install(f *frame.Frame) {
	o := f.Owner
	o.Top.Store(f)
	if o.Lease != nil {
		f = o.Lease.Lend(f)
	}
	slot.Store(&f.Head)
}
