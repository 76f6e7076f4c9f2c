package asyncio

import (
	"context"
	"fmt"

	"github.com/gocontextvars/contextvars"
)

// CallGraph is a future or task, what it does, and who waits for it, as of one moment. It holds values of
// variables, and so keeps them alive.
//
// A future or task has one CallGraph in a graph, however many ways lead to it. Who follows the
// ways has to expect to come where he was before.
type CallGraph struct {
	Future Awaitable
	// ID is a task's number, which no other task of the process has, and Name its name; 0 and "" of a future
	// that is no task.
	ID   uint64
	Name string
	// State is "pending" of a future that is not done. A task that is not done is "created" and has
	// not begun, "running", "waiting", "ready" to go on, or "blocked", because somebody else has entered its
	// context. Done, it is "done", "failed" or "cancelled".
	State string
	// In is the call of this package that the task waits in, such as "Sleep" or "Event.Wait".
	In string
	// Goroutine is the number of the goroutine that the task runs on; 0 if it has not begun, or is done.
	Goroutine uint64
	// Stack is the task's calls, the most recent first. Calls inside of this package, which are above,
	// below and between the user's, are left out.
	Stack []Frame
	// Variables is what the task's context holds: inside of c.Run what c holds, Local variables
	// included. Sorted by name.
	Variables []VariableValue
	// Created is where the task was created; in debug mode.
	Created []Frame
	// AwaitedBy is the tasks that wait for it, also by Gather, Wait, TaskGroup and the like.
	AwaitedBy []*CallGraph
	// Awaits is what the task waits for; only in a LoopGraph.
	Awaits []*CallGraph
}

// VariableValue is a variable and its value: the value itself, also of a variable with the option
// [contextvars.Redacted], which whoever shows it has to ask for.
type VariableValue struct {
	Variable contextvars.Variable
	Value    any
}

// GraphOption says what a call graph is to have.
type GraphOption struct {
	skip    int
	limit   int
	limited bool
}

// SkipFrames leaves out the n most recent calls of the running task, if the graph is its own.
func SkipFrames(n int) GraphOption {
	if n < 0 {
		panic(fmt.Sprintf("asyncio: SkipFrames was given %d; it skips 0 calls or more", n))
	}
	return GraphOption{skip: n}
}

// LimitFrames leaves n calls of each stack: with n > 0 those closest to where the task began, with
// n < 0 the most recent ones. With 0 there are no stacks, which saves the most of the
// costs (191).
func LimitFrames(n int) GraphOption { return GraphOption{limit: n, limited: true} }

// CaptureCallGraph returns the call graph of a future or task, with nil of the running task, as Python's
// asyncio.capture_call_graph does (191); and, what no asyncio has, the variables of each task in it. With nil, in
// a callback of a loop it is nil, and where no loop runs the error is ErrNoRunningLoop.
//
// Any goroutine may call it. One that is not the loop's blocks until the loop gets to it: use
// [EventLoop.CaptureCallGraph] where the loop may never. On another loop's goroutine, which must not
// block, the error is ErrOtherLoop. While the loop does not run, only the goroutine that is going to run
// it may call it.
//
// It costs some microseconds for each task in the graph, most of it for the stacks, and runs no user's function: a
// waiting task is asked for its stack, by a switch to it and back. While the loop does not run
// that needs a dump of all goroutines, which stops the world.
func CaptureCallGraph(a Awaitable, opts ...GraphOption) (*CallGraph, error) {
	if a == nil {
		switch w := here(); {
		case w == nil:
			return nil, fmt.Errorf("CaptureCallGraph of the running task: %w", ErrNoRunningLoop)
		case w.task == nil:
			return nil, nil
		default:
			a = w.task.self
		}
	}
	f, c := a.core(), newCapture(opts)
	if f == nil {
		panic("asyncio: CaptureCallGraph was given a nil task or future; nil without a type is the running task")
	}
	var g *CallGraph
	look := func() {
		g = c.node(f)
		c.fill(f.loop)
	}
	var err error
	if f.Done() {
		look()
	} else {
		err = f.loop.observe(context.Background(), look)
	}
	if err == ErrLoopStopped {
		if !f.loop.atRest(look) { // somebody has begun to run it
			return CaptureCallGraph(a, opts...)
		}
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("CaptureCallGraph: %w", err)
	}
	c.finish()
	return g, nil
}
