package contextvars_test

import (
	"iter"
	"runtime"
	"testing"
	"weak"

	cv "github.com/gocontextvars/contextvars"
)

// What generators hold and let go, and what they cost.

func TestIsolateEndedHoldsNothing(t *testing.T) {
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		var outside, first, second, unseen weak.Pointer[thing]
		var end func()
		_, unseen = setMade()
		seq := isolate(steps(
			func() { _, first = setMade(); end = lingering(plainGo) },
			func() { _, second = setMade(); user.Set("x") },
			func() { held.Unset() },
		))
		for range seq {
			if outside.Value() == nil {
				_, outside = setMade()
			}
		}
		wantFree(t, "replaced in the body", unseen)
		wantHeld(t, "set in the body", outside)
		wantFree(t, "set in the generator", second)
		wantHeld(t, "inherited by a goroutine of the generator", first)
		end()
		wantFree(t, "inherited by a goroutine that has ended", first)
		held.Unset()
		wantFree(t, "set in the body, unset", outside)
		runtime.KeepAlive(seq)
	})
}

// Nor is anything held by what is left of a pull that is over, whichever way.
func TestIsolatePullEndedHoldsNothing(t *testing.T) {
	for name, use := range map[string]func(next func() (int, bool), stop func()){
		"exhausted":              func(next func() (int, bool), _ func()) { next(); next() },
		"and once more":          func(next func() (int, bool), _ func()) { next(); next(); next() },
		"stopped":                func(next func() (int, bool), stop func()) { next(); stop() },
		"stopped, and once more": func(next func() (int, bool), stop func()) { next(); stop(); next(); stop() },
		"never started":          func(_ func() (int, bool), stop func()) { stop() },
		"made, no more":          func(func() (int, bool), func()) {},
	} {
		t.Run(name, func(t *testing.T) {
			token, w := setMade()
			var inside weak.Pointer[thing]
			next, stop := cv.IsolatePull(steps(func() { _, inside = setMade() }, func() {}))
			use(next, stop)
			token.Restore()
			wantFree(t, "the caller's", w)
			wantFree(t, "the generator's", inside)
			runtime.KeepAlive(next)
			stop()
		})
	}
}

// One that ended by a panic or Goexit.
func TestIsolatePullBrokenHoldsNothing(t *testing.T) {
	for name, f := range map[string]func(){"panic": func() { panic(errBoom) }, "Goexit": runtime.Goexit} {
		var next func() (int, bool)
		var stop func()
		w := inChild(func() (w weak.Pointer[thing]) {
			_, w = setMade()
			next, stop = cv.IsolatePull(steps(f))
			elsewhere(func() {
				defer func() { _ = recover() }()
				next()
			})
			return w
		})
		wantFree(t, name, w)
		runtime.KeepAlive(next)
		stop()
	}
}

// Between steps a generator holds what is in force there, but nothing older.
func TestIsolateSuspendedHoldsWhatItSees(t *testing.T) {
	token, w := setMade()
	next, stop := cv.IsolatePull(steps(func() {}, func() {}, func() { user.Set("x") }, func() {}))
	next()
	token.Restore()
	wantHeld(t, "seen in the last step", w)
	next()
	wantFree(t, "seen in the step before", w)
	_, w = setMade()
	next()
	held.Unset()
	next()
	wantFree(t, "seen in the step before, by one with changes", w)
	stop()

	// In a loop: what the body has replaced is free in the next step.
	_, w = setMade()
	cv.Isolate(steps(func() {}, func() { wantFree(t, "replaced in the body", w) }))(func(int) bool {
		held.Unset()
		return true
	})
}

// A step in which nothing changes allocates nothing, however much is in force.
func TestIsolateUnchangedStepAllocatesNothing(t *testing.T) {
	for _, n := range []int{0, 1, 8, 100} {
		elsewhere(func() {
			setMany(n)
			endless := func(yield func(int) bool) {
				user.Set("x")
				other.Unset()
				for yield(1) {
				}
			}
			allocs := -1.0
			for range cv.Isolate(func(yield func(int) bool) {
				user.Set("x")
				other.Unset()
				yield(0)
				allocs = testing.AllocsPerRun(100, func() { yield(1) })
			}) {
			}
			want(t, "allocations of a step", allocs, 0)
			next, stop := cv.IsolatePull(endless)
			next()
			want(t, "allocations of a pulled step", testing.AllocsPerRun(100, func() { next() }), 0)
			stop()
		})
	}
}

// A step after a change costs what was changed, not what is in force.
func TestIsolateChangedStepCostsTheSameForAnySize(t *testing.T) {
	cost := func(n int) (allocs float64) {
		v := cv.New[*thing]("v")
		elsewhereEmpty(func() {
			setMany(n)
			for range cv.Isolate(func(yield func(int) bool) {
				user.Set("x")
				allocs = testing.AllocsPerRun(100, func() { yield(0) })
			}) {
				v.Set(nil)
			}
		})
		return allocs
	}
	if few, lots := cost(20), cost(1000); lots > 3*few { // a path in the trie has up to three nodes instead of one; nothing else grows
		t.Errorf("a step allocates %v times among 20 variables, %v among 1000", few, lots)
	}
}

func BenchmarkIsolate(b *testing.B) {
	b.Run("step", func(b *testing.B) {
		b.ReportAllocs()
		user.With("x", func() {
			for range cv.Isolate(func(yield func(int) bool) {
				for range b.N {
					yield(0)
				}
			}) {
			}
		})
	})
	b.Run("loop", func(b *testing.B) {
		b.ReportAllocs()
		user.With("x", func() {
			seq := cv.Isolate(func(func(int) bool) {})
			for range b.N {
				for range seq {
				}
			}
		})
	})
	b.Run("pulled step", func(b *testing.B) {
		b.ReportAllocs()
		user.With("x", func() {
			next, stop := cv.IsolatePull(func(yield func(int) bool) {
				for yield(0) {
				}
			})
			defer stop()
			for range b.N {
				next()
			}
		})
	})
}
