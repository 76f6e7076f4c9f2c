package current

import (
	"runtime"
	"runtime/pprof"
	"slices"
	"testing"
	"weak"

	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// contents is what a Context has: an owner and a place for frames.
type contents struct {
	owner frame.Owner
	top   slot.Published[frame.Frame]
}

func (c *contents) run(t *testing.T, f func()) {
	t.Helper()
	outer := Mine()
	if !Enter(outer, &c.owner, &c.top) {
		t.Fatal("Enter fails")
	}
	invariants(t, "entered")
	func() {
		defer Leave(outer, &c.owner)
		f()
	}()
	invariants(t, "left")
	if c.owner.Goroutine() != 0 || c.owner.Top != nil {
		t.Fatal("Leave does not leave")
	}
}

func TestEnterAndLeave(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		a, b := new(contents), new(contents)
		set(k, 1)
		a.run(t, func() {
			expect(t, "a", k, -1)
			set(k, 2)
			b.run(t, func() {
				expect(t, "b", k, -1)
				set(k, 3)
				if Enter(Mine(), &a.owner, &a.top) {
					t.Error("a can be entered twice")
				}
				elsewhere(func() {
					if Enter(Mine(), &b.owner, &b.top) {
						t.Error("b can be entered by another goroutine")
					}
					expect(t, "child in b", k, 3)
				})
				invariants(t, "after refused Enters")
				expect(t, "b", k, 3)
			})
			expect(t, "a again", k, 2)
		})
		expect(t, "outside", k, 1)
		elsewhere(func() { // content stays, and may be entered elsewhere
			a.run(t, func() { expect(t, "a elsewhere", k, 2) })
		})
	})
}

func TestLeaveByPanicAndGoexit(t *testing.T) {
	k := newKey("k")
	elsewhere(func() {
		set(k, 1)
		func() {
			defer func() {
				if recover() != "panic" {
					t.Error("the panic does not go on its way")
				}
				invariants(t, "after panic")
				expect(t, "after panic", k, 1)
			}()
			Do(nil, func() { panic("panic") })
		}()
		elsewhere(func() {
			defer func() {
				invariants(t, "at Goexit")
				expect(t, "at Goexit", k, 1)
			}()
			Mine()
			Do(nil, runtime.Goexit)
		})
	})
}

func TestDoLeavesLabelsOfTheGoroutineAlone(t *testing.T) {
	elsewhere(func() {
		tag := newLabelled("tag")
		pprof.SetGoroutineLabels(foreignLabels("own", "1"))
		set(tag, 1)
		labels := func(where string, want ...slot.Label) {
			t.Helper()
			if have := slot.Load().Labels(); !slices.Equal(have, want) {
				t.Errorf("%s: labels are %v, want %v", where, have, want)
			}
		}
		labels("before", slot.Label{Key: "own", Value: "1"}, slot.Label{Key: "tag", Value: "1"})
		content := Content()
		Do(nil, func() {
			labels("empty", slot.Label{Key: "own", Value: "1"})
			pprof.SetGoroutineLabels(foreignLabels("own", "2"))
			Do(content, func() {
				labels("inside", slot.Label{Key: "own", Value: "2"}, slot.Label{Key: "tag", Value: "1"})
			})
			labels("empty again", slot.Label{Key: "own", Value: "2"})
		})
		// What runtime/pprof has set stays.
		labels("after", slot.Label{Key: "own", Value: "2"}, slot.Label{Key: "tag", Value: "1"})
		invariants(t, "after")
	})
}

func TestDoLetsGoOfWhatWasSetInside(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		let, ended := make(chan bool), make(chan bool)
		var first, latest weak.Pointer[payload]
		Do(nil, func() {
			first = setFresh(k)
			go func() { // inherits, and holds the owner
				<-let
				if _, ok := Find(slot.Load(), k); !ok {
					t.Error("the child has lost what it inherited")
				}
				ended <- true
			}()
			latest = setFresh(k)
		})
		if !collected(latest) {
			t.Error("a child keeps what was set after it was started")
		}
		if first.Value() == nil {
			t.Error("what a child inherited was collected")
		}
		let <- true
		<-ended
	})
}

func TestLend(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		set(k, 1)
		before := Content()
		step, seen := make(chan bool), make(chan int)
		Lend(func() {
			invariants(t, "lending")
			if Content() != before {
				t.Error("the lender does not see what it had")
			}
			go func() {
				for range step {
					seen <- get(k)
				}
				close(seen)
			}()
			look := func(want int) {
				t.Helper()
				step <- true
				if have := <-seen; have != want {
					t.Errorf("the borrower sees %d, want %d", have, want)
				}
			}
			look(1)
			set(k, 2)
			look(2)
			Do(nil, func() { look(2) })
			Lend(func() { look(2) })
			look(2)
			pprof.SetGoroutineLabels(foreignLabels("a", "1"))
			expect(t, "lender after a foreign write", k, 2)
			invariants(t, "lending after a foreign write")
			elsewhere(func() {
				expect(t, "second borrower", k, 2)
				set(newKey("own"), 1)
				set(k, 7)
				invariants(t, "borrower with a context of its own")
			})
			expect(t, "lender", k, 2)
		})
		step <- true
		if have := <-seen; have != -1 {
			t.Errorf("the borrower sees %d after the end", have)
		}
		close(step)
		<-seen
		expect(t, "lender afterwards", k, 2)
		invariants(t, "afterwards")
	})
}

func TestDetach(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		set(k, 1)
		elsewhere(func() {
			Detach()
			expect(t, "detached", k, -1)
			invariants(t, "detached")
			set(k, 2)
			invariants(t, "after Set")
		})
		pprof.SetGoroutineLabels(foreignLabels("own", "1"))
		elsewhere(func() {
			Detach()
			expect(t, "detached, with labels", k, -1)
			if have := slot.Load().Labels(); !slices.Equal(have, []slot.Label{{Key: "own", Value: "1"}}) {
				t.Errorf("labels are %v", have)
			}
			set(k, 2)
			invariants(t, "after Set, with labels")
			expect(t, "after Set, with labels", k, 2)
		})
	})
}
