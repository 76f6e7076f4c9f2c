package frame

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

func nobodyWaits(t *testing.T) {
	t.Helper()
	waitLock.Lock()
	defer waitLock.Unlock()
	if n := waited.Load(); n != 0 || len(waiters) != 0 {
		t.Errorf("%d wait, for %d owners", n, len(waiters))
	}
}

func TestWhenLeft(t *testing.T) {
	o, top := new(Owner), new(slot.Published[Frame])
	told := 0
	tell := func() { told++ }
	o.WhenLeft(tell)
	if told != 1 {
		t.Fatal("nobody has it entered: that is not told at once")
	}
	o.Enter(7, top)
	o.WhenLeft(tell)
	o.WhenLeft(tell)
	if told != 1 {
		t.Fatal("it is told before it is left")
	}
	other := new(Owner)
	other.Enter(7, top)
	other.Leave()
	if told != 1 {
		t.Fatal("it is told when another one is left")
	}
	o.Leave()
	if told != 3 {
		t.Fatalf("told %d times, not three", told)
	}
	o.Enter(7, top)
	o.Leave()
	if told != 3 {
		t.Fatal("it is told twice")
	}
	nobodyWaits(t)
}

func TestPass(t *testing.T) {
	o, top := new(Owner), new(slot.Published[Frame])
	if o.Pass(7, 8) {
		t.Error("what is not entered can be passed on")
	}
	o.Enter(7, top)
	o.WhenLeft(func() {
		if o.Goroutine() != 0 {
			t.Error("it is told when it is passed on")
		}
	})
	if o.Pass(8, 9) || !o.EnteredBy(7) {
		t.Error("somebody else can pass it on")
	}
	if !o.Pass(7, 8) || !o.EnteredBy(8) || o.Top != top {
		t.Error("it was not passed on")
	}
	o.Leave()
	nobodyWaits(t)
}

// Who is told may wait again, or enter what was left.
func TestWhenLeftAgain(t *testing.T) {
	o, top := new(Owner), new(slot.Published[Frame])
	var order []int
	o.Enter(1, top)
	for i := range 3 {
		var try func()
		try = func() {
			if !o.Enter(uint64(2+i), top) {
				o.WhenLeft(try)
				return
			}
			order = append(order, i)
		}
		o.WhenLeft(try)
	}
	for range 4 {
		o.Leave()
	}
	if len(order) != 3 {
		t.Errorf("entered by %v", order)
	}
	if o.Goroutine() != 0 {
		t.Error("it is entered still")
	}
	nobodyWaits(t)
}

// Many goroutines, each of which enters and leaves, and waits where it cannot: none is forgotten.
func TestWhenLeftByMany(t *testing.T) {
	for range 20 {
		var owners [2]Owner
		top := new(slot.Published[Frame])
		var inside [2]atomic.Int32
		var wg sync.WaitGroup
		for id := uint64(1); id <= 6; id++ {
			wg.Go(func() {
				for n := range 200 {
					at := n % 2
					for !owners[at].Enter(id, top) {
						left := make(chan struct{})
						owners[at].WhenLeft(func() { close(left) })
						<-left
					}
					if inside[at].Add(1) != 1 {
						t.Error("two are inside")
					}
					inside[at].Add(-1)
					owners[at].Leave()
				}
			})
		}
		wg.Wait()
		nobodyWaits(t)
	}
}
