package current

import (
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// Turns is a context that a call of an event loop has entered while it runs, but not while it
// waits, so that several can have it in turns: one that users hold, too.
type Turns struct {
	owner *frame.Owner
	top   *slot.Published[frame.Frame]
	// inner is what the call has entered on top of it, between turns.
	inner *frame.Owner
	// open says that between turns more is under way in the context than the values show: another one
	// is entered on top of it, or it is lent.
	open bool
	// lender is the goroutine that has the context entered and lends it for the turn; 0: none. lenders is
	// what that has entered on top, and host what runs it.
	lender  uint64
	lenders *frame.Owner
	host    *frame.Host
}

// TurnsIn returns turns in the context with this state.
func TurnsIn(state *State) Turns { return Turns{owner: state.Owner(), top: &state.Top} }

// TurnsAfter returns turns in the context on show, which s gives to state for somebody to
// hold. The first turn has begun.
func (s *Stage) TurnsAfter(state *State) Turns {
	o := &s.scope.owner
	state.Top.Store(o.Top.Load())
	state.owner.Store(o)
	o.Top = &state.Top
	s.scope.top.Store(nil) // goroutines that were started hold the owner, and so the scope
	s.scope, s.installed = nil, nil
	return Turns{owner: o, top: &state.Top}
}

// Begin enters the context on top of outer; false, with nothing changed, if somebody else has
// it entered. If that is the goroutine lender, which stands still until End, it is lent by that one.
func (t *Turns) Begin(outer *frame.Owner, lender uint64) bool {
	id := outer.Goroutine()
	switch {
	case t.owner.Enter(id, t.top):
		t.lender = 0
	case lender != 0 && t.owner.Pass(lender, id):
		t.lender, t.lenders, t.host = lender, t.owner.Inner, t.owner.Host
	default:
		return false
	}
	t.owner.Inner = t.inner
	if t.inner == nil && slot.ID() == id {
		enter(outer, t.owner, own())
	} else { // the slot has what was entered last, or is that of a generator that the call pulls
		t.owner.Host, outer.Inner = outer.Host, t.owner
	}
	return true
}

// End leaves the context. The goroutine has to stand still until the next turn, or to
// call Over.
func (t *Turns) End() {
	t.inner = t.owner.Inner
	t.open = t.inner != nil || t.owner.Terms.Load() != nil
	if t.lender == 0 {
		t.owner.Inner = nil
		t.owner.Leave()
		return
	}
	t.owner.Host, t.owner.Inner = t.host, t.lenders
	t.lenders, t.host = nil, nil
	t.owner.Pass(t.owner.Goroutine(), t.lender)
}

// GiveUp is Over for a call that has begun, and is not to have another turn. It returns false, and has changed
// nothing, if the call cannot end outside of the context.
func (t *Turns) GiveUp(outer *frame.Owner) bool {
	if t.open || slot.ID() != outer.Goroutine() {
		return false
	}
	t.Over(outer)
	return true
}

// Over makes what was there before the first turn the context in force.
func (t *Turns) Over(outer *frame.Owner) {
	outer.Inner = nil
	resume(outer.Top.Load())
}

// WhenFree has f called, on any goroutine, once it is worth the while to try Begin again.
func (t *Turns) WhenFree(f func()) { t.owner.WhenLeft(f) }

// Refresh puts back what is in force on a goroutine that has lent it.
func Refresh() { resume(Mine().Owner.Top.Load()) }
