package current

import (
	"context"
	"fmt"
	"runtime/pprof"
	"slices"
	"sync"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// labelsOf returns the labels in ctx, sorted by key.
func labelsOf(ctx context.Context) (list []slot.Label) {
	pprof.ForLabels(ctx, func(k, v string) bool {
		list = append(list, slot.Label{Key: k, Value: v})
		return true
	})
	return list
}

// carrying returns a ctx with the labels and what the running goroutine has in force.
func carrying(pairs ...string) context.Context {
	var list []string
	for _, l := range Carrying(labelsOf(foreignLabels(pairs...))) {
		list = append(list, l.Key, l.Value)
	}
	return foreignLabels(list...)
}

func ownLabels(t *testing.T, where string, want []slot.Label) {
	t.Helper()
	if have := own(); !slices.Equal(have, want) {
		t.Errorf("%s: own labels are %v, want %v", where, have, want)
	}
}

func TestForeignWriteIsMended(t *testing.T) {
	elsewhere(func() {
		k, tag := newKey("k"), newLabelled("tag")
		set(k, 1)
		set(tag, 1)
		inner := new(contents)
		check := func(where string, want int) {
			t.Helper()
			for i, ctx := range []context.Context{
				foreignLabels("a", "1"), context.Background(), foreignLabels(), foreignLabels("tag", "own", "z", "2"), carrying("b", "3"),
			} {
				where := fmt.Sprintf("%s, write %d", where, i)
				pprof.SetGoroutineLabels(ctx)
				expect(t, where, k, want)
				invariants(t, where)
				all := labelsOf(ctx)
				all = slices.DeleteFunc(all, func(l slot.Label) bool {
					return l.Payload() != nil || l.Key == "tag" && l.Value != "own"
				})
				ownLabels(t, where, all)
				shown := slot.Load().Labels()
				i := slices.IndexFunc(shown, func(l slot.Label) bool { return l.Key == "tag" })
				if _, ok := Find(slot.Load(), tag); ok != (i >= 0 && shown[i].Value == "1") {
					t.Errorf("%s: labels are %v", where, shown)
				}
				// And at once what was mended is as good as before.
				expect(t, where, k, want)
				elsewhere(func() { expect(t, where+", child", k, want) })
			}
		}
		check("root", 1)
		inner.run(t, func() {
			set(k, 2)
			check("inner", 2)
			Do(nil, func() {
				set(k, 3)
				check("Do in inner", 3)
				pprof.SetGoroutineLabels(foreignLabels("left", "over"))
			})
			expect(t, "inner again", k, 2)
			pprof.SetGoroutineLabels(foreignLabels("left", "over"))
		})
		ownLabels(t, "after Leave", []slot.Label{{Key: "left", Value: "over"}})
		check("root again", 1)
	})
}

func TestMendedByWhateverIsCalledFirst(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		next, prev := set(k, 1)
		for name, call := range map[string]func(){
			"Frame":    func() { Frame() },
			"Content":  func() { Content() },
			"Mine":     func() { Mine() },
			"Find":     func() { Find(slot.Load(), k) },
			"Set":      func() { next, prev = set(k, 1) },
			"Undo":     func() { Undo(newKey("other"), next, prev); set(k, 1) },
			"Do":       func() { Do(nil, func() {}) },
			"Lend":     func() { Lend(func() {}) },
			"Carrying": func() { Carrying(nil) },
		} {
			pprof.SetGoroutineLabels(foreignLabels("by", name))
			call()
			invariants(t, name)
			ownLabels(t, name, []slot.Label{{Key: "by", Value: name}})
			expect(t, name, k, 1)
		}
	})
}

func TestForeignDo(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		set(k, 1)
		pprof.Do(foreignLabels("outer", "1"), pprof.Labels("inner", "1"), func(ctx context.Context) {
			expect(t, "inside", k, 1)
			set(k, 2)
			pprof.Do(ctx, pprof.Labels("nested", "1"), func(context.Context) {
				elsewhere(func() { expect(t, "child before anything was called", k, -1) }) // not to be helped
				expect(t, "nested", k, 2)
				elsewhere(func() { expect(t, "child afterwards", k, 2) })
				set(k, 3)
			})
			expect(t, "inside again", k, 3)
			ownLabels(t, "inside again", []slot.Label{{Key: "inner", Value: "1"}, {Key: "outer", Value: "1"}})
		})
		expect(t, "after", k, 3)
		ownLabels(t, "after", []slot.Label{{Key: "outer", Value: "1"}})
	})
}

