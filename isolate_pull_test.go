package contextvars_test

import (
	"context"
	"iter"
	"runtime"
	"runtime/pprof"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

func TestIsolatePullShowsWhatItsCallersHave(t *testing.T) { // E4
	v, w := cv.New[int]("v"), cv.New[int]("w")
	var next func() (int, bool)
	var stop func()
	v.With(100, func() { // what the creator has does not count
		next, stop = cv.IsolatePull(func(yield func(int) bool) {
			w.Set(0)
			for yield(v.GetOr(-1)) {
				want(t, "w", w.Get(), w.Set(w.Get()+1).Var().Get()-1)
			}
			wantValue(t, v, 9) // of whoever calls stop
		})
	})
	pull := func() int { i, _ := next(); wantNothing(t, w); return i }
	want(t, "nothing here", pull(), -1)
	v.Set(1)
	want(t, "set here", pull(), 1)
	want(t, "another goroutine's", inChild(func() int { v.Set(2); return pull() }), 2)
	want(t, "a goroutine's that has only inherited", inChild(pull), 1)
	v.With(3, func() { want(t, "in With", pull(), 3) })
	cv.NewContext().Run(func() { want(t, "in Run", pull(), -1); v.Set(4); want(t, "in Run", pull(), 4) })
	cv.Detach(func() { want(t, "in Detach", pull(), -1) })
	elsewhereEmpty(func() { want(t, "of an empty goroutine", pull(), -1) })
	do(context.Background())(func() { want(t, "in pprof.Do", pull(), 1) })
	cv.Lend(func() {
		want(t, "in Lend", pull(), 1)
		want(t, "of a borrower", inChild(pull), 1)
	})
	want(t, "once more", pull(), 1)
	cv.Isolate(steps(func() { v.Set(5); want(t, "in a generator", pull(), 5) }))(nil)
	want(t, "and again", pull(), 1)
	v.With(9, stop)
	want(t, "stopped", pull(), 0)
}

// Without help iter.Pull shows what was in force at its call, and no change since.
func TestIsolateUnderIterPull(t *testing.T) {
	v, w := cv.New[int]("v"), cv.New[int]("w")
	v.Set(1)
	next, stop := iter.Pull(cv.Isolate(steps(
		func() { wantValue(t, v, 1); w.Set(1) },
		func() { wantValue(t, v, 1); wantValue(t, w, 1); v.Set(10) },
		func() { wantValue(t, v, 10) },
	)))
	defer stop()
	v.Set(2)
	for i, ok := next(); ok; i, ok = next() {
		wantValue(t, v, 2+i)
		wantNothing(t, w)
		v.Set(3 + i)
	}
	next2, stop2 := iter.Pull2(cv.Isolate2(paired(steps(func() { wantValue(t, v, 4) }, func() {}))))
	next2()
	stop2()
}

func TestIsolatePullEnds(t *testing.T) {
	v := cv.New[int]("v")
	for how, end := range map[string]func(){
		"panic":  func() { panic("goes on") },
		"Goexit": runtime.Goexit,
	} {
		t.Run(how, func(t *testing.T) {
			elsewhere(func() {
				v.Set(1)
				next, stop := cv.IsolatePull(func(yield func(int) bool) {
					defer func() { wantValue(t, v, 2) }()
					v.Set(2)
					yield(0)
					end()
				})
				next()
				defer func() {
					if how == "panic" {
						want(t, "panic", recover(), any("goes on"))
					}
					wantValue(t, v, 1)
					_, ok := next()
					want(t, "next after the end", ok, false)
					stop()
					wantValue(t, v, 1)
				}()
				next()
				t.Error("next returns")
			})
		})
	}
	_, stop := cv.IsolatePull(func(func(int) bool) { t.Error("stopped, and runs") })
	stop()
	stop()
}

func TestIsolatePullCallsItself(t *testing.T) {
	v, w := cv.New[int]("v"), cv.New[int]("w")
	v.Set(1)
	var next func() (int, bool)
	next, stop := cv.IsolatePull(func(yield func(int) bool) {
		v.Set(2)
		want(t, "next in the generator panics", panicOf(func() { next() }) != nil, true)
		yield(0)
		wantValue(t, w, 3)
		_, ok := next() // it is stopped
		want(t, "next", ok, false)
		yield(1)
		wantValue(t, v, 2)
		wantValue(t, w, 3)
	})
	next()
	wantValue(t, v, 1)
	w.Set(3)
	stop()
	wantValue(t, v, 1)
}

// Its profiler labels are those of the goroutine that made it, as with iter.Pull.
func TestIsolatePullProfilerLabels(t *testing.T) {
	tenants := cv.New[string]("t", cv.Label())
	defer tenants.Set("a").Restore()
	var next func() (int, bool)
	var stop func()
	pprof.Do(context.Background(), pprof.Labels("k", "made"), func(context.Context) {
		next, stop = cv.IsolatePull(steps(
			func() { wantLabels(t, "k=made", "t=b") },
			func() {
				wantLabels(t, "k=made", "t=c")
				pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("k", "own")))
			},
			func() { wantLabels(t, "k=own", "t=d"); want(t, "value", tenants.Get(), "d") },
		))
		wantLabels(t, "k=made", "t=a")
	})
	defer stop()
	tenants.With("b", func() { next() })
	pprof.Do(context.Background(), pprof.Labels("k", "caller"), func(context.Context) {
		tenants.With("c", func() { next() })
		wantLabels(t, "k=caller", "t=a")
	})
	tenants.With("d", func() { next() })
	wantLabels(t, "t=a")
}

