package frame

import "sync/atomic"

// Lease lets goroutines see a frame without holding it: they inherit a frame
// that has nothing but a pointer to the lease, and when the lease ends they
// hold nothing, however long they live.
type Lease struct{ content atomic.Pointer[Frame] }

// Lend makes f the content of the lease and returns the frame for the slot. Tags are
// not lent: what profiles show of a goroutine cannot be taken back from it.
func (l *Lease) Lend(f *Frame) *Frame {
	l.content.Store(f)
	lent := New(f.Owner, f.Own())
	lent.rest = &rest{lease: l}
	return lent
}

// End ends the lease.
func (l *Lease) End() { l.content.Store(nil) }

// Content returns f, or what f has on lease: nil when the lease has ended.
func (f *Frame) Content() *Frame {
	if f.rest != nil && f.rest.lease != nil {
		return f.rest.lease.content.Load()
	}
	return f
}
