package slot

import (
	"math/rand/v2"
	"strings"
	"unsafe"
)

// A ticket is a profiler label that leads back to a Head: it has a key that
// nobody else has and an empty value whose data pointer is the way. Copying a string,
// as runtime/pprof does when it merges label sets, copies the data pointer even of an
// empty one, and the garbage collector follows it like any other, so the Head
// lives as long as the label does.

// ticket is what the value points to. The seal makes sure that it really is one:
// without unsafe nobody can find out the number, so nobody can make a string that
// is taken for a ticket.
type ticket struct {
	seal uint64
	head *Head
}

var (
	seal      = rand.Uint64()
	ticketKey = strings.Clone("contextvars") // its address is ours alone
)

// Ticket returns a label that leads to h.
func Ticket(h *Head) Label {
	t := &ticket{seal, h}
	return Label{ticketKey, unsafe.String((*byte)(unsafe.Pointer(t)), 0)}
}

// Head returns what the label leads to, nil if it is no ticket.
func (l Label) Head() *Head {
	if unsafe.StringData(l.Key) != unsafe.StringData(ticketKey) || len(l.Key) != len(ticketKey) || len(l.Value) != 0 {
		return nil
	}
	t := (*ticket)(unsafe.Pointer(unsafe.StringData(l.Value)))
	if t == nil || t.seal != seal {
		return nil
	}
	return t.head
}
