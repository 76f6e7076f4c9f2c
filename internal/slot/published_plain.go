//go:build (amd64 || 386) && !race

package slot

import (
	"sync/atomic"
	"unsafe"
)

// Published is a pointer that one goroutine at a time writes and any number
// read, without a locked instruction.
//
// Why a plain store is enough here: the x86 memory model keeps stores in order,
// so whoever sees the pointer sees what it points to as it was written before;
// the compiler keeps the order of stores; the store is one word, with the
// garbage collector's write barrier. All that sync/atomic would add is the
// order between this store and the writer's *later loads*, which nobody relies on.
// It costs 5 ns, twice in every Set with Restore. The race detector does not
// know the x86 memory model: for it, and elsewhere, see published_atomic.go.
type Published[T any] struct{ p *T }

// Load returns the pointer.
func (p *Published[T]) Load() *T {
	return (*T)(atomic.LoadPointer((*unsafe.Pointer)(unsafe.Pointer(&p.p))))
}

// Store sets the pointer.
func (p *Published[T]) Store(v *T) { p.p = v }

// Flag is a bool that one goroutine at a time sets and any number read.
type Flag struct{ v uint32 }

// IsSet reports whether Set was called.
func (f *Flag) IsSet() bool { return atomic.LoadUint32(&f.v) != 0 }

// Set sets the flag, for good.
func (f *Flag) Set() { f.v = 1 }
