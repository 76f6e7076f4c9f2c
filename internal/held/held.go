// Package held finds out who still holds the context of work that has ended.
package held

import (
	"cmp"
	"math"
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

// In returns what is held by the goroutines of c, and by calls that are known not to be garbage: the oldest end first. There are
// unsettled calls more of which nobody knows yet: two garbage collections have to pass since the end of their work.
func In(c *census.Census) (all []*Holding, unsettled int) { return in(c, lastCollection()) }

// InSettled is In right after Settle: then of all calls it is known.
func InSettled(c *census.Census) []*Holding {
	all, _ := in(c, math.MaxInt64)
	return all
}

// in takes it that calls of work which has ended before the time, in nanoseconds since 1970, are not garbage.
func in(c *census.Census, before int64) (sorted []*Holding, unsettled int) {
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
	ended, unsettled := callbacks.Ended(before)
	for _, call := range ended {
		h := of(call.Life)
		h.Calls = append(h.Calls, call)
	}
	for _, h := range all {
		sorted = append(sorted, h)
	}
	slices.SortFunc(sorted, func(a, b *Holding) int {
		return cmp.Or(cmp.Compare(a.Life.Ended(), b.Life.Ended()), cmp.Compare(a.Life.Number, b.Life.Number))
	})
	return sorted, unsettled
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
