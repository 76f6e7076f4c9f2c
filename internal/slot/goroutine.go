package slot

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

// getg returns the running goroutine's g structure. It is three lines of
// assembly for each architecture, in g_*.s.
func getg() unsafe.Pointer

// G is the address of a g structure of the runtime, or nothing where goroutines
// are told apart by their printed ids. The runtime never frees a g, but uses it
// again for later goroutines, so that an address alone names nobody.
type G struct{ p unsafe.Pointer }

// gLayout is what the start-up check found out about the runtime's g structure.
type gLayout struct {
	// id is the offset of the goroutine's id, 0 if it was not found. The
	// status word stands 8 bytes before it.
	id uintptr
	// mortal reports whether a goroutine that has ended was seen to have the
	// status dead.
	mortal bool
}

var layout gLayout

// Statuses of a g, from runtime/runtime2.go. The start-up check
// sees the first and the last on real goroutines before anything relies on them.
const (
	statusRunning = 2
	statusDead    = 6
	statusScan    = 0x1000 // a bit added while the stack is scanned
)

// Self returns the running goroutine's G; false where there is none to be had.
func Self() (G, bool) {
	if layout.id == 0 {
		return G{}, false
	}
	return G{getg()}, true
}

// ID returns the running goroutine's id, which no other goroutine of this
// process ever has; but callbacks from threads that C made take turns on a few goroutines of
// the runtime's, and so have their ids in common. It costs 2 ns, and 2 µs where the id's place was not found.
func ID() uint64 {
	if layout.id == 0 {
		return printedID()
	}
	return G{getg()}.id(layout.id)
}

// FastID is ID where that is fast, and else a number that is nobody's id. It is apart
// from ID to be inlined.
func FastID() uint64 {
	if layout.id == 0 {
		return ^uint64(0)
	}
	return G{getg()}.id(layout.id)
}

// id reads the id in g. The read stays inside the g: offsets are only ever taken
// from the start-up check, which stops well before its end.
func (g G) id(offset uintptr) uint64 { return *(*uint64)(unsafe.Add(g.p, offset)) }

func (g G) status(offset uintptr) uint32 {
	return atomic.LoadUint32((*uint32)(unsafe.Add(g.p, offset-8)))
}

// Addr returns g as a number, to be a key in a table. It stays right for ever:
// g structures do not move and are not freed.
func (g G) Addr() uintptr { return uintptr(g.p) }

// Gone reports whether the goroutine that had this id on g has ended. It may
// report false for one that has, but never true for one that has not.
func (g G) Gone(id uint64) bool {
	return layout.mortal && (g.id(layout.id) != id || g.status(layout.id) == statusDead)
}

// Mortal reports whether Gone can ever be true. Where it cannot, nothing
// should be kept by G.
func Mortal() bool { return layout.mortal }

// printedID returns the id that a traceback of the running goroutine begins
// with: "goroutine 18 [running]:".
func printedID() uint64 {
	var buf [64]byte
	n := runtime.Stack(buf[:], false)
	var id uint64
	for _, c := range buf[len("goroutine "):n] {
		if c < '0' || c > '9' {
			break
		}
		id = id*10 + uint64(c-'0')
	}
	return id
}

// idOffsetLimit bounds the search for the id: a g is larger than this, and its id
// stands in the first half, everywhere since Go 1.5.
const idOffsetLimit = 32 * unsafe.Sizeof(uintptr(0))

// sighting is a goroutine seen running, with its printed id.
type sighting struct {
	g       G
	id      uint64
	offsets uint64 // bit i: the id and a running status stand at offset 4*i
}

// sight looks at the running goroutine.
func sight() sighting {
	s := sighting{g: G{getg()}, id: printedID()}
	step := unsafe.Alignof(s.id)
	for off := max(8, step); off < idOffsetLimit; off += step {
		if s.g.id(off) == s.id && s.g.status(off)&^statusScan == statusRunning {
			s.offsets |= 1 << (off / 4)
		}
	}
	return s
}
