package slot

import (
	"math/rand/v2"
	"strings"
	"unsafe"
)

// A ticket is a profiler label that leads to something of ours: it has a key that
// nobody else has and an empty value whose data pointer is the way. Copying a string,
// as runtime/pprof does when it merges label sets, copies the data pointer even of an
// empty one, and the garbage collector follows it like any other, so what it leads
// to lives as long as the label does.

// ticket is what the value points to. The seal makes sure that it really is one:
// without unsafe nobody can find out the number, so nobody can make a string that
// is taken for a ticket.
type ticket struct {
	seal    uint64
	payload any
}

var (
	seal      = rand.Uint64()
	ticketKey = strings.Clone("github.com/gocontextvars/contextvars") // its address is ours alone
)

// Ticket returns a label that leads to payload.
func Ticket(payload any) Label {
	t := &ticket{seal, payload}
	return Label{ticketKey, unsafe.String((*byte)(unsafe.Pointer(t)), 0)}
}

// Payload returns what the label leads to, nil if it is no ticket.
//
// A string that somebody cut to nothing may have less memory behind it than a
// ticket has, or stand at an odd address: the seal is read from there all the same,
// and differs.
//
//go:nocheckptr
func (l Label) Payload() any {
	if unsafe.StringData(l.Key) != unsafe.StringData(ticketKey) || len(l.Key) != len(ticketKey) || len(l.Value) != 0 {
		return nil
	}
	p := unsafe.Pointer(unsafe.StringData(l.Value))
	if uintptr(p)%unsafe.Alignof(ticket{}) != 0 {
		return nil
	}
	t := (*ticket)(p)
	if t == nil || t.seal != seal {
		return nil
	}
	return t.payload
}
