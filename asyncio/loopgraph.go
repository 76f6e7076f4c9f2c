package asyncio

import (
	"context"
	"fmt"

	"github.com/gocontextvars/contextvars/internal/traceback"
)

// LoopGraph is what a loop does, as of one moment.
type LoopGraph struct {
	Loop *EventLoop
	// Tasks is the tasks that are not done, those that were created first first. Futures that are no tasks are
	// found from those that wait for them.
	Tasks []*CallGraph
	// Ready is how many callbacks and tasks are ready, Timers how many of CallLater, Sleep and the like are not due
	// yet, and Operations how many ToThread functions and network operations run.
	Ready, Timers, Operations int
	// HeldUp is the stack of the callback or task that has not come back to the loop, if the graph was made
	// without the loop, because of that.
	HeldUp []Frame
}

// CaptureCallGraph returns the graph of all tasks of the loop. It is for tools: any goroutine may call it,
// at any time, and it does not wait for longer than ctx.
//
// It costs the loop about 2 µs for each task, during which it does nothing else, or a fifth of that with
// LimitFrames(0).
//
// If the loop does not come to it in time, the error is ctx's, for a loop that does not run ErrLoopStopped, on a
// goroutine of another loop ErrOtherLoop. Even then there is a graph: of what can be told without the
// loop. It has the tasks with names and stacks, HeldUp, and neither variables nor who
// waits for whom. It takes a dump of all goroutines, for which the world stops while the runtime writes
// that: some microseconds for each goroutine of the process.
func (l *EventLoop) CaptureCallGraph(ctx context.Context, opts ...GraphOption) (*LoopGraph, error) {
	c := newCapture(opts)
	var g *LoopGraph
	if err := l.observe(ctx, func() { g = l.graph(c) }); err != nil {
		return l.outline(c), fmt.Errorf("CaptureCallGraph of an event loop: %w", err)
	}
	c.finish()
	return g, nil
}

// graph is for goroutines of the loop.
func (l *EventLoop) graph(c *capture) *LoopGraph {
	c.forward = true
	g := &LoopGraph{Loop: l, Ready: l.ready.n, Timers: l.timers.len(), Operations: l.operations}
	for _, t := range l.registry.snapshot() {
		g.Tasks = append(g.Tasks, c.node(&t.future))
	}
	c.fill(l)
	return g
}

// outline is graph for other goroutines: it reads only what these may.
func (l *EventLoop) outline(c *capture) *LoopGraph {
	g := &LoopGraph{Loop: l}
	var traces map[uint64]traceback.Goroutine
	if !c.stackless() {
		traces = tracebacks(func(id uint64) bool { return l.crew.find(id) != nil })
	}
	known := make(symbols)
	for _, t := range l.registry.snapshot() {
		n := &CallGraph{Future: t.self, ID: t.number, Name: t.Name(), Goroutine: t.goroutine.Load()}
		n.State = states[t.state.Load()]
		n.Created, _ = known.framesOf(t.made())
		tr, begun := traces[n.Goroutine]
		switch {
		case n.Goroutine == 0:
			n.State = "created"
		case begun && standing(tr):
			n.State = "waiting"
		case begun:
			n.State = "running"
		}
		if begun {
			n.Stack, n.In = users(tr.Frames)
			n.Stack = c.cut(n.Stack)
		}
		g.Tasks = append(g.Tasks, n)
	}
	for _, tr := range traces {
		if !standing(tr) {
			g.HeldUp, _ = users(tr.Frames)
		}
	}
	return g
}

// standing reports whether the goroutine stands in a switch, as those of a loop do that others run of.
func standing(g traceback.Goroutine) bool { return g.State == "coroutine" }
