package thirdparty_test

import (
	"testing"
	"time"
	"weak"

	"github.com/panjf2000/ants/v2"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

func TestPoolsWithoutHelp(t *testing.T) {
	for name, open := range crews {
		t.Run(name, func(t *testing.T) {
			c := open(t)
			defer c.close()
			var first, second, third string
			c.work(t,
				by("first", func() { first = user.Get() }),
				by("second", func() { second = user.Get(); user.Set("leftover") }),
				by("third", func() { third = user.Get() }))
			want(t, "the first job sees", first, "first")
			want(t, "the second job sees", second, "first")
			want(t, "the third job sees", third, "leftover")
		})
	}
}

func TestPoolsWithBind(t *testing.T) {
	for name, open := range crews {
		t.Run(name, func(t *testing.T) {
			c := open(t)
			defer c.close()
			var first, second, third, unbound string
			c.work(t,
				boundBy("first", func() { first = user.Get(); user.Set("leftover") }),
				boundBy("second", func() { second = user.Get(); user.Set("leftover") }),
				boundBy("third", func() { third = user.Get(); user.Set("leftover") }),
				by("fourth", func() { unbound = user.Get() }))
			want(t, "the first job sees", first, "first")
			want(t, "the second job sees", second, "second")
			want(t, "the third job sees", third, "third")
			want(t, "nothing is left of the bound jobs: an unbound one sees", unbound, "first")
		})
	}
}

// A worker that an empty context has started has nothing of its own.
func TestPoolsWithDetach(t *testing.T) {
	for name, open := range crews {
		t.Run(name, func(t *testing.T) {
			var c *crew
			cv.Detach(func() { c = open(t) })
			defer c.close()
			var bound, unbound string
			c.work(t,
				func(submit func(func())) {
					defer user.Set("first").Restore()
					job := cv.Bind(func() { bound = user.Get(); user.Set("leftover") })
					cv.Detach(func() { submit(job) })
				},
				by("second", func() { unbound = user.Get() }))
			want(t, "the bound job sees", bound, "first")
			want(t, "an unbound job sees", unbound, "")
		})
	}
}

// What a worker holds of the goroutine that submitted the first job, while it
// lives: it is busy with a second job, which somebody else has submitted.
func TestPoolsHold(t *testing.T) {
	job := func() {}
	tests := []struct {
		name   string
		submit func(submit func(func()))
		want   func(*testing.T, weak.Pointer[thing])
	}{
		{"without help", func(submit func(func())) { submit(job) }, wantHeld},
		{"with Bind", func(submit func(func())) { submit(cv.Bind(job)) }, wantHeld},
		{"with Detach", func(submit func(func())) { cv.Detach(func() { submit(job) }) }, wantFree},
		{"with Lend", func(submit func(func())) { cv.Lend(func() { submit(job) }) }, wantFree},
		{"with Bind and Detach", func(submit func(func())) {
			bound := cv.Bind(job)
			cv.Detach(func() { submit(bound) })
		}, wantFree},
	}
	for name, open := range crews {
		for _, test := range tests {
			t.Run(name+" "+test.name, func(t *testing.T) {
				c := open(t)
				defer c.close()
				var w weak.Pointer[thing]
				c.work(t,
					func(submit func(func())) { w = holding(func() { test.submit(submit) }) },
					by("second", func() { test.want(t, w) }))
			})
		}
	}
}

// A pool may start goroutines for itself when it is made, too.
func TestPoolMadeInDetach(t *testing.T) {
	open := func() *ants.Pool {
		p, err := ants.NewPool(1)
		noError(t, err)
		return p
	}
	var p *ants.Pool
	w := holding(func() { p = open() })
	wantHeld(t, w)
	noError(t, p.ReleaseTimeout(time.Minute))

	w = holding(func() { cv.Detach(func() { p = open() }) })
	wantFree(t, w)
	noError(t, p.ReleaseTimeout(time.Minute))
}

// saw returns what the last job of a pool sees that two have submitted jobs to. The
// first job leaves something if it is leave.
func (c *crew) saw(t *testing.T, first func(), bind func(func()) func()) (saw string) {
	defer c.close()
	hand := func(name string, job func()) func(submit func(func())) {
		return func(submit func(func())) { user.With(name, func() { submit(bind(job)) }) }
	}
	c.work(t,
		hand("the first submitter's", first),
		hand("the submitter's", func() { saw = sees() }))
	return saw
}

// holds returns whose values a worker holds while it does somebody else's job.
func (c *crew) holds(t *testing.T, hand func(submit func(job func()))) (text string) {
	defer c.close()
	var w weak.Pointer[thing]
	c.work(t,
		func(submit func(func())) { w = holding(func() { hand(submit) }) },
		by("second", func() { text = holds(w, "the first submitter's") }))
	return text
}

func poolRows(t *testing.T) []matrix.Row {
	nothing := func() {}
	var rows []matrix.Row
	for _, p := range []struct{ name, module string }{
		{"ants", "github.com/panjf2000/ants/v2"},
		{"conc", "github.com/sourcegraph/conc"},
		{"pond", "github.com/alitto/pond/v2"},
	} {
		open := crews[p.name]
		rows = append(rows, matrix.Row{
			Where: p.name + " pool, a reused goroutine", Module: p.module, Help: "`Bind` the job",
			Without: open(t).saw(t, nothing, itself), With: open(t).saw(t, nothing, cv.Bind),
		}, matrix.Row{
			Where: p.name + " pool, after a job that set the variable", Module: p.module, Help: "`Bind` every job",
			Without: open(t).saw(t, leave, itself), With: open(t).saw(t, leave, cv.Bind),
		}, matrix.Row{
			Where: p.name + " pool, the goroutine while it lives", Module: p.module,
			Help:    "`Bind` the job, then submit it inside `Detach`",
			Without: open(t).holds(t, func(submit func(func())) { submit(nothing) }),
			With: open(t).holds(t, func(submit func(func())) {
				bound := cv.Bind(nothing)
				cv.Detach(func() { submit(bound) })
			}),
		})
	}
	return append(rows, matrix.Row{
		Where: "`ants.NewPool`, the pool's own goroutines", Module: "github.com/panjf2000/ants/v2",
		Help:    "make the pool inside `Detach`",
		Without: antsHolds(t, func(f func()) { f() }), With: antsHolds(t, cv.Detach),
	}, matrix.Row{
		Where: "a channel of funcs", Module: "none", Help: "`Bind` the func",
		Without: queued(itself, func() {}), With: queued(cv.Bind, func() {}),
	}, matrix.Row{
		Where: "a channel of funcs, after one that set the variable", Module: "none", Help: "`Bind` each func",
		Without: queued(itself, leave), With: queued(cv.Bind, leave),
	})
}

func antsHolds(t *testing.T, do func(func())) string {
	var p *ants.Pool
	w := holding(func() {
		do(func() {
			var err error
			p, err = ants.NewPool(1)
			noError(t, err)
		})
	})
	defer func() { noError(t, p.ReleaseTimeout(time.Minute)) }()
	return holds(w, "the maker's")
}
