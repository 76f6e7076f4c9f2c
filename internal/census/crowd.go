package census

import (
	"slices"

	"github.com/gocontextvars/contextvars/internal/traceback"
)

// A crowd is goroutines of a dump that nobody can tell apart: each of those that were seen at their place may be any
// of them.
type crowd struct {
	has    map[uint64]bool
	oneOf  []uint64
	common traceback.Goroutine // what the dump says of all of them
}

// maxOneOf is how many goroutines are worth naming for one.
const maxOneOf = 16

// newCrowd returns nil for nobody.
func newCrowd(all []*print) *crowd {
	if len(all) == 0 {
		return nil
	}
	c := &crowd{has: make(map[uint64]bool, len(all)), common: *all[0].Goroutine}
	for _, p := range all {
		c.has[p.ID] = true
		if p.State != c.common.State {
			c.common.State = ""
		}
		c.common.WaitMinutes = min(c.common.WaitMinutes, p.WaitMinutes)
		if p.Creator != c.common.Creator {
			c.common.Creator = 0
		}
		if p.Created != c.common.Created {
			c.common.Created = traceback.Frame{}
		}
		if len(all) <= maxOneOf {
			c.oneOf = append(c.oneOf, p.ID)
		}
	}
	slices.Sort(c.oneOf)
	return c
}

func (c *crowd) tell(g *Goroutine) {
	g.OneOf = c.oneOf
	g.tell(&c.common)
}
