// Package slots reads the slots of all goroutines, for tools that show what a program does. It is apart
// from package slot because what it asks of the runtime is promised to nobody: a program that does not show
// anything is not to depend on it.
package slots

import (
	"runtime"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// A Record is a goroutine, of which its number is not known.
type Record struct {
	Stack []uintptr // its calls, the most recent first, as runtime.CallersFrames wants them
	// Head is what its slot holds, nil for nothing: see [slot.Load]. It is kept alive.
	Head *slot.Head
}

// All returns a record for each goroutine, in no order. The world stands still for some microseconds, whatever
// their number; then each goroutine for as long as its own stack takes. A goroutine of the runtime's own
// is not among them. It returns false if this Go release has no way to tell.
//
// What the heads lead to was stored before, so with the race detector it is acquired by this.
func All() ([]Record, bool) {
	for size := runtime.NumGoroutine(); ; {
		size += size/10 + 10
		stacks, heads := make([]stack, size), make([]*slot.Head, size)
		n, ok := profile(stacks, heads)
		if n < 0 {
			return nil, false
		}
		if !ok {
			size = n
			continue
		}
		records := make([]Record, n)
		for i := range records {
			records[i] = Record{stacks[i].pcs, heads[i]}
		}
		return records, true
	}
}

// stack is laid out as profilerecord.StackRecord of the runtime.
type stack struct{ pcs []uintptr }
