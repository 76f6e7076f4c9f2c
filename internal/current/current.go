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
// It may have its content on lease: ask Content for that.
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

// Shared returns what others may have of what the running goroutine sees; nil is empty.
func Shared() *frame.Frame {
	if f := Content(); f != nil {
		return f.Shared()
	}
	return nil
}

// Mine returns the frame in force on the running goroutine, as one of a context that
// belongs to it. A goroutine that has none gets an implicit one here.
func Mine() *frame.Frame {
	id := slot.FastID()
	if h := slot.Load(); h != nil && h.Marked() {
		if f := slot.Outer[frame.Frame](h); f.Owner.EnteredBy(id) && f.Owner.Terms.Load() == nil {
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

// Find returns the word that k has on the running goroutine, in whose slot is h, for users who read k.
func Find(h *slot.Head, k *frame.Key) (slot.Word, bool) {
	var f *frame.Frame
	if h != nil && h.Marked() {
		f = slot.Outer[frame.Frame](h)
	} else if f = lost(); f == nil {
		return slot.Word{}, false
	}
	if k.Local && !f.Owner.EnteredBy(slot.ID()) {
		return slot.Word{}, false
	}
	return f.Read(k)
}

// Install makes f, made from what Mine returned, the frame in force.
func Install(f *frame.Frame) {
	o := f.Owner
	o.Top.Store(f)
	if t := o.Terms.Load(); t != nil && t.Lease != nil {
		f = t.Lease.Lend(f)
	}
	slot.Store(&f.Head)
}
