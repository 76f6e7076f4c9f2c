package current

import (
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// scope is an owner with a place for its frames, for contexts that nobody can
// have a Context of: a goroutine's implicit one, and those of bound calls.
type scope struct {
	owner frame.Owner
	top   slot.Published[frame.Frame]
}

// root is the scope of a goroutine's implicit context, and what the table of
// goroutines knows of it.
type root struct {
	scope
	g  slot.G
	id uint64
}

// newRoot gives the running goroutine an implicit context of its own, with the
// content of what it inherited, nil for nothing.
func newRoot(id uint64, inherited *frame.Frame) *frame.Frame {
	r := &root{id: id}
	r.owner.Enter(id, &r.top)
	labels := own()
	var f *frame.Frame
	switch {
	case inherited == nil:
		f = frame.New(&r.owner, labels)
	case inherited.Borrowed():
		f = inherited.Borrow(&r.owner, labels)
		r.owner.Terms.Store(&frame.Terms{Borrowed: f})
	default:
		f = inherited.Owned(&r.owner, labels)
	}
	if slot.Mortal() {
		r.g, _ = slot.Self()
		remember(r)
	}
	Install(f)
	return f
}

// gone reports whether the goroutine has ended.
func (r *root) gone() bool { return r.g.Gone(r.id) }

// forget lets go of what a goroutine that is gone had in force; its children, who
// hold its owner, would keep that alive.
func (r *root) forget() {
	r.top.Store(nil)
	r.owner.Terms.Store(nil)
}
