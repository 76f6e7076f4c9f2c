package lifetime

import (
	"fmt"
	"log/slog"
	"runtime"
	"sync"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// A Use is what [Report] tells: somebody has read a variable after the end of the work that it was set for.
type Use struct {
	Work     *Work
	Variable contextvars.Variable
	// Goroutine is the number of the goroutine that did, as tracebacks have it.
	Goroutine uint64
	// Stack is the calls that led there, the innermost first, 16 at most.
	Stack []Call
}

// String describes the use in a line, without the value.
func (u Use) String() string {
	at := "an unknown place"
	if len(u.Stack) > 0 {
		at = u.Stack[0].String()
	}
	return fmt.Sprintf("goroutine %d reads %q of %v at %s", u.Goroutine, u.Variable.Name(), u.Work, at)
}

// places are where uses of a Work's variables were reported. They are as many as the program has such places.
type places struct{ known sync.Map }

type place struct {
	key *frame.Key
	at  [maxStack]uintptr
}

const maxStack = 16

// reporting has the goroutines that are in a function of Report.
var reporting sync.Map

// read is called when k is read in a context of w, which has ended.
func (w *Work) read(k *frame.Key) {
	id := slot.ID()
	if _, again := reporting.LoadOrStore(id, true); again {
		return
	}
	defer reporting.Delete(id)
	p := place{key: k}
	depth := runtime.Callers(2, p.at[:])
	if _, again := w.reported.known.LoadOrStore(p, true); again {
		return
	}
	u := Use{Work: w, Variable: k.Var.(contextvars.Variable), Goroutine: id, Stack: callsOf(frame.Calls(p.at[:depth]))}
	for _, t := range w.reporters {
		for _, f := range t.report {
			if !t.stopped.Load() {
				u.tell(f)
			}
		}
	}
}

// tell calls f on a goroutine of its own, so that a Goexit, such as t.Fatal's, does not end the reader's. It inherits
// the reader's context.
func (u Use) tell(f func(Use)) {
	told := make(chan struct{})
	go func() {
		defer close(told)
		defer u.logPanic()
		reporting.Store(slot.ID(), true)
		defer reporting.Delete(slot.ID())
		f(u)
	}()
	<-told
}

func (u Use) logPanic() {
	r := recover()
	if r == nil {
		return
	}
	defer func() { _ = recover() }() // a log handler may panic, too, and this is none of the reader's business
	slog.Error("lifetime: a func that Report was given has panicked", "panic", r, "use", u.String())
}
