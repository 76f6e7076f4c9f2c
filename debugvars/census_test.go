package debugvars

import (
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/census"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/traceback"
)

var (
	tenant   = contextvars.New[string]("tenant")
	attempt  = contextvars.New[int]("attempt")
	anything = contextvars.New[any]("anything")
	password = contextvars.New[string]("password", contextvars.Redacted())
	local    = contextvars.New[string]("local", contextvars.Local())
)

// holding returns what a goroutine sees that calls set.
func holding(set func()) *frame.Frame {
	ctx := contextvars.NewContext()
	ctx.Run(set)
	return current.StateOf(ctx).Top.Load()
}

func isTenant(name string) *frame.Frame { return holding(func() { tenant.Set(name) }) }

// taken is a look at made-up goroutines. Where their values were set is not known, whether an earlier test has
// switched that on or not.
func taken(goroutines ...*census.Goroutine) *look {
	l := lookAt(&census.Census{
		Time: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Took: 3, Stopped: 2, Dumped: true, Goroutines: goroutines, Total: len(goroutines),
	}, nil)
	for _, m := range l.members {
		for i := range m.Variables {
			m.Variables[i].Set = nil
		}
	}
	return l
}

func standing(functions ...string) (stack []traceback.Frame) {
	for i, f := range functions {
		stack = append(stack, traceback.Frame{Function: f, File: "/src/" + f + ".go", Line: i + 1})
	}
	return stack
}

// ask asks a look, and wants the goroutines with these numbers.
func (l *look) ask(t *testing.T, q Query, want ...uint64) *Snapshot {
	t.Helper()
	if err := q.check(); err != nil {
		t.Fatal(err)
	}
	s := l.answer(q)
	var ids []uint64
	for _, g := range s.Goroutines {
		ids = append(ids, g.ID)
	}
	if !equal(ids, want) {
		t.Errorf("%+v: goroutines %v, want %v", q, ids, want)
	}
	return s
}

func equal[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
