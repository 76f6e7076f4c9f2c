package contextvars_test

import (
	"context"
	"errors"
	"iter"
	"runtime/pprof"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// What generators and their consumers may have around their steps: everything.

// around are ways to call f, and whether f still sees what was in force.
var around = map[string]struct {
	call func(f func())
	sees bool
}{
	"Run":            {func(f func()) { cv.NewContext().Run(f) }, false},
	"Run of a copy":  {func(f func()) { cv.CopyContext().Run(f) }, true},
	"nested Runs":    {func(f func()) { cv.NewContext().Run(func() { cv.NewContext().Run(f) }) }, false},
	"Detach":         {cv.Detach, false},
	"Bind":           {func(f func()) { cv.Bind(f)() }, true},
	"With":           {func(f func()) { other.With("x", f) }, true},
	"Lend":           {cv.Lend, true},
	"Lend in Detach": {func(f func()) { cv.Detach(func() { cv.Lend(f) }) }, false},
	"pprof.Do":       {func(f func()) { do(context.Background())(f) }, true},
	"pprof.Do, ours": {func(f func()) { do(cv.WithContext(context.Background(), cv.NewContext()))(f) }, true},
	"pprof.Do, and no more": {func(f func()) {
		f()
		pprof.SetGoroutineLabels(context.Background())
	}, true},
	"another generator": {func(f func()) {
		for range cv.Isolate(func(yield func(int) bool) { f() }) {
		}
	}, true},
}

func TestIsolateYieldInside(t *testing.T) {
	for name, a := range around {
		t.Run(name, func(t *testing.T) {
			testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
				v, w := cv.New[int]("v"), cv.New[int]("w")
				v.Set(1)
				for i := range isolate(func(yield func(int) bool) {
					token := v.Set(10)
					a.call(func() {
						inside := v.Set(20)
						yield(0)
						wantValue(t, v, 20)
						wantReset(t, v, inside, nil)
						want(t, "seen inside", v.GetOr(-1), map[bool]int{true: 10, false: -1}[a.sees])
						v.Set(30)
						yield(1)
						wantValue(t, v, 30)
						v.Unset()
					})
					wantValue(t, w, 2) // as the body has set it meanwhile
					w.Set(40)
					yield(2)
					wantValue(t, w, 40)
					wantReset(t, v, token, nil)
					wantValue(t, v, 4)
				}) {
					wantValue(t, v, 1+i)
					v.Set(2 + i)
					w.Set(1 + i)
				}
				wantValue(t, v, 4)
				wantValue(t, w, 3)
			})
		})
	}
}

// The same around the consumer's code: the body, and the loop.
func TestIsolateConsumedInside(t *testing.T) {
	for name, a := range around {
		t.Run(name, func(t *testing.T) {
			testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
				v := cv.New[int]("v")
				v.Set(1)
				seq := isolate(steps(
					func() { v.Set(10) },
					func() { wantValue(t, v, 10) },
					func() { wantValue(t, v, 10) },
				))
				for range seq {
					a.call(func() {
						want(t, "seen in the body", v.GetOr(-1), map[bool]int{true: 1, false: -1}[a.sees])
						v.With(2, func() {})
					})
					wantValue(t, v, 1)
				}
				a.call(func() {
					for range seq {
						want(t, "seen in the loop", v.GetOr(-1), map[bool]int{true: 1, false: -1}[a.sees])
					}
				})
				wantValue(t, v, 1)
			})
		})
	}
}

func TestIsolateReentry(t *testing.T) { // 55
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		c := cv.NewContext()
		for i := range isolate(func(yield func(int) bool) { c.Run(func() { yield(0) }); yield(1) }) {
			var reentry *cv.ReentryError
			err, _ := panicOf(func() { c.Run(func() {}) }).(error)
			want(t, "Run in the body panics", errors.As(err, &reentry), i == 0)
		}
	})
}

