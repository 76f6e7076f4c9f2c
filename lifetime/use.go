package lifetime

import (
	"fmt"
	"log/slog"
	"runtime"
	"sync"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
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
				current.Do(current.Shared(), func() { u.tell(f) })
			}
		}
	}
}

func (u Use) tell(f func(Use)) {
	defer func() {
		if r := recover(); r != nil {
			slog.Error("lifetime: a func that Report was given has panicked", "panic", r, "use", u.String())
		}
	}()
	f(u)
}