// A goroutine that has only inherited has no root, and nothing to find again.
func TestForeignWriteOnAGoroutineWithoutRoot(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		set(k, 1)
		elsewhere(func() {
			expect(t, "inherited", k, 1)
			ctx := foreignLabels("a", "1")
			pprof.SetGoroutineLabels(ctx)
			expect(t, "after a foreign write", k, -1)
			ownLabels(t, "after a foreign write", labelsOf(ctx))
			set(k, 2)
			invariants(t, "after Set")
			ownLabels(t, "after Set", labelsOf(ctx))
		})
	})
}

func TestCarriedToAChild(t *testing.T) {
	elsewhere(func() {
		k, tag, hidden := newKey("k"), newLabelled("tag"), newLocal("local")
		set(k, 1)
		set(tag, 1)
		set(hidden, 1)
		pprof.SetGoroutineLabels(carrying("a", "1"))
		elsewhere(func() { // before anything is called here
			expect(t, "child", k, 1)
			expect(t, "child", hidden, -1)
			ownLabels(t, "child", []slot.Label{{Key: "a", Value: "1"}})
			set(k, 2)
			invariants(t, "child")
			elsewhere(func() { expect(t, "grandchild", k, 2) })
		})
		expect(t, "here", k, 1)
		expect(t, "here", hidden, 1)
	})
}

// The goroutine itself sees what it has, not what a set carries from before.
func TestOwnStateWinsOverWhatIsCarried(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		set(k, 1)
		old := carrying("a", "1")
		set(k, 2)
		pprof.SetGoroutineLabels(old)
		expect(t, "here", k, 2)
		elsewhere(func() { expect(t, "child", k, 2) })
		invariants(t, "here")
	})
}

func TestCarryingTwiceCarriesOnce(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		set(k, 1)
		once := labelsOf(carrying("a", "1"))
		set(k, 2)
		twice := Carrying(once)
		tickets := 0
		for _, l := range twice {
			if l.Payload() != nil {
				tickets++
			}
		}
		if tickets != 1 || len(twice) != len(once) {
			t.Errorf("labels are %v", twice)
		}
		if _, f := unpacked(twice); f != Content() {
			t.Error("what is carried is not the newest")
		}
	})
}

func TestCarryingNothing(t *testing.T) {
	elsewhere(func() {
		labels := labelsOf(foreignLabels("a", "1"))
		if have := Carrying(labels); !slices.Equal(have, labels) {
			t.Errorf("labels are %v", have)
		}
	})
}

// The labels that gave way to several tags are all back where the set is found again.
func TestHiddenLabelsComeBack(t *testing.T) {
	elsewhere(func() {
		for _, name := range []string{"c", "a", "b"} { // not in the order of keys
			set(newLabelled(name), 1)
		}
		ctx := carrying("a", "own", "b", "own", "c", "own", "d", "own")
		pprof.SetGoroutineLabels(ctx)
		Mine()
		ownLabels(t, "here", labelsOf(foreignLabels("a", "own", "b", "own", "c", "own", "d", "own")))
	})
}

// Many goroutines, each overwritten again and again, while tables are swept.
func TestForeignWritesOnManyGoroutines(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	k := newKey("k")
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			for j := range rounds {
				set(k, i*1000+j)
				ctx := foreignLabels("goroutine", fmt.Sprint(i))
				if j%3 == 0 {
					ctx = carrying("goroutine", fmt.Sprint(i))
				}
				pprof.SetGoroutineLabels(ctx)
				if j%5 == 0 {
					sweep()
				}
				expect(t, "overwritten", k, i*1000+j)
				ownLabels(t, "overwritten", []slot.Label{{Key: "goroutine", Value: fmt.Sprint(i)}})
			}
		})
	}
	wg.Wait()
}
