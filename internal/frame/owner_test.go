package frame

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

func TestOwnerIsEnteredByOne(t *testing.T) {
	o, top := new(Owner), new(slot.Published[Frame])
	if o.EnteredBy(7) || o.Goroutine() != 0 {
		t.Error("a new owner is entered")
	}
	if !o.Enter(7, top) || o.Top != top || !o.EnteredBy(7) || o.EnteredBy(8) || o.Goroutine() != 7 {
		t.Error("Enter does not enter")
	}
	for _, id := range []uint64{7, 8} {
		if o.Enter(id, new(slot.Published[Frame])) || o.Top != top || !o.EnteredBy(7) {
			t.Errorf("goroutine %d could enter what is entered, or disturbed it", id)
		}
	}
	o.Leave()
	if o.Goroutine() != 0 || o.Top != nil || o.EnteredBy(7) {
		t.Error("Leave does not leave")
	}
	if o.LastGoroutine() != 7 {
		t.Errorf("the last goroutine is said to be %d", o.LastGoroutine())
	}
	if !o.Enter(8, top) {
		t.Error("an owner cannot be entered again")
	}
	if o.Goroutine() != 8 || o.LastGoroutine() != 8 {
		t.Errorf("entered by %d, last by %d, want 8", o.Goroutine(), o.LastGoroutine())
	}
}

func TestOwnerIsEnteredByOneOfMany(t *testing.T) {
	for range 50 {
		o := new(Owner)
		var entered atomic.Int32
		var wg sync.WaitGroup
		for id := uint64(1); id <= 8; id++ {
			wg.Go(func() {
				if o.Enter(id, new(slot.Published[Frame])) {
					entered.Add(1)
				}
			})
		}
		wg.Wait()
		if n := entered.Load(); n != 1 {
			t.Fatalf("%d goroutines entered", n)
		}
	}
}
