package asyncio

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"weak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// Task is a function that a loop runs, and its result. The function can wait, and the
// loop does something else then. It runs in a context of its own: a copy of
// its creator's as of CreateTask, or the one of WithContext (119-122, 129).
//
// Done, Cancelled, Err, Result, Await, Cancel, Name, Loop and String may be called by any goroutine; the other
// methods belong to what the loop runs.
type Task[T any] struct {
	task
	value T
	f     func() (T, error)
}

// AnyTask is any *Task[T], its type set aside. What CurrentTask and AllTasks return are AnyTasks.
type AnyTask interface {
	Awaitable
	Name() string
	Context() *contextvars.Context
	Cancelling() int
	Uncancel() int
}

// CreateTask makes f a task of the running loop, which begins with it in its next iteration.
// Where no loop runs it panics with ErrNoRunningLoop.
//
// The task ends with what f returns; with a *PanicError if f panics; with ErrGoexit if it calls
// runtime.Goexit. If what f returns is or wraps a *CancelledError, the task counts as cancelled.
func CreateTask[T any](f func() (T, error), opts ...CallOption) *Task[T] {
	checkFunc(f == nil, "CreateTask")
	l := mustRun("CreateTask")
	t := newTask(l, f)
	l.create(&t.task, opts)
	return t
}

// Go is [CreateTask] for a function without a result.
func Go(f func() error, opts ...CallOption) *Task[struct{}] {
	checkFunc(f == nil, "Go")
	l := mustRun("Go")
	t := newTask(l, func() (struct{}, error) { return struct{}{}, f() })
	l.create(&t.task, opts)
	return t
}

func newTask[T any](l *EventLoop, f func() (T, error)) *Task[T] {
	t := &Task[T]{f: f}
	t.loop, t.self, t.rare = l, t, &nothingRare
	return t
}

func (t *Task[T]) exec() {
	f := t.f
	t.f = nil
	t.value, t.err = f()
}

func (t *Task[T]) forget() { t.f = nil }

// Await waits until the task is done and returns its result. If the waiting task is
// cancelled, then so is this one (C3): use Shield to keep it. A task that waits for itself, also by
// way of others, gets ErrAwaitCycle. In a callback of the loop Await returns ErrNotInTask at
// once; a goroutine that no loop runs is blocked.
func (t *Task[T]) Await() (T, error) { return await(&t.future, &t.value) }

// Result returns what Await would; ErrInvalidState while the task is pending.
func (t *Task[T]) Result() (T, error) { return result(&t.future, &t.value, "Result") }

// AddDoneCallback has fn called once the task is done; see [Future.AddDoneCallback].
func (t *Task[T]) AddDoneCallback(fn func(*Task[T]), opts ...CallOption) *Handle {
	checkFunc(fn == nil, "AddDoneCallback")
	return t.whenDone(func() { fn(t) }, opts)
}

// status is what a task does.
type status uint8

const (
	created status = iota // and scheduled
	running
	parked    // waits for wake
	scheduled // wake was called
	finished
)

// task is what does not depend on the type of the result.
type task struct {
	future
	*rare
	worker *worker // nil: it has not begun, or has ended

	// on is what the task waits for, beside wake.
	on     waitable
	waiter waiter // of Await
	sleep  timer  // of Sleep
	visit  *visit // in the line of a Lock, Queue and the like; nil until the first

	status     status
	blocked    bool // scheduled, once nobody else has its context entered
	swept      bool // reached by Run's last cancellation
	doomed     bool // the next wait, or the one that ends now, does not return
	mustCancel bool // the next wait, or the one that ends now, is to say so

	name   *string // nil: it has none
	number uint64
	listed entryInRegistry

	// frame is the content that the task begins with, let go then.
	frame     *frame.Frame
	goroutine atomic.Uint64 // its number, once the task has begun
	observed  atomic.Pointer[observed]
}

// rare is what few tasks have. It makes all of them a quarter smaller that it is apart. No other
// goroutine may look at it.
type rare struct {
	cancelText  string
	cancels     int
	eagerCaller *worker // who has started it eagerly and goes on when it waits or ends

	// turns is not nil if the context is one that others can enter, too.
	turns   *current.Turns
	context *contextvars.Context
	ended   weak.Pointer[contextvars.Context]

	stopContext context.CancelCauseFunc // of Context
	goContext   context.Context
}

