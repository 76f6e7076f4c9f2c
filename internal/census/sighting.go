package census

import (
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
	"github.com/gocontextvars/contextvars/internal/slot/slots"
	"github.com/gocontextvars/contextvars/internal/traceback"
)

// A sighting is a goroutine that was seen with its slot.
type sighting struct {
	stack
	head *slot.Head
	// stays: it was at the same place with the same head when they were looked at again.
	stays bool
	seen  *frame.Frame // nil: none of ours
	is    *print       // what the dump says of it, if that is known
	may   []*print     // or who it may be
}

// A print is a goroutine that is in the dump.
type print struct {
	*traceback.Goroutine
	place place
	taken bool // it is, or may be, one that was seen
}

func (p *places) sighted(records []slots.Record) []*sighting {
	all := make([]*sighting, len(records))
	for i, r := range records {
		all[i] = &sighting{stack: p.stackOf(r.Stack), head: r.Head, seen: current.Behind(r.Head)}
	}
	return all
}

// owner returns the goroutine that has the context entered which s shows; 0 for none.
func (s *sighting) owner() uint64 {
	if s.seen == nil {
		return 0
	}
	return s.seen.Owner.Goroutine()
}

// from returns the goroutine that this context belongs to, or did last; 0 for none.
func (s *sighting) from() uint64 {
	if s.seen == nil {
		return 0
	}
	return s.seen.Owner.LastGoroutine()
}

func (s *sighting) setPrint(p *print) { s.is, p.taken = p, true }

// maxOneOf is how many goroutines are worth naming for one.
const maxOneOf = 16

func (s *sighting) goroutine() *Goroutine {
	g := &Goroutine{Stack: s.frames}
	if s.seen != nil {
		g.Content = s.seen.Content()
	}
	switch {
	case s.is != nil:
		g.ID = s.is.ID
		g.tell(s.is)
	case len(s.may) > 0:
		g.common(s.may)
	}
	if g.Own = g.ID != 0 && g.ID == s.owner(); !g.Own {
		g.InheritedFrom = s.from()
	}
	return g
}

// tell adds what the dump says.
func (g *Goroutine) tell(p *print) {
	g.State, g.WaitMinutes = p.State, p.WaitMinutes
	g.Created, g.Creator = p.Created, p.Creator
}

// common adds what the dump says of all of them.
func (g *Goroutine) common(may []*print) {
	g.tell(may[0])
	for _, p := range may {
		if p.State != g.State {
			g.State = ""
		}
		g.WaitMinutes = min(g.WaitMinutes, p.WaitMinutes)
		if p.Creator != g.Creator {
			g.Creator = 0
		}
		if p.Created != g.Created {
			g.Created = traceback.Frame{}
		}
		if len(may) <= maxOneOf {
			g.OneOf = append(g.OneOf, p.ID)
		}
	}
}

// goroutine is for those that were not seen: they are new, or have gone on since.
func (p *print) goroutine() *Goroutine {
	g := &Goroutine{ID: p.ID}
	g.tell(p)
	for _, f := range p.Frames {
		if !ofRuntime(f.Function) {
			g.Stack = append(g.Stack, f)
		}
	}
	return g
}