// The generator runs in its consumer's place: it sees what is local to the context there, as a function
// that is called there does.
func TestIsolateLocal(t *testing.T) {
	v := cv.New[int]("v", cv.Local())
	v.Set(1)
	body := func(i int) {
		wantValue(t, v, 1+i)
		v.Set(2 + i)
	}
	for i := range cv.Isolate(steps(
		func() { wantValue(t, v, 1); elsewhere(func() { wantNothing(t, v) }) },
		func() {
			wantValue(t, v, 2)
			token := v.Set(10)
			elsewhere(func() { wantNothing(t, v) })
			token.Restore()
			wantValue(t, v, 2)
			v.Set(11)
		},
		func() { wantValue(t, v, 11) },
	)) {
		body(i)
	}
	// One that is pulled does not: it has a goroutine of its own.
	v.Set(1)
	next, stop := cv.IsolatePull(steps(
		func() { wantNothing(t, v) },
		func() { wantNothing(t, v); v.Set(10) },
		func() { wantValue(t, v, 10); v.With(11, func() {}); wantValue(t, v, 10); v.Unset(); wantNothing(t, v) },
	))
	for i, ok := next(); ok; i, ok = next() {
		body(i)
	}
	stop()
}

func TestIsolateLabels(t *testing.T) {
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		a, b := cv.New[string]("a", cv.Label()), cv.New[string]("b", cv.Label())
		defer a.Set("1").Restore()
		var token cv.Token[string]
		for i := range isolate(steps(
			func() { wantProfiled(t, "a=1"); b.Set("2") },
			func() { wantProfiled(t, "a=3", "b=2"); token = a.Set("4") },
			func() { wantProfiled(t, "a=4", "b=2"); b.Unset(); wantProfiled(t, "a=4"); token.Restore() },
			func() { wantProfiled(t) },
		)) {
			switch i {
			case 0:
				wantProfiled(t, "a=1")
				a.Set("3")
			case 1:
				wantProfiled(t, "a=3")
				b.Set("5")
			case 2:
				wantProfiled(t, "a=3", "b=5")
				a.Unset()
			}
		}
		wantProfiled(t, "b=5")
		b.Unset()
	})
}

// Profiler labels that runtime/pprof sets are the goroutine's, with and without Isolate.
func TestIsolateProfilerLabels(t *testing.T) {
	v := cv.New[int]("v")
	for kind, ctx := range ctxs {
		t.Run(kind, func(t *testing.T) {
			elsewhere(func() {
				v.Set(1)
				in := func(f func()) { pprof.Do(ctx(), pprof.Labels("k", "v"), func(context.Context) { f() }) }
				var seen [2][]string
				look := func(side int, value int) {
					wantValue(t, v, value)
					seen[side] = append(seen[side], labels()...)
					seen[side] = append(seen[side], "|")
				}
				generate := func(set func(int), value int) iter.Seq[int] {
					return func(yield func(int) bool) {
						set(value)
						in(func() { look(0, value); yield(0); look(0, value); yield(1) })
						look(0, value)
						pprof.SetGoroutineLabels(ctx())
						yield(2)
						look(0, value)
					}
				}
				run := func(seq iter.Seq[int]) (both [2][]string) {
					pprof.SetGoroutineLabels(context.Background())
					seen = [2][]string{}
					for i := range seq {
						look(1, 1)
						in(func() { look(1, 1) })
						if look(1, 1); i == 1 {
							pprof.SetGoroutineLabels(ctx())
						}
					}
					look(1, 1)
					return seen
				}
				plain := run(generate(func(int) {}, 1))
				isolated := run(cv.Isolate(generate(func(i int) { v.Set(i) }, 2)))
				for side, who := range []string{"generator", "consumer"} {
					a, b := plain[side], isolated[side]
					if len(a) != len(b) {
						t.Errorf("%s: labels isolated %q, want %q", who, b, a)
						continue
					}
					for i := range a {
						want(t, who+": a label", b[i], a[i])
					}
				}
			})
		})
	}
}
