package asyncio

import (
	"errors"
	"strings"
)

// run calls the body and waits for the members.
func (g *Group) run(f func(*Group) error) error {
	defer g.end()
	returned := false
	defer func() {
		if !returned {
			g.crash()
		}
	}()
	err := f(g)
	returned = true
	return g.exit(err)
}

// exit is what happens after the body has returned err.
func (g *Group) exit(err error) error {
	if isCancelled(err) {
		g.cancelled, err = err, nil
	}
	if g.exiting = true; err != nil || g.cancelled != nil || g.failed != nil {
		g.abort()
	}
	g.wait()
	if g.cancels && g.parent.takeBack(g.heeded) {
		g.cancelled = nil
	}
	if err != nil {
		g.add("the body", err)
	}
	if g.failed == nil {
		return g.cancelled
	}
	if g.parent.cancels > g.heeded {
		// The cancellation is not lost: the next wait returns it.
		c, _ := errors.AsType[*CancelledError](g.cancelled)
		g.parent.mustCancel = true
		if c != nil {
			g.parent.cancelText = c.Message
		}
	}
	return g.failed
}

// wait waits for the members.
func (g *Group) wait() {
	for g.first != nil {
		if err := g.parent.park(g); err != nil {
			g.cancelled = err
			g.abort()
		}
	}
}

// cancelWait lets the parent cancel the members when its turn comes: one that has cancelled the
// parent, and ends then, is not cancelled itself.
func (g *Group) cancelWait(string) bool { return false }

func (g *Group) awaited(yield func(*future) bool) {
	for m := g.first; m != nil; m = m.after {
		if !yield(m.on) {
			return
		}
	}
}

// crash is what happens after the body has panicked or called runtime.Goexit.
func (g *Group) crash() {
	g.exiting = true
	g.abort()
	if !g.parent.doomed {
		g.wait()
	}
	if g.cancels {
		g.parent.takeBack(g.heeded)
	}
	if g.failed != nil {
		g.loop.report(ErrorContext{
			Message: "tasks failed in a TaskGroup whose body panicked or called runtime.Goexit", Err: g.failed,
		})
	}
}

// end lets go of all.
func (g *Group) end() {
	for m := g.first; m != nil; m = m.after { // the parent is doomed
		m.leave()
	}
	g.parent, g.first, g.last, g.failed, g.cancelled = nil, nil, nil, nil, nil
}

// GroupError is the error of a TaskGroup in which something failed. errors.Is and errors.As reach each of
// its errors.
type GroupError struct {
	Errors []error // in the order in which they came; the one that the body returned is the last
	who    []string
}

func (e *GroupError) Error() string {
	var b strings.Builder
	b.WriteString("asyncio: a TaskGroup failed")
	for i, err := range e.Errors {
		b.WriteString([]string{": ", "; "}[min(i, 1)])
		b.WriteString(e.who[i] + ": " + err.Error())
	}
	return b.String()
}

// Unwrap makes errors.Is and errors.As work.
func (e *GroupError) Unwrap() []error { return e.Errors }
