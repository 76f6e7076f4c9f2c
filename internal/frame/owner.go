package frame

import (
	"sync/atomic"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// Owner is the identity of a context: what a token remembers, and what tells a
// goroutine's own frame from one that it inherited. It is apart from the
// context's content because children hold their creator's owner through the
// frame that they inherited, and must not hold what came after.
//
// All fields but goroutine belong to the goroutine that has the context
// entered.
type Owner struct {
	goroutine atomic.Uint64 // the one that has it entered, or with the bit left the last one that had; 0: nobody ever

	// Top is where the context in force keeps its newest frame; nil while the
	// context is not entered.
	Top *slot.Published[Frame]
	// Inner is what the goroutine has entered on top of this one.
	Inner *Owner
	// Terms is nil for nearly all: nothing is lent or borrowed.
	Terms slot.Published[Terms]
	// Host is what runs the goroutine that has the context entered, if that is an event
	// loop; nil for nearly all.
	Host *Host
}

// left says that nobody has the context entered. No id is that large.
const left = 1 << 63

// Host is what an event loop leaves on the goroutines that it runs, to be found from there by
// who is called there. It outlives what is run: goroutines that were started meanwhile
// may come to hold it.
type Host struct{ Worker any }

// Terms say what a context has to do with leases.
type Terms struct {
	// Lease, if not nil, is what the frames of the context are lent on.
	Lease *Lease
	// Borrowed is the frame on lease that the goroutine was started with.
	Borrowed *Frame
	// Kept is the copy of what was borrowed that the first change was made to; nil
	// if there has been none, or it was taken back.
	Kept *Frame
}

// EnteredBy reports whether the goroutine with this id has the context entered.
func (o *Owner) EnteredBy(id uint64) bool { return o.goroutine.Load() == id }

// Goroutine returns the id of the goroutine that has the context entered, 0 for none.
func (o *Owner) Goroutine() uint64 {
	id := o.goroutine.Load()
	if id&left != 0 {
		return 0
	}
	return id
}

// LastGoroutine is Goroutine, or else the last one that had the context entered: for people
// who want to know where a goroutine that it was inherited by has come from.
func (o *Owner) LastGoroutine() uint64 { return o.goroutine.Load() &^ left }

// Enter makes the goroutine with this id the one that has o entered, with top as
// the place of its frames; false if there is one already.
func (o *Owner) Enter(id uint64, top *slot.Published[Frame]) bool {
	had := o.goroutine.Load()
	if had != 0 && had&left == 0 || !o.goroutine.CompareAndSwap(had, id) {
		return false
	}
	o.Top = top
	return true
}

// Pass makes the goroutine with the id to the one that has o entered, if the one with the id from
// has.
func (o *Owner) Pass(from, to uint64) bool { return o.goroutine.CompareAndSwap(from, to) }

// Leave undoes Enter.
func (o *Owner) Leave() {
	o.Top, o.Host = nil, nil
	o.goroutine.Store(o.goroutine.Load() | left)
	if waited.Load() != 0 {
		o.tell()
	}
}
