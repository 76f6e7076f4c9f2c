package slot

import "unsafe"

// MaxClass is the largest class of a block: 1<<MaxClass cells.
const MaxClass = 4

// A block is a header H followed by 1, 2, 4, 8 or 16 cells C in one allocation:
// what C calls a flexible array member. Each class is a Go type of its own, so
// that the garbage collector knows every pointer in it; code holds them all as
// *H and keeps the class in the header.

type (
	block1[H, C any] struct {
		head  H
		cells [1]C
	}
	block2[H, C any] struct {
		head  H
		cells [2]C
	}
	block4[H, C any] struct {
		head  H
		cells [4]C
	}
	block8[H, C any] struct {
		head  H
		cells [8]C
	}
	block16[H, C any] struct {
		head  H
		cells [16]C
	}
)

// NewBlock allocates a block of 1<<class zero cells.
func NewBlock[H, C any](class uint8) *H {
	switch class {
	case 0:
		return &new(block1[H, C]).head
	case 1:
		return &new(block2[H, C]).head
	case 2:
		return &new(block4[H, C]).head
	case 3:
		return &new(block8[H, C]).head
	case 4:
		return &new(block16[H, C]).head
	}
	panic("contextvars: internal error: no such block class")
}

// NewBlock1 is NewBlock for class 0, without a call.
func NewBlock1[H, C any]() *H { return &new(block1[H, C]).head }

// CloneCells allocates a block with h's class and cells and a zero header.
// The class must be the one that h was made with.
//
// The conversions are sound because h is the first field of a block of just
// that class. Headers are not copied: they hold words that others write.
func CloneCells[H, C any](h *H, class uint8) *H {
	switch class {
	case 0:
		b := new(block1[H, C])
		b.cells = (*block1[H, C])(unsafe.Pointer(h)).cells
		return &b.head
	case 1:
		b := new(block2[H, C])
		b.cells = (*block2[H, C])(unsafe.Pointer(h)).cells
		return &b.head
	case 2:
		b := new(block4[H, C])
		b.cells = (*block4[H, C])(unsafe.Pointer(h)).cells
		return &b.head
	case 3:
		b := new(block8[H, C])
		b.cells = (*block8[H, C])(unsafe.Pointer(h)).cells
		return &b.head
	case 4:
		b := new(block16[H, C])
		b.cells = (*block16[H, C])(unsafe.Pointer(h)).cells
		return &b.head
	}
	panic("contextvars: internal error: no such block class")
}

// Cell returns the i'th cell of h, which the caller knows to be below 1<<class:
// the address then lies in h's own allocation.
func Cell[H, C any](h *H, i uint) *C {
	var b block1[H, C]
	return (*C)(unsafe.Add(unsafe.Pointer(h), unsafe.Offsetof(b.cells)+uintptr(i)*unsafe.Sizeof(b.cells[0])))
}
