package contextvars_test

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// isolations are the ways to make a generator of a sequence that sees its consumer's changes.
var isolations = map[string]func(iter.Seq[int]) iter.Seq[int]{
	"Isolate": cv.Isolate[int],
	"Isolate2": func(seq iter.Seq[int]) iter.Seq[int] {
		return func(yield func(int) bool) {
			cv.Isolate2(paired(seq))(func(i, _ int) bool { return yield(i) })
		}
	},
	"IsolatePull": func(seq iter.Seq[int]) iter.Seq[int] {
		return func(yield func(int) bool) {
			next, stop := cv.IsolatePull(seq)
			defer stop()
			for i, ok := next(); ok && yield(i); i, ok = next() {
			}
		}
	},
	"IsolatePull2": func(seq iter.Seq[int]) iter.Seq[int] {
		return func(yield func(int) bool) {
			next, stop := cv.IsolatePull2(paired(seq))
			defer stop()
			for i, _, ok := next(); ok && yield(i); i, _, ok = next() {
			}
		}
	},
}

func paired(seq iter.Seq[int]) iter.Seq2[int, int] {
	return func(yield func(i, j int) bool) { seq(func(i int) bool { return yield(i, i) }) }
}

// testIsolations runs test with each of the isolations.
func testIsolations(t *testing.T, test func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int])) {
	for name, isolate := range isolations {
		t.Run(name, func(t *testing.T) { test(t, isolate) })
	}
}

// steps yields 0, 1, 2 ... and calls before and after each, as far as there are functions.
func steps(functions ...func()) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, f := range functions {
			if f(); i < len(functions)-1 && !yield(i) {
				return
			}
		}
	}
}

func TestIsolateEachRangingIsAGenerator(t *testing.T) { // E3
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		v := cv.New[int]("v")
		seq := isolate(steps(func() { wantNothing(t, v); v.Set(1) }, func() { wantValue(t, v, 1) }))
		for range 2 {
			want(t, "values", len(slices.Collect(seq)), 1)
			wantNothing(t, v)
		}
		for range seq {
			for range seq { // also while another one is not at its end
				wantNothing(t, v)
			}
		}
	})
}

func TestIsolateSetsStayInside(t *testing.T) { // E4
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		v, w := cv.New[int]("v"), cv.New[int]("w")
		v.Set(1)
		n := 0
		for i := range isolate(steps(
			func() { wantValue(t, v, 1); v.Set(2); w.Set(2) },
			func() { wantValue(t, v, 2); wantValue(t, w, 2); w.Unset(); v.Unset() },
			func() { wantNothing(t, v); wantNothing(t, w); v.Set(3) },
			func() { wantValue(t, v, 3) },
		)) {
			want(t, "i", i, n)
			n++
			wantValue(t, v, 1)
			wantNothing(t, w)
		}
		want(t, "steps", n, 3)
		wantValue(t, v, 1)
		wantNothing(t, w)
	})
}

func TestIsolateShowsOuterChanges(t *testing.T) { // E4
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		v, set, same, unset := cv.New[int]("v"), cv.New[int]("set"), cv.New[int]("same"), cv.New[int]("unset")
		v.Set(0)
		same.Set(0)
		unset.Set(0)
		for i := range isolate(steps(
			func() { set.Set(50); same.Set(0); unset.Unset() },
			func() { wantValue(t, v, 1); wantValue(t, set, 50); wantValue(t, same, 0); wantNothing(t, unset) },
			func() { wantNothing(t, v); wantValue(t, set, 50); wantValue(t, same, 0); wantNothing(t, unset) },
			func() { wantValue(t, v, 3); wantValue(t, set, 50); wantValue(t, same, 0); wantNothing(t, unset) },
		)) {
			if i == 1 {
				v.Unset()
				continue
			}
			for _, v := range []*cv.ContextVar[int]{v, set, same, unset} {
				v.Set(i + 1)
			}
		}
		for _, v := range []*cv.ContextVar[int]{v, set, same, unset} {
			wantValue(t, v, 3) // what the body sets stays
		}
	})
}

// A variable that the generator has set and restored is the consumer's again, and so is one that is
// restored later, or not in order.
func TestIsolateRestoreShowsOuterChangesAgain(t *testing.T) { // E2, E4
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		v, w, u := cv.New[int]("v"), cv.New[int]("w"), cv.New[int]("u")
		v.Set(0)
		w.Set(0)
		var first, second, unset cv.Token[int]
		for i := range isolate(steps(
			func() { v.With(50, func() {}); wantValue(t, v, 0) },
			func() { wantValue(t, v, 1); first, second, unset = v.Set(51), v.Set(52), w.Unset(); u.Set(53) },
			func() {
				wantValue(t, v, 52)
				wantNothing(t, w)
				wantReset(t, w, unset, nil)
				wantValue(t, w, 2)
				wantReset(t, v, first, nil)
				wantValue(t, v, 2) // and not 1, as it was before the first
			},
			func() {
				wantValue(t, v, 3)
				wantValue(t, w, 3)
				wantReset(t, v, second, nil)
				wantValue(t, v, 51) // before the second it had been set
			},
			func() { wantValue(t, v, 51); wantValue(t, w, 4); wantValue(t, u, 53) },
		)) {
			v.Set(i + 1)
			w.Set(i + 1)
		}
	})
}

