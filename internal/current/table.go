package current

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// The table finds a goroutine's root by the address of its g, for goroutines
// whose slot somebody else has overwritten. An entry is written by the goroutine
// itself, once in its life, and read by that goroutine only; so all
// that has to be shared is the memory.
//
// It is a hash table with open addressing whose cells are claimed and never given
// back: there are as many as there have been goroutines at a time, since the runtime
// uses a g again and again. Reading and writing take no lock. When the table is
// replaced by a larger or a smaller one, under the lock, a writer that finds out after
// writing that this was going on writes once more.

type table struct {
	cells []entry // their number is a power of two
	shift uint8
	used  atomic.Int64 // cells claimed
}

type entry struct {
	g    atomic.Uintptr // 0: free
	root atomic.Pointer[root]
}

const minCells = 64

var (
	goroutines atomic.Pointer[table]
	replacing  atomic.Bool
	tableLock  sync.Mutex // for replacing and sweeping
)

func init() { goroutines.Store(newTable(minCells)) }

func newTable(cells int) *table {
	return &table{cells: make([]entry, cells), shift: uint8(64 - bits.Len(uint(cells-1)))}
}

// find returns g's cell, or the free one where it would be. There is always a
// free one.
func (t *table) find(g uintptr) *entry {
	mask := uintptr(len(t.cells) - 1)
	// Fibonacci hashing: the low bits of an address say little.
	for i := uintptr(uint64(g) * 0x9E3779B97F4A7C15 >> t.shift); ; i++ {
		e := &t.cells[i&mask]
		if have := e.g.Load(); have == g || have == 0 {
			return e
		}
	}
}

// put enters r; false if the table has to grow first.
func (t *table) put(r *root) bool {
	g := r.g.Addr()
	for {
		e := t.find(g)
		if e.g.Load() == g {
			// Whose root was here has ended, else it would not be r's g.
			if old := e.root.Swap(r); old != nil && old != r {
				old.forget()
			}
			return true
		}
		// The number is raised before a cell is taken, so that a free one is left.
		if t.used.Add(1) > int64(len(t.cells)/2) {
			t.used.Add(-1)
			return false
		}
		if !e.g.CompareAndSwap(0, g) {
			t.used.Add(-1) // somebody else's now
		}
	}
}

// remember enters the running goroutine's root.
func remember(r *root) {
	t := goroutines.Load()
	if !t.put(r) || replacing.Load() || goroutines.Load() != t {
		tableLock.Lock()
		for !goroutines.Load().put(r) {
			t := goroutines.Load()
			replace(len(t.cells) * 2)
		}
		tableLock.Unlock()
	}
	armSweep()
}

// recall returns the running goroutine's root, nil if it has none.
func recall() *root {
	g, ok := slot.Self()
	if !ok {
		return nil
	}
	if r := goroutines.Load().find(g.Addr()).root.Load(); r != nil && r.id == slot.ID() {
		return r
	}
	return nil
}

// replace moves the living to a table with that many cells, or more if they have become
// too many. tableLock is held.
func replace(cells int) {
	replacing.Store(true)
	old, t := goroutines.Load(), newTable(cells)
	for !old.copyTo(t) {
		cells *= 2
		t = newTable(cells)
	}
	goroutines.Store(t)
	replacing.Store(false)
}

// copyTo enters the living of t in u, and returns false if u is too small for them.
func (t *table) copyTo(u *table) bool {
	for i := range t.cells {
		switch r := t.cells[i].root.Load(); {
		case r == nil:
		case r.gone():
			r.forget()
		case !u.put(r):
			return false
		}
	}
	return true
}
