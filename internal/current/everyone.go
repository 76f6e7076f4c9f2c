package current

import (
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// Behind returns the frame that h, which may be of any goroutine's slot, leads to; nil if to none.
func Behind(h *slot.Head) *frame.Frame {
	if h == nil {
		return nil
	}
	if h.Marked() {
		return slot.Outer[frame.Frame](h)
	}
	_, carried := unpacked(h.Labels())
	return carried
}

// Outermost returns the frames of the implicit contexts that goroutines have, by their ids. What a goroutine has
// entered on top of its own cannot be told from outside.
func Outermost() map[uint64]*frame.Frame {
	frames := make(map[uint64]*frame.Frame)
	t := goroutines.Load()
	for i := range t.cells {
		r := t.cells[i].root.Load()
		if r == nil {
			continue
		}
		if f := r.top.Load(); f != nil && !r.gone() {
			frames[r.id] = f
		}
	}
	return frames
}
