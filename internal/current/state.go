package current

import (
	"sync/atomic"

	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// State is what a Context of the root package consists of.
type State struct {
	// Top is the newest frame, at all times; nil is empty.
	Top slot.Published[frame.Frame]
	// owner is made by the first entry. A frame in Top may still have another one:
	// that of the context it was copied from.
	owner atomic.Pointer[frame.Owner]
}

// StateOf returns the state of a *contextvars.Context. The root package, which has that
// type, sets it; it is for package asyncio, whose tasks enter contexts otherwise than by Run.
var StateOf func(context any) *State

// Owner returns the identity of the context.
func (s *State) Owner() *frame.Owner {
	if o := s.owner.Load(); o != nil {
		return o
	}
	s.owner.CompareAndSwap(nil, new(frame.Owner))
	return s.owner.Load()
}
