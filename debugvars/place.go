package debugvars

import (
	"github.com/gocontextvars/contextvars/dump"
	"github.com/gocontextvars/contextvars/internal/census"
	"github.com/gocontextvars/contextvars/internal/traceback"
)

// places makes calls of a census' frames, of each stack and each go statement once: most goroutines have theirs
// in common with many.
type places struct {
	stacks  map[*traceback.Frame]*stack // by the first frame, which a census shares
	created map[Call]*Call
}

type stack struct {
	calls []Call
	where *Call
}

func newPlaces() *places {
	return &places{stacks: make(map[*traceback.Frame]*stack), created: make(map[Call]*Call)}
}

// goroutine returns g but for its variables.
func (p *places) goroutine(g *census.Goroutine) *Goroutine {
	s := p.stackOf(g.Stack)
	return &Goroutine{
		ID:          g.ID,
		OneOf:       g.OneOf,
		State:       g.State,
		WaitMinutes: g.WaitMinutes,
		Displaced:   g.Displaced,
		Stack:       s.calls,
		Where:       s.where,
		Created:     p.createdOf(g.Created),
		Creator:     g.Creator,
	}
}

func (p *places) stackOf(frames []traceback.Frame) *stack {
	if len(frames) == 0 {
		return new(stack)
	}
	s := p.stacks[&frames[0]]
	if s == nil || len(s.calls) != len(frames) {
		s = newStack(frames)
		p.stacks[&frames[0]] = s
	}
	return s
}

func newStack(frames []traceback.Frame) *stack {
	s := new(stack)
	var g dump.Goroutine
	for _, f := range frames {
		s.calls = append(s.calls, callOf(f))
		g.Frames = append(g.Frames, dump.Frame{Func: f.Function})
	}
	where := g.Where()
	for i := range g.Frames {
		if where == &g.Frames[i] {
			s.where = &s.calls[i]
		}
	}
	return s
}

func (p *places) createdOf(f traceback.Frame) *Call {
	c := callOf(f)
	if c == (Call{}) {
		return nil
	}
	if p.created[c] == nil {
		p.created[c] = &c
	}
	return p.created[c]
}

func callOf(f traceback.Frame) Call { return Call{Func: f.Function, File: f.File, Line: f.Line} }
