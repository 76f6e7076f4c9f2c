package current

import (
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// Generator is a context that lies over another one, its consumer's, which is in force again
// whenever the generator hands out a value.
//
// Meanwhile the generator's owner, with all that was entered on top of it, is not in the chain of
// the owners that the goroutine has entered, but stays entered by it: nobody else can enter
// one of them, and their tokens are refused, since none of them is in force. Then
// the whole piece is put back into the chain.
type Generator struct {
	scope
	layer frame.Layer
	outer *frame.Owner // the context in force when the generator began: the consumer's, unless pulled

	// pulled says that the consumer is on other goroutines, and its context not the outer one:
	// what it has comes with each step.
	pulled bool
	given  *frame.Frame
	// host is the consumer's: a pulled generator that waits, waits in the consumer's task.
	host *frame.Host
}

// StartGenerator makes the context of a new generator the one in force, on top of its consumer's.
func StartGenerator() *Generator {
	g := new(Generator)
	g.Start()
	return g
}

// PulledGenerator returns a generator for a goroutine of its own, which has to call Start. Whoever
// lets it do a step calls Give before and TakeBack after.
func PulledGenerator() *Generator { return &Generator{pulled: true} }

// Give makes what is in force on the running goroutine the consumer's content, for one step. A
// generator that asks itself for a step gives itself nothing.
func (g *Generator) Give() {
	if !g.here() {
		g.given, g.host = Frame(), Host()
	}
}

// TakeBack says that the step is over. What it was given is still what the generator lies over.
func (g *Generator) TakeBack() {
	if g.here() {
		return
	}
	if g.host != nil {
		Refresh() // while the generator waited others may have had their turn in the consumer's context
	}
	g.given, g.host = nil, nil
}

// here reports whether the generator was begun on the running goroutine and has not ended.
func (g *Generator) here() bool { return g.owner.EnteredBy(slot.ID()) }

// Start makes the generator's context the one in force.
func (g *Generator) Start() {
	outer := Mine()
	g.outer = outer.Owner
	if t := g.outer.Terms.Load(); t != nil && t.Lease != nil {
		// What the consumer only lends is not for the generator to give away.
		g.owner.Terms.Store(&frame.Terms{Lease: new(frame.Lease)})
	}
	f := g.layer.Over(g.below(), &g.owner, outer.Own())
	g.top.Store(f)
	borrow(f)
	g.outer.Host = g.hosted(outer.Owner.Host)
	Enter(outer, &g.owner, &g.top)
}

// hosted returns who runs the goroutine in this step, if host is who created it.
func (g *Generator) hosted(host *frame.Host) *frame.Host {
	if g.pulled {
		return g.host
	}
	return host
}

// below returns what the consumer has in force, as the generator may have it.
func (g *Generator) below() *frame.Frame {
	if !g.pulled {
		return g.outer.Top.Load()
	}
	if g.given == nil {
		return nil
	}
	return g.given.Shared()
}

// Suspend makes the consumer's context the one in force, for the generator to hand out a value. It
// returns false, and has changed nothing, if the generator is not running: it has ended, or is
// suspended. It panics on another goroutine than the generator's.
func (g *Generator) Suspend() bool {
	if !g.here() {
		if g.owner.Goroutine() != 0 {
			panic("contextvars: yield of an isolated sequence was called on another goroutine than " +
				"the one that the sequence runs on; send the values there, and yield them there")
		}
		return false
	}
	if f := Frame(); f != nil && f.Owner != last(&g.owner) {
		return false
	}
	if !g.pulled {
		g.outer.Inner = nil
		resume(g.outer.Top.Load())
	}
	return true
}

// Resume undoes Suspend. What the consumer has changed meanwhile shows through from now on.
func (g *Generator) Resume() {
	g.outer.Inner = &g.owner
	labels := own()
	o, below := &g.owner, g.below()
	g.outer.Host = g.hosted(g.outer.Host)
	for {
		o.Host = g.outer.Host
		f := o.Top.Load()
		// Not only this generator: one that was entered on top of it may lie over it.
		if f.Stale(below) {
			f = f.Renewed(below, labels)
			o.Top.Store(f)
			borrow(f)
		}
		if o.Inner == nil {
			resume(f)
			return
		}
		o, below = o.Inner, f
	}
}

// End leaves the generator's context for good. Goroutines that were started there hold its owner, which is
// part of it: it must not hold anything.
func (g *Generator) End() {
	Leave(g.outer.Top.Load(), &g.owner)
	if t := g.owner.Terms.Load(); t != nil && t.Lease != nil {
		t.Lease.End()
	}
	g.owner.Terms.Store(nil)
	g.outer, g.given = nil, nil
	g.top.Store(nil)
	g.layer.Forget()
}

// last returns the owner that was entered last on top of o, or o.
func last(o *frame.Owner) *frame.Owner {
	for o.Inner != nil {
		o = o.Inner
	}
	return o
}

// borrow makes the terms of f's owner such as f, a new frame of its layer, needs them.
func borrow(f *frame.Frame) {
	var t frame.Terms
	o := f.Owner
	if had := o.Terms.Load(); had != nil {
		t.Lease = had.Lease
	}
	if f.Borrowed() {
		t.Borrowed = f
	}
	if t == (frame.Terms{}) {
		o.Terms.Store(nil)
		return
	}
	terms := new(frame.Terms)
	*terms = t
	o.Terms.Store(terms)
}
