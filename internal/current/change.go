package current

import (
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// Set gives k the word w in the context in force. It returns the frame that has been
// made the one in force, and the one that was.
func Set(k *frame.Key, w slot.Word) (next, prev *frame.Frame) {
	id := slot.FastID()
	if h := slot.Load(); h != nil && h.Marked() {
		prev = slot.Outer[frame.Frame](h)
		if o := prev.Owner; o.EnteredBy(id) && o.Terms.Load() == nil && k.Text == nil && !frame.Recording() {
			// The common case is what stands below without three of the calls.
			next = prev.With(k, w, "")
			o.Top.Store(next)
			slot.Store(&next.Head)
			return next, prev
		}
	}
	label := k.Label(w) // runs code of users, which may set variables, too
	prev = Changeable()
	next = prev.WithSite(k, w, label, frame.Here())
	Install(next)
	return next, prev
}

// Unset takes away the word that k has in the context in force, and returns what
// Set returns.
func Unset(k *frame.Key) (next, prev *frame.Frame) {
	prev = Changeable()
	next = prev.Without(k)
	Install(next)
	return next, prev
}

// Changeable is Mine for those who are going to install a frame made from it. What the
// goroutine has borrowed it has to keep for that.
func Changeable() *frame.Frame {
	f := Mine()
	if f.Borrowed() {
		f = f.Keep()
		f.Owner.Terms.Load().Kept = f
	}
	return f
}

// Undo gives k the word that it had in prev, or none, if the context that next was
// made for is the current one; else it returns false.
func Undo(k *frame.Key, next, prev *frame.Frame) bool {
	if next.Used() {
		return false
	}
	if o := next.Owner; slot.Load() == &next.Head && o.EnteredBy(slot.FastID()) && o.Terms.Load() == nil {
		// Nothing has happened since, but for go statements.
		o.Top.Store(prev)
		slot.Store(&prev.Head)
	} else if !undo(k, next, prev) {
		return false
	}
	next.MarkUsed()
	return true
}

func undo(k *frame.Key, next, prev *frame.Frame) bool {
	o := next.Owner
	if f := Frame(); f == nil || f.Owner != o || !o.EnteredBy(slot.ID()) {
		return false
	}
	f := o.Top.Load()
	switch t := o.Terms.Load(); {
	case f == next && t != nil && t.Kept == prev:
		// All is as it was lent to the goroutine: it need not keep a copy.
		t.Kept, prev = nil, t.Borrowed
		if labels := own(); !prev.HasOwn(labels) {
			prev = prev.Borrow(o, labels)
			t.Borrowed = prev
		}
	case f == next:
	default:
		prev = Changeable().Restored(k, prev)
	}
	Install(prev)
	return true
}
