package current

import (
	"runtime"
	"runtime/pprof"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// step hands out a value of g to consume.
func (g *Generator) step(t *testing.T, consume func()) {
	t.Helper()
	if !g.Suspend() {
		t.Fatal("Suspend: the generator is not running")
	}
	func() {
		defer g.Resume()
		invariants(t, "suspended")
		if g.Suspend() {
			t.Fatal("a suspended generator can be suspended")
		}
		consume()
		invariants(t, "about to resume")
	}()
	invariants(t, "resumed")
}

func TestGenerator(t *testing.T) {
	elsewhere(func() {
		k, own := newKey("k"), newKey("own")
		set(k, 1)
		g := StartGenerator()
		invariants(t, "started")
		next, prev := set(own, 2)
		g.step(t, func() {
			expect(t, "consumer", own, -1)
			if Undo(own, next, prev) {
				t.Error("the consumer can undo what the generator did")
			}
			set(k, 3)
		})
		expect(t, "generator", k, 3)
		expect(t, "generator", own, 2)
		c := new(contents)
		c.run(t, func() {
			set(k, 4)
			Do(nil, func() {
				g.step(t, func() {
					expect(t, "consumer", k, 3)
					if Enter(Mine(), &c.owner, &c.top) {
						t.Error("what the generator has entered can be entered")
					}
					Do(nil, func() { set(k, 5) })
					set(own, 6)
					set(k, 7)
				})
				expect(t, "generator in Do", k, -1)
			})
			expect(t, "generator in c", k, 4)
		})
		expect(t, "generator after c", k, 7)
		expect(t, "generator after c", own, 2)
		if !Undo(own, next, prev) {
			t.Error("the generator cannot undo what it did")
		}
		expect(t, "generator, undone", own, 6)
		g.End()
		invariants(t, "ended")
		expect(t, "consumer", k, 7)
		if g.Suspend() {
			t.Error("a generator that has ended can be suspended")
		}
	})
}

// One that yields for an outer one is renewed with it.
func TestGeneratorYieldsForAnOuterOne(t *testing.T) {
	elsewhere(func() {
		a, b, c := newKey("a"), newKey("b"), newKey("c")
		outer := StartGenerator()
		set(b, 2)
		inner := StartGenerator()
		set(c, 3)
		outer.step(t, func() {
			if inner.Suspend() {
				t.Error("a generator over a suspended one can be suspended")
			}
			set(a, 10)
			set(b, 10)
			set(c, 10)
		})
		expect(t, "inner", a, 10)
		expect(t, "inner", b, 2)
		expect(t, "inner", c, 3)
		inner.End()
		expect(t, "outer", a, 10)
		expect(t, "outer", c, 10)
		outer.End()
		expect(t, "consumer", b, 10)
	})
}

func TestGeneratorWhileTheSlotIsOverwritten(t *testing.T) {
	overwrite := func() { pprof.SetGoroutineLabels(foreignLabels("k", "v")) }
	elsewhere(func() {
		k := newKey("k")
		set(k, 1)
		overwrite()
		g := StartGenerator()
		overwrite()
		expect(t, "generator", k, 1)
		set(k, 2)
		overwrite()
		g.step(t, func() {
			overwrite()
			expect(t, "consumer", k, 1)
			set(k, 3)
			overwrite()
			Frame()
		})
		overwrite()
		expect(t, "generator", k, 2)
		Do(nil, func() {
			overwrite()
			g.step(t, func() { ownLabels(t, "consumer", labelsOf(foreignLabels("k", "v"))) })
		})
		overwrite()
		g.End()
		overwrite()
		expect(t, "consumer", k, 3)
	})
}

func TestPulledGenerator(t *testing.T) {
	elsewhere(func() {
		k, loc := newKey("k"), newLocal("local")
		set(k, 1)
		set(loc, 1)
		g, given, taken := PulledGenerator(), make(chan bool), make(chan bool)
		g.Give()
		done := make(chan bool)
		go func() {
			defer close(done)
			g.Start()
			invariants(t, "started")
			expect(t, "first step", k, 1)
			expect(t, "first step", loc, -1)
			if !g.Suspend() {
				t.Error("Suspend: the generator is not running")
			}
			taken <- true
			<-given
			g.Resume()
			invariants(t, "resumed")
			expect(t, "second step", k, 2)
			expect(t, "second step", loc, -1)
			g.End()
			invariants(t, "ended")
		}()
		<-taken
		g.TakeBack()
		set(k, 2)
		g.Give()
		given <- true
		<-done
		if g.given != nil || g.outer != nil || g.top.Load() != nil {
			t.Error("a generator that has ended holds something")
		}
	})
}

func TestGeneratorOnAnotherGoroutine(t *testing.T) {
	elsewhere(func() {
		g := StartGenerator()
		elsewhere(func() {
			defer func() {
				if recover() == nil {
					t.Error("Suspend does not panic")
				}
				if slot.Load() == nil || recall() != nil {
					t.Error("Suspend has changed what is in force")
				}
			}()
			g.Suspend()
		})
		invariants(t, "after that")
		g.End()
		elsewhere(func() {
			if g.Suspend() {
				t.Error("a generator that has ended can be suspended")
			}
		})
	})
}

// A token that is left when all that a generator has changed is restored, is as good as before though
// the generator has again what its consumer has borrowed.
func TestGeneratorUndoesWhatItHasBorrowed(t *testing.T) {
	elsewhere(func() {
		k, lent := newKey("k"), newKey("lent")
		set(lent, 1)
		set(k, 1)
		Lend(func() {
			elsewhere(func() {
				g := StartGenerator()
				next1, prev1 := set(k, 2)
				next2, prev2 := set(k, 3)
				if !Undo(k, next1, prev1) {
					t.Error("cannot undo")
				}
				if g.Suspend() {
					g.Resume()
				}
				expect(t, "undone", k, 1)
				if !Undo(k, next2, prev2) {
					t.Error("cannot undo the other")
				}
				expect(t, "undone", k, 2)
				expect(t, "undone", lent, 1)
				g.End()
				expect(t, "consumer", k, 1)
			})
		})
	})
}

// A goroutine that was started in a generator holds its owner, and what that leads to is over.
func TestGeneratorEndedKeepsNothing(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		below := setFresh(k)
		for _, lend := range []func(f func()){func(f func()) { f() }, Lend} {
			quit, gone := make(chan bool), make(chan bool)
			lend(func() {
				g := StartGenerator()
				set(k, 1)
				go func() { <-quit; close(gone) }()
				own := setFresh(k)
				g.step(t, func() {})
				g.End()
				if !collected(own) {
					t.Error("what the generator set is kept")
				}
			})
			if below.Value() == nil {
				t.Fatal("what is in force was collected")
			}
			Unset(k)
			if !collected(below) {
				t.Error("what was below is kept")
			}
			below = setFresh(k)
			close(quit)
			<-gone
		}
		runtime.KeepAlive(k)
	})
}

// The same for what the generator has kept of what its consumer had borrowed.
func TestGeneratorEndedKeepsNothingItBorrowed(t *testing.T) {
	elsewhere(func() {
		k, own := newKey("k"), newKey("own")
		lent := setFresh(k)
		quit, gone := make(chan bool), make(chan bool)
		Lend(func() {
			elsewhere(func() {
				g := StartGenerator()
				set(own, 1)
				Lend(func() { go func() { <-quit; close(gone) }() })
				g.End()
			})
		})
		Unset(k)
		if !collected(lent) {
			t.Error("what was lent is kept")
		}
		close(quit)
		<-gone
	})
}
