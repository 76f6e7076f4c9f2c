package contextvars

import (
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// A Token is what [ContextVar.Set] and [ContextVar.Unset] return: it takes that
// one change back, once, and only in the context that it was made in. It
// is a small value; Set allocates nothing for it alone.
//
// A token keeps alive what was in force when it was made (36).
//
// The zero Token belongs to no variable.
type Token[T any] struct {
	v *ContextVar[T]
	// next is what the Set put in force. Its owner is the context that
	// the token belongs to, and the used mark is in it.
	next *frame.Frame
	prev *frame.Frame // what was in force before
}

// Var returns the variable that was set; nil for the zero Token.
func (t Token[T]) Var() *ContextVar[T] { return t.v }

// OldValue returns the value that the variable had before, and false if it had
// none; the default does not count (23).
func (t Token[T]) OldValue() (T, bool) {
	if t.v != nil {
		if w, ok := t.prev.Find(&t.v.key); ok {
			return slot.Unpack[T](w, t.v.packing), true
		}
	}
	var zero T
	return zero, false
}

// Used reports whether the token was used up by a Reset or Restore.
func (t Token[T]) Used() bool { return t.next != nil && t.next.Used() }

// Restore is [ContextVar.Reset] for defer. Where Reset would fail, in another
// goroutine or a second time, Restore changes nothing and returns false, so that a
// clean-up that comes to run elsewhere does no harm. It allocates nothing if
// nothing else was set in between.
func (t Token[T]) Restore() bool {
	return t.v != nil && current.Undo(&t.v.key, t.next, t.prev)
}

// resetFor is Restore with the reason, a sentinel error, where it fails.
func (t Token[T]) resetFor(v *ContextVar[T]) error {
	switch {
	case t.Used():
		return ErrTokenUsed
	case t.v != v:
		return ErrTokenVar
	case !t.Restore():
		return ErrTokenContext
	}
	return nil
}
