package debugvars

import (
	"slices"

	"github.com/gocontextvars/contextvars/internal/callbacks"
	"github.com/gocontextvars/contextvars/internal/census"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/held"
	"github.com/gocontextvars/contextvars/internal/valuetext"
	"github.com/gocontextvars/contextvars/lifetime"
)

// works describes pieces of work, each once.
type works map[*frame.Life]*WorkRef

// of describes the work of a life; nil if there is none.
func (w works) of(l *frame.Life) *WorkRef {
	if l == nil || l.Work == nil {
		return nil
	}
	ref := w[l]
	if ref == nil {
		work := l.Work.(*lifetime.Work)
		ref = &WorkRef{ID: work.ID(), Began: work.Began()}
		ref.Name, _ = valuetext.Of(work.Name(), maxName)
		ref.Ended, _ = work.Ended()
		w[l] = ref
	}
	return ref
}

// A remainder is who still holds a piece of work that has ended.
type remainder struct {
	work    *WorkRef
	members []*member
	timers  []Timer
}

// remainder describes h; members are those of its goroutines.
func (w works) remainder(h *held.Holding, members map[*census.Goroutine]*member) remainder {
	r := remainder{work: w.of(h.Life)}
	for _, g := range h.Goroutines {
		r.members = append(r.members, members[g])
	}
	for _, call := range h.Calls {
		r.timers = append(r.timers, timerOf(call))
	}
	return r
}

func timerOf(c *callbacks.Call) Timer {
	t := Timer{Kind: c.Kind, Due: c.Due}
	for _, f := range c.Made() {
		t.Created = append(t.Created, Call{Func: f.Function, File: f.File, Line: f.Line})
	}
	return t
}

// answerEnded adds to s who holds ended work, up to limit of them: with filters, goroutines that match, and the
// functions of the same work.
func (l *look) answerEnded(s *Snapshot, q Query, f *filter, limit int) {
	s.Held, s.Unsettled, s.Untracked = len(l.remainders), l.unsettled, l.untracked
	s.Notes = append(s.Notes, s.notesOnEnded()...)
	for _, r := range l.remainders {
		members := r.members
		if q.filtered() {
			members = slices.DeleteFunc(slices.Clone(members), func(m *member) bool { return !f.chooses(m) })
			if len(members) == 0 {
				continue
			}
		}
		e := Ended{WorkRef: *r.work}
		for _, m := range members[:min(len(members), limit)] {
			e.Goroutines = append(e.Goroutines, m.Goroutine)
		}
		limit -= len(e.Goroutines)
		e.Timers = slices.Clip(r.timers[:min(len(r.timers), limit)])
		limit -= len(e.Timers)
		if len(e.Goroutines)+len(e.Timers) < len(members)+len(r.timers) {
			s.Notes = append(s.Notes, "There are more holders of ended work; a higher limit shows them.")
			if len(e.Goroutines)+len(e.Timers) > 0 {
				s.Ended = append(s.Ended, e)
			}
			return
		}
		s.Ended = append(s.Ended, e)
	}
}