// nothingRare is what all tasks read that have none of it.
var nothingRare rare

// own returns what is t's alone, to be written to.
func (t *task) own() *rare {
	if t.rare == &nothingRare {
		t.rare = new(rare)
	}
	return t.rare
}

// waitable is what a task can wait for.
type waitable interface {
	// cancelWait passes a cancellation on, and returns true, if that will
	// end the wait.
	cancelWait(msg string) bool
	// awaited calls yield for the futures that it consists of.
	awaited(yield func(*future) bool)
}

func (f *future) awaited(yield func(*future) bool) { yield(f) }

var taskNumber atomic.Uint64

// create registers and schedules t.
func (l *EventLoop) create(t *task, opts []CallOption) {
	if f := l.factory.Load(); f != nil {
		l.createBy(*f, t, opts)
		return
	}
	l.createTask(t, opts)
}

func (l *EventLoop) createTask(t *task, opts []CallOption) {
	eager := l.prepareTask(t, opts)
	if l.closing || l.grace.longOver() {
		panicClosed("CreateTask")
	}
	l.registry.add(t)
	if eager {
		l.startEagerly(t)
		return
	}
	l.ready.push(entry{task: t})
}

// prepareTask gives t its context and name, and reports whether it is to begin at once.
func (l *EventLoop) prepareTask(t *task, opts []CallOption) (eager bool) {
	t.waiter.who = t
	t.sleep.task = t
	if t.number == 0 { // RunThreadsafe has not prepared it
		t.number = taskNumber.Add(1)
	}
	t.frame = current.Shared()
	if len(opts) > 0 {
		all := merged(opts)
		if name := all.name; name != "" {
			t.name = &name
		}
		eager = all.eager == atOnce
		if all.context != nil {
			turns := current.TurnsIn(current.StateOf(all.context))
			r := t.own()
			r.context, r.turns = all.context, &turns
		}
	}
	if l.debug.Load() {
		t.observed.Store(&observed{made: callers(4)})
	}
	return eager
}

// startEagerly runs t, created by the calling worker, until it waits or ends (134).
func (l *EventLoop) startEagerly(t *task) {
	w := here()
	t.own().eagerCaller = w
	f := l.free()
	f.job = entry{task: t}
	l.change(&w.party, &f.party)
	if w.lent {
		w.lent = false
		current.Refresh()
	}
}

// Name returns the name that WithName gave, or Task- and a number.
func (t *task) Name() string {
	if t.name == nil {
		return "Task-" + strconv.FormatUint(t.number, 10)
	}
	return *t.name
}

func (t *task) String() string { return fmt.Sprintf("Task(%s, %s)", t.Name(), t.describe()) }

// Context returns the very context that the task runs in (131). It keeps no finished task's context alive: of
// one it is nil if nobody else holds it. A goroutine that is not the loop's is blocked until the loop has
// answered.
func (t *task) Context() (c *contextvars.Context) {
	t.loop.ask("Task.Context", func() { c = t.givenContext() })
	return c
}

func (t *task) givenContext() *contextvars.Context {
	switch {
	case t.context != nil:
	case t.status == finished:
		return t.ended.Value()
	case t.worker == nil: // not begun
		t.own().context = contextvars.NewContext()
		state := current.StateOf(t.context)
		state.Top.Store(t.frame)
		turns := current.TurnsIn(state)
		t.turns = &turns
	default:
		t.own().context = contextvars.NewContext()
		turns := t.worker.stage.TurnsAfter(current.StateOf(t.context))
		t.turns = &turns
		if t.status != running {
			turns.End()
			*t.turns = turns
		}
	}
	return t.context
}

// finish makes a task done that has come to its end; its error is in t.err.
func (t *task) finish() {
	if t.err == nil && t.mustCancel { // C16
		t.mustCancel = false
		t.err = t.cancelled()
	}
	t.status = finished
	t.on, t.frame = nil, nil
	t.self.forget()
	t.waiter.leave() // if the wait was unwound
	if t.context != nil {
		t.ended, t.context = weak.Make(t.context), nil
	}
	if t.stopContext != nil {
		t.stop(context.Canceled)
	}
	if t.goContext != nil {
		t.goContext = nil
	}
	t.loop.registry.remove(t)
	t.settle(t.err)
}

func (t *task) asTask() *task    { return t }
func (t *task) finished(*future) { t.wake() }
func (t *task) waiting() *task   { return t }
