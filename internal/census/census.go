// Package census looks at all goroutines of the process from outside: what each holds, where it stands, and who has
// started it.
//
// The runtime tells two halves of that. One says what a goroutine's slot holds and where it stands, but not its
// number (package slots); the other is the dump of all goroutines that a crash prints. They are put together
// by where goroutines stand: join.go says how, and what to do where many stand at one place.
package census

import (
	"cmp"
	"runtime"
	"slices"
	"time"

	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot/slots"
	"github.com/gocontextvars/contextvars/internal/traceback"
)

// A Census is all goroutines as of one look.
type Census struct {
	Time time.Time
	// Took is how long it took, Stopped for how much of that the world stood still, at most.
	Took, Stopped time.Duration
	// Goroutines is sorted by id, those without last. They may be more than Total: one that was not where it was
	// when it was printed is there twice, with what it holds and with its number.
	Goroutines []*Goroutine
	Total      int
	// Dumped is false if they were too many, or too deep, for a dump: then none has a state or a creator, and hardly one an id.
	Dumped bool
	// OwnOnly: this Go release does not let us see what goroutines have inherited, only what they have set.
	OwnOnly bool
}

// A Goroutine is one of them.
type Goroutine struct {
	// ID is 0 if it is not known. Then it is one of OneOf, unless these would be many; and what these have
	// in common stands below.
	ID    uint64
	OneOf []uint64
	// Content is what it sees; nil is nothing. Local variables in it are the goroutine's only if Own.
	Content *frame.Frame
	// Own: it has a context of its own, since it has set something or entered a Context. Inherited: it has not. Neither
	// is true if nobody knows.
	Own, Inherited bool
	// InheritedFrom is the goroutine that an inherited context belongs to, or did last; 0 if unknown.
	InheritedFrom uint64
	// Displaced: Content is from the goroutine's outermost context, since its slot has something else.
	Displaced bool

	State       string
	WaitMinutes uint64
	Stack       []traceback.Frame // the most recent call first, without the runtime's; it is shared, and not to be changed
	Created     traceback.Frame   // the go statement; zero if it is not known
	Creator     uint64
}

// callsEach is how many calls goroutines may be deep, on average, for as many as max to be dumped: how long the world
// stands still depends on that.
const callsEach = 20

// Take looks at all goroutines. It stops the world for some 0.35 µs for each call that they are in: 3 µs for a goroutine
// that is 8 deep. If there are more than max, or 20*max calls, it does not dump them, and stops it for next to nothing.
// It takes two to three times as long, a tenth of it without a dump.
func Take(max int) *Census {
	began := time.Now()
	records, ok := slots.All()
	c := &Census{Time: began}
	if ok {
		c.whole(records, max)
	} else {
		c.onlyOwn(max)
	}
	slices.SortStableFunc(c.Goroutines, func(a, b *Goroutine) int {
		// Zero stands for none, and is last.
		return cmp.Compare(a.ID-1, b.ID-1)
	})
	c.Took = time.Since(began)
	return c
}

func (c *Census) whole(records []slots.Record, max int) {
	c.Total = len(records)
	p := newPlaces()
	if len(records) <= max && calls(records) <= callsEach*max {
		c.Dumped = true
		text, stopped := traceback.All()
		again, _ := slots.All() // at once: the less time passes, the fewer have moved
		c.Stopped = stopped
		before := p.sighted(records)
		before[0].looker = true
		c.Goroutines = join(before, p.printed(text), p.sighted(again))
		c.displaced()
		return
	}
	for _, s := range p.sighted(records) {
		c.Goroutines = append(c.Goroutines, s.goroutine())
	}
}

// calls returns how many calls a dump would have: of each stack up to a hundred.
func calls(records []slots.Record) (n int) {
	for _, r := range records {
		n += min(len(r.Stack), 2*maxDepth)
	}
	return n
}

// displaced finds what those goroutines hold whose slots have something else, such as profiler labels.
func (c *Census) displaced() {
	outermost := current.Outermost()
	for _, g := range c.Goroutines {
		if g.Content != nil || g.ID == 0 {
			continue
		}
		if f := outermost[g.ID]; f != nil {
			g.Content, g.Own, g.Inherited, g.Displaced = f.Content(), true, false, true
		}
	}
}

// onlyOwn is the census where slots cannot be read.
func (c *Census) onlyOwn(max int) {
	c.OwnOnly = true
	if runtime.NumGoroutine() <= max {
		c.Dumped = true
		text, stopped := traceback.All()
		c.Stopped = stopped
		for _, p := range newPlaces().printed(text) {
			c.Goroutines = append(c.Goroutines, p.goroutine())
		}
		c.Total = len(c.Goroutines)
		c.displaced()
		for _, g := range c.Goroutines {
			g.Displaced = false // nobody knows
		}
		return
	}
	c.Total = runtime.NumGoroutine()
	for id, f := range current.Outermost() {
		c.Goroutines = append(c.Goroutines, &Goroutine{ID: id, Content: f.Content(), Own: true})
	}
}
