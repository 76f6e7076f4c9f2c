package debugvars

import (
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/callbacks"
	"github.com/gocontextvars/contextvars/internal/census"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/held"
	"github.com/gocontextvars/contextvars/lifetime"
)

// endedWork runs work in which calls set, and returns what a goroutine has inherited from it.
func endedWork(name string, set func()) (content *frame.Frame) {
	lifetime.Run(contextvars.NewContext(), name, func() {
		set()
		content = current.Content()
	})
	return content
}

// numbersOf is the goroutines of each piece of work, and how many timers it has.
func numbersOf(s *Snapshot) (text string) {
	for _, e := range s.Ended {
		text += e.Name + ":"
		for _, g := range e.Goroutines {
			text += " " + g.who()
		}
		text += strings.Repeat(" timer", len(e.Timers)) + "\n"
	}
	return text
}

// endedLook is a look at pieces of work that have ended: one is held by goroutines and a timer, one by a goroutine, one
// whose values were taken back by another, and one by a timer.
func endedLook(t *testing.T) *look {
	stop := lifetime.Track(lifetime.Revoke())
	revoked := endedWork("revoked", func() { tenant.Set("acme") })
	stop()
	t.Cleanup(lifetime.Track())
	remind := func() {
		timer := contextvars.AfterFunc(time.Hour, func() {})
		t.Cleanup(func() { timer.Stop() })
	}
	acme := endedWork("acme", func() { tenant.Set("acme"); remind() })
	bell := endedWork("bell", func() { tenant.Set("bell") })
	endedWork("only a timer", func() { tenant.Set("acme"); remind() })
	held.Settle()
	return taken(
		&census.Goroutine{ID: 1, Content: acme, State: "select"},
		&census.Goroutine{ID: 2, Content: acme, State: "sleep"},
		&census.Goroutine{ID: 3, Content: bell, State: "sleep"},
		&census.Goroutine{ID: 4, Content: revoked, State: "sleep"},
		&census.Goroutine{ID: 5, Content: isTenant("acme"), State: "sleep"},
	)
}

func TestFiltersChooseAmongTheHoldersOfEndedWork(t *testing.T) {
	l := endedLook(t)
	for _, c := range []struct {
		query Query
		want  string
	}{
		{Query{}, "revoked: 4\nacme: 1 2 timer\nbell: 3\nonly a timer: timer\n"},
		{Query{Vars: []string{"tenant=acme"}}, "acme: 1 2 timer\n"},
		{Query{Vars: []string{"tenant"}}, "acme: 1 2 timer\nbell: 3\n"},
		{Query{State: "sleep"}, "revoked: 4\nacme: 2 timer\nbell: 3\n"},
		{Query{Search: "bell"}, "bell: 3\n"},
		{Query{Goroutine: 1}, "acme: 1 timer\n"},
		{Query{Vars: []string{"tenant=umbrella"}}, ""},
	} {
		c.query.View = ViewEnded
		s := l.answer(c.query)
		if got := numbersOf(s); got != c.want || s.Held != 4 {
			t.Errorf("%+v: %d in all, got\n%s\nwant\n%s", c.query, s.Held, got, c.want)
		}
	}
	q := Query{View: ViewEnded, Vars: []string{"tenant=umbrella"}}
	none := l.answer(q)
	const want = "No goroutine that holds work that has ended matches the filters."
	mustHave(t, tableOf(t, none, 0), want, "hold variables\n")
	mustHave(t, text(body(t, q, none)), want, "; 0 of 4 pieces of ended work are shown")
	q.Vars = []string{"tenant=bell"}
	mustHave(t, text(body(t, q, l.answer(q))), "; 1 of 4 pieces of ended work is shown")
	if q := (Query{View: ViewLoops, State: "sleep"}); strings.Contains(text(body(t, q, sample())), "match") {
		t.Error("filters are said to do something to loops")
	}
}

// Nobody is told that nothing is held while that is not known.
func TestNoFalseAllClear(t *testing.T) {
	clear := "Nothing holds the variables of work that has ended."
	for _, c := range []struct {
		look *look
		want []string
	}{
		{&look{untracked: true}, []string{"It is not known who holds work that has ended.", "Nobody tracks work, ", "call lifetime.Track, or register the page."}},
		{&look{unsettled: 1}, []string{"Nothing is known yet to hold", "1 function of work that has ended is not listed yet: whether anybody can still call it is known"}},
		{&look{unsettled: 2}, []string{"Nothing is known yet to hold", "2 functions of work that has ended are not listed yet: whether anybody can still call them is known after the next two garbage collections."}},
		{&look{}, []string{clear}},
	} {
		q := Query{View: ViewEnded}
		s := c.look.answer(q)
		for _, written := range []string{tableOf(t, s, 0), text(body(t, q, s))} {
			mustHave(t, written, c.want...)
			if c.want[0] != clear && strings.Contains(written, clear) {
				t.Errorf("a false all-clear:\n%s", written)
			}
		}
	}
	for _, view := range []string{ViewGoroutines, ViewTree, ViewLoops} {
		if s := (&look{untracked: true, unsettled: 1, loops: func() []*Loop { return nil }}).answer(Query{View: view}); len(s.Notes) > 0 || s.Untracked {
			t.Errorf("%s: %v", view, s.Notes)
		}
	}
}

func TestWhetherWorkIsTracked(t *testing.T) {
	tracked := callbacks.Tracking() // by the handler of another test
	if s := take(t, Query{View: ViewEnded}); s.Untracked != !tracked {
		t.Errorf("untracked: %v, and it is: %v", s.Untracked, !tracked)
	}
	defer lifetime.Track()()
	var stop func() bool
	endedWork("new", func() { stop = contextvars.AfterFunc(time.Hour, func() {}).Stop })
	defer stop()
	if s := take(t, Query{View: ViewEnded}); s.Untracked || s.Unsettled == 0 {
		t.Errorf("untracked: %v, not settled: %d", s.Untracked, s.Unsettled)
	}
}
