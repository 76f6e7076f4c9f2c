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
	head   *slot.Head
	looker bool // it is the goroutine that looks
	// stays: it was at the same place with the same head when they were looked at again.
	stays bool
	seen  *frame.Frame // nil: none of ours
	is    *print       // what the dump says of it, if that is known
	may   *crowd       // or who it may be
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

// printed reads a dump.
func (p *places) printed(text []byte) []*print {
	read := traceback.Parse(text, traceback.Everyone)
	all := make([]*print, len(read))
	for i := range read {
		all[i] = &print{Goroutine: &read[i], place: p.placeOfFrames(read[i].Frames)}
	}
	return all
}

// entry returns the function that the goroutine was started with, which never changes.
func (s *sighting) entry() string { return entryOf(s.frames) }

func (p *print) entry() string { return entryOf(p.Frames) }

func entryOf(frames []traceback.Frame) string {
	if len(frames) == 0 {
		return ""
	}
	return frames[len(frames)-1].Function
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

func (s *sighting) goroutine() *Goroutine {
	g := &Goroutine{Stack: s.frames}
	if s.seen != nil {
		g.Content = s.seen.Content()
	}
	switch {
	case s.is != nil:
		g.ID = s.is.ID
		g.tell(s.is.Goroutine)
	case s.may != nil:
		s.may.tell(g)
	}
	if s.seen == nil {
		return g
	}
	g.Own = g.ID != 0 && g.ID == s.owner()
	if g.Inherited = g.ID != 0 && !g.Own || g.ID == 0 && !s.maybeOwn(); g.Inherited {
		g.InheritedFrom = s.from()
	}
	return g
}

// maybeOwn reports whether s, which is not known to be somebody, may be the one that has its context entered.
func (s *sighting) maybeOwn() bool {
	owner := s.owner()
	return owner != 0 && (s.may == nil || s.may.has[owner])
}

// tell adds what the dump says.
func (g *Goroutine) tell(p *traceback.Goroutine) {
	g.State, g.WaitMinutes = p.State, p.WaitMinutes
	g.Created, g.Creator = p.Created, p.Creator
}

// goroutine is for those that were not seen: they are new, or have gone on since.
func (p *print) goroutine() *Goroutine {
	g := &Goroutine{ID: p.ID}
	g.tell(p.Goroutine)
	for _, f := range p.Frames {
		if !ofRuntime(f.Function) {
			g.Stack = append(g.Stack, f)
		}
	}
	return g
}
