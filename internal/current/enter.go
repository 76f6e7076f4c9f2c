package current

import (
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// Enter makes o the context in force, on top of outer, which Mine returned, with
// what is in top, nil for empty, as its content. It returns false, and has
// changed nothing, if o is entered already.
func Enter(outer *frame.Frame, o *frame.Owner, top *slot.Published[frame.Frame]) bool {
	if !o.Enter(outer.Owner.Goroutine(), top) {
		return false
	}
	enter(outer.Owner, o, outer.Own())
	return true
}

func enter(outer, o *frame.Owner, own []slot.Label) {
	o.Host = outer.Host
	outer.Inner = o
	f := o.Top.Load()
	switch {
	case f == nil:
		f = frame.New(o, own)
	case f.Owner != o || !f.HasOwn(own):
		f = f.Owned(o, own)
	}
	Install(f)
}

// Leave undoes Enter. What is in force again is not outer, but what its context holds by now: while
// a task waits others may have had their turn in it.
func Leave(outer *frame.Frame, o *frame.Owner) {
	outer.Owner.Inner = nil
	resume(outer.Owner.Top.Load())
	o.Leave()
}

// resume makes f the frame in force again. Labels that runtime/pprof gave the
// goroutine since then stay.
func resume(f *frame.Frame) {
	if labels := own(); !f.HasOwn(labels) {
		f = f.Owned(f.Owner, labels)
	}
	Install(f)
}

// Do calls f in a context of its own with this content, nil for nothing.
func Do(content *frame.Frame, f func()) {
	outer, s := Mine(), new(scope)
	s.top.Store(content)
	Enter(outer, &s.owner, &s.top)
	defer func() {
		Leave(outer, &s.owner)
		s.top.Store(nil) // goroutines that were started hold the owner
	}()
	f()
}

// Lend calls f in the context in force; goroutines that are started meanwhile
// have it on lease only.
func Lend(f func()) {
	o := Mine().Owner
	t := o.Terms.Load()
	switch {
	case t == nil:
		t = new(frame.Terms)
		o.Terms.Store(t)
	case t.Lease != nil:
		f()
		return
	}
	lease := new(frame.Lease)
	t.Lease = lease
	Install(o.Top.Load())
	defer func() {
		t := o.Terms.Load() // a generator may have replaced them
		if t.Lease = nil; t.Borrowed == nil {
			o.Terms.Store(nil)
		}
		resume(o.Top.Load())
		lease.End()
	}()
	f()
}

// Detach gives the running goroutine, which must have nothing of its own in force, an
// empty context. It is one of its own, so that no label set of runtime/pprof can
// bring back another one.
func Detach() { newRoot(slot.ID(), nil) }
