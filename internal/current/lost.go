package current

import (
	"slices"

	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// lost is asked when the slot holds nothing of ours: either there never was
// anything, or pprof.Do or pprof.SetGoroutineLabels wrote over it. What can be found
// is put back, with the labels that were set, so that later calls
// are fast again and children inherit.
func lost() *frame.Frame {
	own, carried := foreign()
	if s := recall(); s != nil {
		o := &s.owner
		for o.Inner != nil {
			o = o.Inner
		}
		f := o.Top.Load()
		if carried != nil {
			own = f.Untagged(own)
		}
		if !f.HasOwn(own) {
			f = f.Owned(o, own)
		}
		Install(f)
		return slot.Outer[frame.Frame](slot.Load())
	}
	if carried != nil {
		f := carried.Owned(carried.Owner, carried.Untagged(own))
		slot.Store(&f.Head)
		return f
	}
	return nil
}

// foreign returns the labels in a slot that is not ours, and the frame that
// Carrying put among them.
func foreign() (own []slot.Label, carried *frame.Frame) {
	h := slot.Load()
	if h == nil {
		return nil, nil
	}
	own = h.Labels()
	for i, l := range own {
		if h := l.Head(); h != nil {
			return slices.Delete(slices.Clone(own), i, i+1), slot.Outer[frame.Frame](h)
		}
	}
	return own, nil
}

// own returns the profiler labels that the running goroutine has without any
// variables.
func own() []slot.Label {
	if h := slot.Load(); h != nil && h.Marked() {
		return slot.Outer[frame.Frame](h).Own()
	}
	labels, _ := foreign()
	return labels
}

// Carrying returns labels with which a label set carries what the running
// goroutine sees, nil if it sees nothing. A goroutine whose slot gets such a set,
// or that is started by one, sees that too.
func Carrying() []slot.Label {
	f := Frame()
	if f == nil {
		return nil
	}
	return append(f.Tags(), slot.Ticket(&f.Shared().Head))
}
