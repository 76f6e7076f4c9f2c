package asyncio

import (
	"fmt"

	"github.com/gocontextvars/contextvars"
)

// RunOption says how Run or a Runner is to run.
type RunOption struct{ apply func(*Runner) }

// WithDebug turns debug mode on or off: see [EventLoop.SetDebug].
func WithDebug(on bool) RunOption {
	return RunOption{func(r *Runner) { r.debug = on }}
}

// WithLoopFactory has the loop made by f. WithClock has no effect then.
func WithLoopFactory(f func() *EventLoop) RunOption {
	checkFunc(f == nil, "WithLoopFactory")
	return RunOption{func(r *Runner) { r.factory = f }}
}

// WithClock gives the loop a clock; see [VirtualClock].
func WithClock(c Clock) RunOption {
	if c == nil {
		panic("asyncio: WithClock was given a nil Clock")
	}
	return RunOption{func(r *Runner) { r.clock = c }}
}

// Run runs main as a task of a new event loop and returns its result. Then it cancels the tasks that
// are left, waits until they have ended, and closes the loop. main runs in a copy of
// the current context: what it sets is not seen after Run (155).
//
// A task that is cancelled by that may still wait for cleaning up, for one second; after
// that it is unwound at its next wait as by runtime.Goexit, and reported. Run waits for
// functions that ToThread has started.
//
// If an event loop runs the calling goroutine, the error is ErrLoopRunning.
func Run[T any](main func() (T, error), opts ...RunOption) (T, error) {
	checkFunc(main == nil, "Run")
	r := NewRunner(opts...)
	defer r.Close()
	var none T
	if here() != nil {
		return none, fmt.Errorf("Run inside of a task or callback: %w", ErrLoopRunning)
	}
	// In a copy, as nobody is going to use the runner's context again.
	t := newTask(r.Loop(), main)
	if err := t.loop.runUntil(&t.task, nil, r.interrupt); err != nil {
		return none, err
	}
	return t.value, t.Err()
}

// Runner runs several main functions, one after another, in one loop and one context. It is for one
// goroutine at a time.
type Runner struct {
	debug     bool
	interrupt bool
	factory   func() *EventLoop
	clock     Clock

	loop    *EventLoop
	context *contextvars.Context
	closed  bool
}

// NewRunner returns a Runner. Close it after use.
func NewRunner(opts ...RunOption) *Runner {
	r := new(Runner)
	for _, o := range opts {
		if o.apply == nil {
			panic("asyncio: NewRunner was given a zero RunOption")
		}
		o.apply(r)
	}
	return r
}

// Loop returns the runner's loop. The first call of Loop or RunIn makes it, and copies
// the context that all runs have (153). After Close it panics with ErrLoopClosed.
func (r *Runner) Loop() *EventLoop {
	if r.closed {
		panicClosed("Runner.Loop")
	}
	if r.loop == nil {
		if r.factory != nil {
			if r.loop = r.factory(); r.loop == nil {
				panic("asyncio: the function of WithLoopFactory returned nil; it has to return a loop")
			}
		} else {
			r.loop = NewEventLoop()
			if r.clock != nil {
				r.loop.clock = r.clock
			}
		}
		if r.debug {
			r.loop.SetDebug(true)
		}
		r.context = contextvars.CopyContext()
	}
	return r.loop
}

// RunIn runs main as a task of r's loop, in r's context, so that what it sets is seen by the next
// main (153); or in the context of WithContext (154).
func RunIn[T any](r *Runner, main func() (T, error), opts ...CallOption) (T, error) {
	checkFunc(main == nil, "RunIn")
	if r == nil {
		panic("asyncio: RunIn was given a nil *Runner")
	}
	var none T
	if here() != nil {
		return none, fmt.Errorf("RunIn inside of a task or callback: %w", ErrLoopRunning)
	}
	if r.closed {
		return none, fmt.Errorf("RunIn of a closed Runner: %w", ErrLoopClosed)
	}
	l := r.Loop()
	t := newTask(l, main)
	if err := l.runUntil(&t.task, append([]CallOption{WithContext(r.context)}, opts...), r.interrupt); err != nil {
		return none, err
	}
	return t.value, t.Err()
}

// RunUntilComplete runs the loop until f, which becomes a task in a copy of the current context, is
// done, and returns its result (156). Other tasks stay as they are; the loop may be run
// again. If Stop ends the loop before, the error is ErrLoopStopped.
func RunUntilComplete[T any](l *EventLoop, f func() (T, error)) (T, error) {
	checkFunc(f == nil, "RunUntilComplete")
	if l == nil {
		panic("asyncio: RunUntilComplete was given a nil *EventLoop")
	}
	t := newTask(l, f)
	if err := l.runUntil(&t.task, nil, false); err != nil {
		var none T
		return none, err
	}
	return t.value, t.Err()
}

func (l *EventLoop) runUntil(t *task, opts []CallOption, interruptible bool) error {
	if err := l.begin("Run"); err != nil {
		return err
	}
	defer l.end()
	l.prepareTask(t, opts)
	l.registry.add(t)
	if l.inbox.filled.Load() {
		l.empty() // what was scheduled before the loop ran comes first (106)
	}
	l.ready.push(entry{task: t})
	main := &waiter{who: mainTask{}}
	t.watch(main)
	defer main.leave() // what Stop leaves behind must not end a later run
	over := func() error { return nil }
	if interruptible {
		over = l.interruptible(t)
	}
	l.run()
	if err := over(); err != nil {
		return err
	}
	if !t.Done() {
		return fmt.Errorf("%w before %v was done", ErrLoopStopped, t.self)
	}
	return nil
}

// mainTask is who waits for the task that the loop was started for.
type mainTask struct{}

func (mainTask) finished(f *future) { f.loop.stop = true }
func (mainTask) waiting() *task     { return nil }

// Close cancels the tasks that are left, waits until they have ended, and closes the loop.
// More than once is harmless.
func (r *Runner) Close() error {
	if r.closed {
		return nil
	}
	if l := r.loop; l != nil && !l.IsClosed() {
		if err := l.begin("Runner.Close"); err != nil {
			return err
		}
		l.cancelAll()
		l.end()
		if err := l.Close(); err != nil {
			return err
		}
	}
	r.closed = true
	return nil
}
