// Package held finds out who still holds the context of work that has ended.
package held

import (
	"cmp"
	"runtime/debug"
	"slices"

	"github.com/gocontextvars/contextvars/internal/callbacks"
	"github.com/gocontextvars/contextvars/internal/census"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// A Holding is a piece of work that has ended, and who holds it.
type Holding struct {
	Life       *frame.Life
	Goroutines []*census.Goroutine
	Calls      []*callbacks.Call
}

// In returns what is held by the goroutines of c, and by calls that are pending by now: the oldest end first.
func In(c *census.Census) []*Holding {
	all := make(map[*frame.Life]*Holding)
	of := func(l *frame.Life) *Holding {
		h := all[l]
		if h == nil {
			h = &Holding{Life: l}
			all[l] = h
		}
		return h
	}
	for _, g := range c.Goroutines {
		if l := g.Content.Life(); l != nil && l.Work != nil && l.Ended() != 0 {
			h := of(l)
			h.Goroutines = append(h.Goroutines, g)
		}
	}
	for _, call := range callbacks.Ended(lastCollection()) {
		h := of(call.Life)
		h.Calls = append(h.Calls, call)
	}
	var sorted []*Holding
	for _, h := range all {
		sorted = append(sorted, h)
	}
	slices.SortFunc(sorted, func(a, b *Holding) int {
		return cmp.Or(cmp.Compare(a.Life.Ended(), b.Life.Ended()), cmp.Compare(a.Life.Number, b.Life.Number))
	})
	return sorted
}

// lastCollection returns a time before the last garbage collection began: when the one before it ended. What was
// garbage by then is known to be.
func lastCollection() int64 {
	var stats debug.GCStats
	debug.ReadGCStats(&stats)
	if len(stats.PauseEnd) < 2 {
		return 0
	}
	return stats.PauseEnd[1].UnixNano()
}
