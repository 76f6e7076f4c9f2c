package frame

import (
	"math/bits"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// node is a node of a persistent 16-way trie (Bagwell's array mapped trie, as in
// Python's HAMT) over the variables' numbers, lowest bits first. Numbers are
// their own hash and never collide. Its cells follow it in the same allocation; one
// without a key holds a child.
type node struct {
	used  uint16 // bit i: digit i has a cell
	class uint8  // of the block
}

const (
	digitBits = 4
	digitMask = 1<<digitBits - 1
)

func (n *node) cell(i uint) *cell { return slot.Cell[node, cell](n, i) }

func (n *node) len() uint { return uint(bits.OnesCount16(n.used)) }

// at returns where the cell of the digit's bit is, or would be.
func (n *node) at(bit uint16) uint { return uint(bits.OnesCount16(n.used & (bit - 1))) }

func (c cell) child() *node { return slot.Unpack[*node](c.val, slot.Direct) }

func childCell(n *node) cell { return cell{val: slot.Pack(n, slot.Direct)} }

// all calls yield for each variable until it returns false, and says whether it
// never did.
func (n *node) all(yield func(*Key, slot.Word) bool) bool {
	if n == nil {
		return true
	}
	for i := range n.len() {
		if !n.cell(i).all(yield) {
			return false
		}
	}
	return true
}

func (c cell) all(yield func(*Key, slot.Word) bool) bool {
	if c.key == nil {
		return c.child().all(yield)
	}
	return yield(c.key, c.val)
}

// find returns the word of k, and false if it has none. n may be nil.
func (n *node) find(k *Key) (slot.Word, bool) {
	for num := k.num; n != nil; num >>= digitBits {
		c := n.cellOf(1 << (num & digitMask))
		if c.key == k {
			return c.val, true
		}
		if !c.isChild() {
			break
		}
		n = c.child()
	}
	return slot.Word{}, false
}

// count returns the number of variables. n may be nil.
func (n *node) count() (count int) {
	n.all(func(*Key, slot.Word) bool { count++; return true })
	return count
}

// with returns a trie in which k has the word w, and whether k is new in it.
// n may be nil. shift is the number of bits of k's number that led here.
func (n *node) with(k *Key, w slot.Word, shift uint) (_ *node, added bool) {
	bit := uint16(1) << (k.num >> shift & digitMask)
	if n == nil {
		return single(bit, cell{k, w}), true
	}
	i := n.at(bit)
	if n.used&bit == 0 {
		return n.inserted(bit, i, cell{k, w}), true
	}
	switch c := *n.cell(i); {
	case c.key == k:
		return n.replaced(i, cell{k, w}), false
	case c.key != nil:
		child, _ := (*node)(nil).with(c.key, c.val, shift+digitBits)
		child, _ = child.with(k, w, shift+digitBits)
		return n.replaced(i, childCell(child)), true
	default:
		child, added := c.child().with(k, w, shift+digitBits)
		return n.replaced(i, childCell(child)), added
	}
}

// without returns a trie without k, nil if it is empty, and whether k was in it.
func (n *node) without(k *Key, shift uint) (_ *node, removed bool) {
	if n == nil {
		return nil, false
	}
	bit := uint16(1) << (k.num >> shift & digitMask)
	if n.used&bit == 0 {
		return n, false
	}
	i := n.at(bit)
	c := *n.cell(i)
	if c.key == k {
		return n.removed(bit, i), true
	}
	if c.key != nil {
		return n, false
	}
	child, removed := c.child().without(k, shift+digitBits)
	if !removed {
		return n, false
	}
	// A child is never left empty: it had two variables at least. One that is
	// left with a single variable makes place for that variable.
	if only := *child.cell(0); child.len() == 1 && only.key != nil {
		return n.replaced(i, only), true
	}
	return n.replaced(i, childCell(child)), true
}

func single(bit uint16, c cell) *node {
	n := slot.NewBlock[node, cell](0)
	n.used = bit
	*n.cell(0) = c
	return n
}

func (n *node) replaced(i uint, c cell) *node {
	m := slot.CloneCells[node, cell](n, n.class)
	m.used, m.class = n.used, n.class
	*m.cell(i) = c
	return m
}

func (n *node) inserted(bit uint16, i uint, c cell) *node {
	m := sized(n.used | bit)
	for j := range i {
		*m.cell(j) = *n.cell(j)
	}
	*m.cell(i) = c
	for j := i; j < n.len(); j++ {
		*m.cell(j + 1) = *n.cell(j)
	}
	return m
}

func (n *node) removed(bit uint16, i uint) *node {
	if n.used == bit {
		return nil
	}
	m := sized(n.used &^ bit)
	for j := range m.len() {
		from := j
		if j >= i {
			from++
		}
		*m.cell(j) = *n.cell(from)
	}
	return m
}

// sized returns a node with room for the used digits.
func sized(used uint16) *node {
	class := classFor(uint8(bits.OnesCount16(used)))
	n := slot.NewBlock[node, cell](class)
	n.used, n.class = used, class
	return n
}
