package frame

import (
	"sync/atomic"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// Lease lets goroutines see a frame without holding it: they inherit a frame
// that has nothing but a pointer to the lease, and when the lease ends they
// hold nothing, however long they live.
type Lease struct{ content atomic.Pointer[Frame] }

// Lend makes f the content of the lease and returns the frame for the slot. Tags are
// not lent: what profiles show of a goroutine cannot be taken back from it.
func (l *Lease) Lend(f *Frame) *Frame {
	l.content.Store(f)
	return l.frame(f.Owner, f.Own())
}

func (l *Lease) frame(o *Owner, own []slot.Label) *Frame {
	f := New(o, own)
	f.rest = &rest{lease: l, apart: true}
	return f
}

// End ends the lease.
func (l *Lease) End() { l.content.Store(nil) }

// Borrowed reports whether f has its content on lease.
func (f *Frame) Borrowed() bool { return f.lease() != nil }

// lease returns what f has its content on; nil for nearly all frames.
func (f *Frame) lease() *Lease {
	if f.rest == nil {
		return nil
	}
	return f.rest.lease
}

// Content returns f, or what f has on lease: nil when the lease has ended.
func (f *Frame) Content() *Frame {
	for f != nil && f.lease() != nil {
		f = f.lease().content.Load()
	}
	return f
}

// lent returns what f, which is on lease, has k in; nil is nothing. A local variable of the lender's
// is not for anybody else.
func (f *Frame) lent(k *Key) *Frame {
	c := f.Content()
	if c == nil || k.Local && c.Owner != f.Owner {
		return nil
	}
	return c
}

// Keep returns a frame with all that f has on lease for its own.
func (f *Frame) Keep() *Frame {
	if c := f.Content(); c != nil {
		return c.Owned(f.Owner, f.Own()).inLayerOf(f)
	}
	return New(f.Owner, f.Own()).inLayerOf(f)
}

// Borrow returns f, which is on lease, for another owner and for a goroutine with the
// labels own.
func (f *Frame) Borrow(o *Owner, own []slot.Label) *Frame {
	g := f.lease().frame(o, own)
	if o == f.Owner {
		return g.inLayerOf(f)
	}
	return g
}