func TestIsolateIsSeenByWhatTheGeneratorCallsAndStarts(t *testing.T) { // E4
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		v, w := cv.New[int]("v"), cv.New[int]("w")
		var bound func()
		var taken *cv.Context
		check := func() { wantContent(t, cv.CopyContext(), map[string]any{"v": 2, "w": 1}) }
		for range isolate(steps(
			func() { w.Set(1) },
			func() {
				check()
				elsewhere(func() {
					check()
					token := w.Set(3)
					v.Set(3)
					want(t, "Restore in a goroutine", token.Restore(), true)
					wantContent(t, cv.CopyContext(), map[string]any{"v": 3, "w": 1})
				})
				bound, taken = cv.Bind(check), cv.CopyContext()
				w.Set(2)
			},
			func() {},
		)) {
			v.Set(2)
			if bound != nil {
				bound()
				taken.Run(check)
				taken.Run(func() { w.Set(7) })
				want(t, "in a copy", func() int { i, _ := w.In(taken); return i }(), 7)
			}
		}
		wantContent(t, cv.CopyContext(), map[string]any{"v": 2})
	})
}

func TestIsolateNested(t *testing.T) { // E4: nested generators stack
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		a, b, c := cv.New[int]("a"), cv.New[int]("b"), cv.New[int]("c")
		inner := isolate(steps(
			func() { wantValue(t, b, 10); c.Set(100) },
			func() { wantValue(t, a, 1); wantValue(t, b, 11); wantValue(t, c, 100) },
			func() { wantValue(t, a, 2); wantValue(t, b, 12); wantValue(t, c, 100) },
		))
		outer := isolate(func(yield func(int) bool) {
			b.Set(10)
			for i := range inner {
				wantNothing(t, c)
				b.Set(11 + i)
				yield(i)
				wantValue(t, a, 1+i)
				wantValue(t, b, 11+i)
			}
		})
		for i := range outer {
			a.Set(1 + i)
			wantContent(t, cv.CopyContext(), map[string]any{"a": 1 + i})
		}
		wantContent(t, cv.CopyContext(), map[string]any{"a": 2})
	})
}

// A generator that hands on another one's values is as good as that one, however it does so.
func TestIsolateYieldFrom(t *testing.T) { // E5
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		v, w := cv.New[int]("v"), cv.New[int]("w")
		g := isolate(steps(
			func() { v.Set(10) },
			func() { wantValue(t, v, 10); wantValue(t, w, 0); v.Set(11) },
			func() { wantValue(t, v, 11); wantValue(t, w, 1) },
		))
		for name, from := range map[string]iter.Seq[int]{
			"return g":           g,
			"yield from g":       isolate(func(yield func(int) bool) { g(yield) }),
			"for x in g: yield":  isolate(func(yield func(int) bool) { g(func(i int) bool { return yield(i) }) }),
			"in a plain one":     func(yield func(int) bool) { g(yield) },
			"yield from, deeper": isolate(isolate(func(yield func(int) bool) { g(yield) })),
		} {
			t.Run(name, func(t *testing.T) {
				v.Set(1)
				for i := range from {
					wantValue(t, v, 1)
					w.Set(i)
				}
				wantValue(t, v, 1)
			})
		}
	})
}

func TestIsolateManyVariables(t *testing.T) {
	for _, n := range []int{8, 9, 40, 300} {
		testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
			outside, inside := map[string]any{}, map[string]any{}
			vs := make([]*cv.ContextVar[int], n)
			for i := range vs {
				vs[i] = cv.New[int](fmt.Sprint("v", i))
				vs[i].Set(i)
				outside[vs[i].Name()] = i
			}
			inside = maps.Clone(outside)
			put := func(side map[string]any, i, value int) { vs[i].Set(value); side[vs[i].Name()] = value }
			drop := func(side map[string]any, i int) { vs[i].Unset(); delete(side, vs[i].Name()) }
			for range isolate(func(yield func(int) bool) {
				for i := range n {
					if put(inside, i, 1000+i); i%3 == 0 {
						drop(inside, i)
					}
					if i%8 == 0 && !yield(i) {
						return
					}
					if wantContent(t, cv.CopyContext(), inside); t.Failed() {
						return
					}
				}
			}) {
				for i := n - 1; i >= 0; i -= 5 {
					put(outside, i, 2000+i)
					if v := inside[vs[i].Name()]; v == i || v == 2000+i {
						inside[vs[i].Name()] = 2000 + i
					}
				}
				wantContent(t, cv.CopyContext(), outside)
			}
		})
	}
}
