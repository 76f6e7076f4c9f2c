package current

import (
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// lost is asked when the slot holds nothing of ours: either there never was
// anything, or pprof.Do or pprof.SetGoroutineLabels wrote over it. What can be found
// is put back, with the labels that were set, so that later calls
// are fast again and children inherit.
func lost() *frame.Frame {
	own, carried := foreign()
	if r := recall(); r != nil {
		o := last(&r.owner)
		f := o.Top.Load()
		if !f.HasOwn(own) {
			f = f.Owned(o, own)
		}
		Install(f)
		return slot.Outer[frame.Frame](slot.Load())
	}
	if carried != nil {
		f := carried.Owned(carried.Owner, own)
		slot.Store(&f.Head)
		return f
	}
	return nil
}

// foreign returns the labels in a slot that is not ours, and the frame that they
// carry.
func foreign() (own []slot.Label, carried *frame.Frame) {
	if h := slot.Load(); h != nil {
		return unpacked(h.Labels())
	}
	return nil, nil
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
