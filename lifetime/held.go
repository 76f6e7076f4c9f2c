package lifetime

import (
	"fmt"
	"runtime"
	"time"

	"github.com/gocontextvars/contextvars/internal/census"
	"github.com/gocontextvars/contextvars/internal/held"
)

// A Holding is a [Work] that has ended, and who still holds its context.
type Holding struct {
	Work       *Work
	Goroutines []Goroutine
	Timers     []Timer

	text *held.Holding
}

// A Goroutine is one that holds an ended [Work].
type Goroutine struct {
	// ID is 0 if it is not known. Then it is one of OneOf, unless these would be many.
	ID    uint64
	OneOf []uint64
	// State is what the runtime says that it does or waits for, such as "chan receive", and Wait for how long
	// it has waited, in whole minutes. Both are zero if they are not known.
	State string
	Wait  time.Duration
	// Stack is the calls that it is in, the innermost first, without the runtime's.
	Stack []Call
	// Created is the go statement that started it, in the goroutine Creator; both are zero if not known.
	Created Call
	Creator uint64
}

// A Timer is a function that waits to be called in a context of an ended [Work], or has been and can be again.
type Timer struct {
	// Kind is what made it: AfterFunc, AfterDone, Bind, Bind1, BindResult of package contextvars, or CallLater or CallAt
	// of package asyncio.
	Kind string
	// Created is the calls that made it, from the innermost up to the begin of the work, 12 at most.
	Created []Call
	// Due is when it is called for the first time, of an AfterFunc; else zero. A Reset is not seen.
	Due time.Time
}

// A Call is a place in the program.
type Call struct {
	Func string // with its package's path
	File string
	Line int
}

// String is the call in a line.
func (c Call) String() string { return fmt.Sprintf("%s (%s:%d)", c.Func, c.File, c.Line) }

// Held lists the pieces of work that have ended and that somebody still holds, the one that ended first at the beginning.
// Only those are known that began while somebody tracked, see [Track]; tracking may have stopped since.
//
// A goroutine holds a Work if its current context belongs to it, whether it has set variables itself or not. That
// includes the caller of Held, and goroutines that are about to end: of work that ended a moment ago, some may be gone
// at the next look. A timer holds one if it was made in it while somebody tracked, and can still be reached, stopped or
// not: one that was stopped is reached by the runtime until that comes to tidy up. It is listed once two garbage
// collections have passed since the end of the work, for until then nobody knows.
//
// Not seen are goroutines that are inside of Detach, or of Context.Run with another Context, and will come
// back; those that have lost their variables in a pprof.Do with a foreign ctx and have set none themselves; and whatever
// is neither a goroutine nor a timer, such as a Context in a variable.
//
// Held stops the world for some 3 µs for each goroutine of the process that is 8 calls deep, and takes some 5 µs for each. With more
// than 20,000 of them, or 400,000 calls, it stops it for next to nothing, and states, creators and numbers are not known.
func Held() []Holding {
	var all []Holding
	holdings, _ := held.In(census.Take(maxDumped))
	for _, h := range holdings {
		all = append(all, holdingOf(h))
	}
	return all
}

// maxDumped is the number of goroutines up to which the world is stopped for long.
const maxDumped = 20_000

func holdingOf(h *held.Holding) Holding {
	all := Holding{Work: h.Life.Work.(*Work), text: h}
	for _, g := range h.Goroutines {
		goroutine := Goroutine{
			ID: g.ID, OneOf: g.OneOf, State: g.State, Wait: time.Duration(g.WaitMinutes) * time.Minute, Creator: g.Creator,
			Created: Call{g.Created.Function, g.Created.File, g.Created.Line},
		}
		for _, f := range g.Stack {
			goroutine.Stack = append(goroutine.Stack, Call{f.Function, f.File, f.Line})
		}
		all.Goroutines = append(all.Goroutines, goroutine)
	}
	for _, c := range h.Calls {
		all.Timers = append(all.Timers, Timer{c.Kind, callsOf(c.Made()), c.Due})
	}
	return all
}

// String describes the holding in lines: the work, and each holder with where it stands and where it was made.
// Holders that have that in common are described once.
func (h Holding) String() string {
	if h.text == nil {
		return fmt.Sprintf("%v: nobody", h.Work)
	}
	return h.text.String()
}

func callsOf(frames []runtime.Frame) (calls []Call) {
	for _, f := range frames {
		calls = append(calls, Call{f.Function, f.File, f.Line})
	}
	return calls
}