// What is lent to a generator, it does not give away, and holds no longer than the lease.
func TestIsolateOfWhatIsLent(t *testing.T) {
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		inherited := func(turn turns, got chan *thing) func() {
			return func() {
				go func() { turn.a <- true; <-turn.b; got <- held.Get() }()
				<-turn.a
			}
		}
		for name, lend := range map[string]func(f func()){
			"by the consumer":                cv.Lend,
			"to the consumer":                func(f func()) { cv.Lend(func() { elsewhere(f) }) },
			"to the consumer, who lends":     func(f func()) { cv.Lend(func() { elsewhere(func() { cv.Lend(f) }) }) },
			"by the consumer in a generator": func(f func()) { cv.Isolate(steps(func() { cv.Lend(f) }))(nil) },
		} {
			v, bodySets := cv.New[int]("v"), 1
			if name == "to the consumer" {
				bodySets = 0 // a borrower that sets something has it all for its own
			}
			turn, got := newTurns(), make(chan *thing)
			token, w := setMade()
			lend(func() {
				for range isolate(steps(
					func() { want(t, name, held.Get(), w.Value()) },
					func() { v.With(2, func() { wantValue(t, v, 2) }) },
					func() {
						want(t, name, held.Get(), w.Value())
						want(t, "set in the body", v.Get(), bodySets)
						inherited(turn, got)()
					},
					func() {},
				)) {
					if bodySets > 0 {
						v.Set(bodySets)
					}
					want(t, name+", in the body", held.Get(), w.Value())
				}
			})
			token.Restore()
			wantFree(t, name, w)
			turn.b <- true
			want(t, name+", afterwards", <-got, nil)
		}
		// By the generator: its goroutines see what it has meanwhile.
		turn, got := newTurns(), make(chan *thing)
		var w = [2]func() *thing{}
		for i := range isolate(func(yield func(int) bool) {
			cv.Lend(func() {
				_, p := setMade()
				w[0] = p.Value
				inherited(turn, got)()
				yield(0)
				_, p = setMade()
				w[1] = p.Value
				turn.b <- true
				want(t, "the lender's newest", <-got, w[1]())
				inherited(turn, got)()
			})
			yield(1)
		}) {
			want(t, "in the body", held.Get(), nil)
			if i == 1 {
				turn.b <- true
				want(t, "after the lease", <-got, nil)
			}
		}
	})
}
