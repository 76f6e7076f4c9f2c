package current

import (
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// Host returns what runs the goroutine: nil, unless an event loop does. A goroutine that was
// started by one that has a host has none.
func Host() *frame.Host {
	if h := slot.Load(); h != nil && h.Marked() {
		// The owner of an inherited frame belongs to another goroutine, and so
		// do all its fields but the one that EnteredBy asks.
		if o := slot.Outer[frame.Frame](h).Owner; o.EnteredBy(slot.ID()) {
			return o.Host
		}
		return nil
	}
	if f := lost(); f != nil && f.Owner.EnteredBy(slot.ID()) {
		return f.Owner.Host
	}
	return nil
}
