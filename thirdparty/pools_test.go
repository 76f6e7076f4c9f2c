package thirdparty_test

import (
	"testing"
	"time"
	"weak"

	"github.com/panjf2000/ants/v2"

	cv "github.com/gocontextvars/contextvars"
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
