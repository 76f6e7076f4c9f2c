package frame

import (
	"math/bits"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// Frame is an immutable map from keys to words, and the profiler labels of the
// goroutine that it is in force on.
//
// Up to eight variables, which is more than nearly every program has in force,
// stand in cells right behind the frame, direct-mapped by the variable's
// number with a second choice beside the first. A frame has no more cells than
// it needs, since its size is most of what Set costs. What does not fit goes to a
// trie; that, and whatever else few frames have, hangs on rest.
type Frame struct {
	slot.Head // the labels; must be first

	Owner *Owner
	rest  *rest
	used  slot.Flag
	mask  uint8 // number of cells, less one
	n     uint8 // cells in use
	// strays says that a cell is neither the first nor the second choice of
	// its key, so that all of them must be searched.
	strays bool
}

// cell is one variable's place in a frame or in a node.
type cell struct {
	key *Key
	val slot.Word
}

// rest is what few frames have. It is immutable, too.
type rest struct {
	root   *node        // variables that found no cell
	size   int32        // number of those
	apart  bool         // there is a lease, or a life that is watched: see findApart
	locals *node        // Local variables
	tags   []tag        // labels that variables add
	own    []slot.Label // labels without them, if there are tags
	lease  *Lease
	life   *Life
	sites  *node // where variables were set, as far as that was recorded

	layer   *Layer
	changed []*Key // in the layer: its own
}

const maxCells = 8

// New returns a frame without variables.
func New(o *Owner, own []slot.Label) *Frame {
	f := slot.NewBlock[Frame, cell](0)
	f.Owner = o
	f.Mark(own)
	return f
}

func (f *Frame) cell(i uint) *cell { return slot.Cell[Frame, cell](f, i) }

func (f *Frame) class() uint8 { return uint8(bits.Len8(f.mask)) }

// Hit finds the word of k if it is in its first choice of cells; else ask Find, or Read.
// It is apart from Find to be inlined.
func (f *Frame) Hit(k *Key) (slot.Word, bool) {
	c := f.cell(k.num & uint(f.mask))
	return c.val, c.key == k
}

// Find returns the word of k, and false if it has none. For local keys it
// is the caller's task to know whether f is its own.
func (f *Frame) Find(k *Key) (slot.Word, bool) {
	if f.rest != nil && f.rest.apart {
		return f.findApart(k, false)
	}
	return f.Read(k)
}

// Read is Find where users read a variable, which may be reported to others.
func (f *Frame) Read(k *Key) (slot.Word, bool) {
	mask := uint(f.mask)
	first := k.num & mask
	if c := f.cell(first); c.key == k {
		return c.val, true
	}
	if c := f.cell((first ^ 1) & mask); c.key == k {
		return c.val, true
	}
	if f.strays {
		if i := f.search(k); i >= 0 {
			return f.cell(uint(i)).val, true
		}
	}
	switch r := f.rest; {
	case r == nil:
		return slot.Word{}, false
	case r.apart:
		return f.findApart(k, true)
	case k.Local:
		return r.locals.find(k)
	}
	// The walk down the trie stands here and not with node: it saves a call.
	for n, num := f.rest.root, k.num; n != nil; num >>= digitBits {
		bit := uint16(1) << (num & digitMask)
		if n.used&bit == 0 {
			break
		}
		c := n.cell(n.at(bit))
		if c.key == k {
			return c.val, true
		}
		if c.key != nil {
			break
		}
		n = c.child()
	}
	return slot.Word{}, false
}

// index returns k's cell, -1 if it has none.
func (f *Frame) index(k *Key) int {
	mask := uint(f.mask)
	first := k.num & mask
	if f.cell(first).key == k {
		return int(first)
	}
	if second := (first ^ 1) & mask; f.cell(second).key == k {
		return int(second)
	}
	if f.strays {
		return f.search(k)
	}
	return -1
}

// search is index for keys that are in neither of their two places.
func (f *Frame) search(k *Key) int {
	for i := range uint(f.mask) + 1 {
		if f.cell(i).key == k {
			return int(i)
		}
	}
	return -1
}

func (f *Frame) root() *node {
	if f.rest == nil {
		return nil
	}
	return f.rest.root
}

func (f *Frame) locals() *node {
	if f.rest == nil {
		return nil
	}
	return f.rest.locals
}

// Len returns the number of variables.
func (f *Frame) Len() int {
	n := int(f.n)
	if r := f.rest; r != nil && !f.revoked() {
		n += int(r.size) + r.locals.count()
	}
	return n
}

// All calls yield for each variable until it returns false.
func (f *Frame) All(yield func(*Key, slot.Word) bool) {
	for i := range uint(f.mask) + 1 {
		if c := f.cell(i); c.key != nil && !yield(c.key, c.val) {
			return
		}
	}
	if r := f.rest; r != nil && !f.revoked() {
		_ = r.locals.all(yield) && r.root.all(yield)
	}
}

// Used reports whether MarkUsed was called: whether the token of the Set that
// made f was used up. The mark lives here to save the token an allocation.
func (f *Frame) Used() bool { return f.used.IsSet() }

// MarkUsed makes Used true.
func (f *Frame) MarkUsed() { f.used.Set() }
