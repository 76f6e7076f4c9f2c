package contextvars_test

import (
	"iter"
	"runtime"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// Tokens in generators, and how generators end.

func TestIsolateTokens(t *testing.T) {
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		v, w := cv.New[int]("v"), cv.New[int]("w")
		before := v.Set(1)
		var inside, outside cv.Token[int]
		for i := range isolate(steps(
			func() {
				wantReset(t, v, before, cv.ErrTokenContext)
				inside = v.Set(2)
			},
			func() { want(t, "the body's, in the generator", outside.Restore(), false) },
			func() { wantReset(t, v, inside, nil); wantReset(t, v, inside, cv.ErrTokenUsed) },
			func() {},
		)) {
			switch i {
			case 0:
				wantReset(t, v, inside, cv.ErrTokenContext)
				elsewhere(func() { wantReset(t, v, inside, cv.ErrTokenContext) })
				outside = w.Set(3)
			case 1:
				wantValue(t, w, 3)
				wantReset(t, w, outside, nil)
				wantNothing(t, w)
			case 2:
				want(t, "Used", inside.Used(), true)
				wantReset(t, v, before, nil)
			}
		}
		want(t, "after the end", inside.Restore(), false)
		wantNothing(t, v)
	})
}

// A token of a generator is refused by another ranging over the same sequence.
func TestIsolateTokenOfAnotherRanging(t *testing.T) {
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		v := cv.New[int]("v")
		var tokens []cv.Token[int]
		seq := isolate(steps(func() {
			for _, token := range tokens {
				wantReset(t, v, token, cv.ErrTokenContext)
			}
			tokens = append(tokens, v.Set(1))
		}, func() {}))
		for range 3 {
			for range seq {
				for range seq {
				}
			}
		}
	})
}

// However a loop ends, what the generator defers runs in its context, and what follows runs
// in the consumer's.
func TestIsolateEnds(t *testing.T) {
	v := cv.New[int]("v")
	for how, f := range map[string]struct{ body, generator func() bool }{
		"end":                    {generator: func() bool { return false }},
		"break":                  {body: func() bool { return false }},
		"panic in the body":      {body: func() bool { panic("goes on") }},
		"panic in the generator": {generator: func() bool { panic("goes on") }},
		"Goexit in the body":     {body: func() bool { runtime.Goexit(); return true }},
		"Goexit in the generator": {
			generator: func() bool { runtime.Goexit(); return true },
		},
	} {
		t.Run(how, func(t *testing.T) {
			testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
				order := ""
				elsewhere(func() {
					defer func() {
						if r := recover(); r != nil {
							want(t, "panic", r, any("goes on"))
							order += "panic "
						}
						wantValue(t, v, 1)
					}()
					v.Set(1)
					generate := func(yield func(int) bool) {
						token := v.Set(2)
						defer func() {
							order += "generator "
							wantValue(t, v, 2)
							wantReset(t, v, token, nil)
							wantValue(t, v, 1)
						}()
						inner := cv.NewContext()
						for more := true; more; {
							defer v.Set(3).Restore()
							cv.Call(inner, func() (any, error) { more = yield(0); return nil, nil })
							more = more && (f.generator == nil || f.generator())
						}
					}
					func() {
						defer func() {
							order += "consumer "
							wantValue(t, v, 1)
						}()
						for range isolate(generate) {
							wantValue(t, v, 1)
							if f.body != nil && !f.body() {
								break
							}
						}
					}()
				})
				switch how {
				case "panic in the body", "panic in the generator":
					want(t, "order", order, "generator consumer panic ")
				default:
					want(t, "order", order, "generator consumer ")
				}
			})
		})
	}
}

// A generator may go on after the loop has ended, and is still apart.
func TestIsolateGoesOnAfterBreak(t *testing.T) {
	testIsolations(t, func(t *testing.T, isolate func(iter.Seq[int]) iter.Seq[int]) {
		v := cv.New[int]("v")
		for range isolate(func(yield func(int) bool) {
			want(t, "yield", yield(1), false)
			wantValue(t, v, 1)
			v.Set(2)
			wantValue(t, v, 2)
		}) {
			v.Set(1)
			break
		}
		wantValue(t, v, 1)
	})
}

// A body is called where Go would call it, too, when a sequence calls yield out of turn: a loop then
// panics, and functions do what they like.
func TestIsolateYieldOutOfTurn(t *testing.T) {
	v := cv.New[int]("v")
	defer v.Set(1).Restore()
	var yield func(int) bool
	seq := cv.Isolate(func(y func(int) bool) { yield = y; v.Set(2); y(0) })
	calls := 0
	seq(func(i int) bool {
		calls++
		wantValue(t, v, 1)
		return i > 2 || yield(i+1) // from the body itself
	})
	want(t, "calls", calls, 4)
	want(t, "after the end", yield(3), true)
	want(t, "calls", calls, 5)
	wantValue(t, v, 1)

	for range seq {
	}
	want(t, "a loop that is over panics", panicOf(func() { yield(0) }) != nil, true)
	wantValue(t, v, 1)

	// From the body of an outer generator's loop, for an inner one that has called the outer's yield.
	var outer, inner func(int) bool
	cv.Isolate(func(y func(int) bool) {
		outer = y
		v.Set(2)
		cv.Isolate(func(y func(int) bool) {
			inner = y
			v.Set(3)
			outer(0)
			wantValue(t, v, 3)
		})(func(int) bool { wantValue(t, v, 1); calls++; return true })
		wantValue(t, v, 2)
	})(func(int) bool { inner(0); wantValue(t, v, 1); return true })
	want(t, "calls", calls, 6)
	wantValue(t, v, 1)
}

func TestIsolateYieldOnAnotherGoroutine(t *testing.T) {
	v := cv.New[int]("v")
	isolations := map[string]func(iter.Seq[int]) iter.Seq[int]{"pull": isolations["IsolatePull"], "push": cv.Isolate[int]}
	for name, isolate := range isolations {
		t.Run(name, func(t *testing.T) {
			for i := range isolate(func(yield func(int) bool) {
				v.Set(2)
				elsewhere(func() {
					testBadCalls(t, []badCall{{"yield goroutine send", func() { yield(1) }}})
				})
				yield(2)
			}) {
				want(t, "i", i, 2)
				wantNothing(t, v)
			}
		})
	}
}

func TestIsolateOfNothing(t *testing.T) {
	testBadCalls(t, []badCall{
		{"Isolate nil", func() { cv.Isolate[int](nil) }},
		{"Isolate2 nil", func() { cv.Isolate2[int, int](nil) }},
		{"IsolatePull nil", func() { cv.IsolatePull[int](nil) }},
		{"IsolatePull2 nil", func() { cv.IsolatePull2[int, int](nil) }},
	})
}
