package asyncio

import (
	"fmt"
	"sync/atomic"

	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// Awaitable is any future or task, its type set aside.
type Awaitable interface {
	// Done reports whether there is a result, an error, or it was cancelled.
	Done() bool
	// Cancelled reports whether it was cancelled.
	Cancelled() bool
	// Cancel cancels it; false if it is done already.
	Cancel(msg ...string) bool
	// Err returns the error that it ended with, nil if there is none or it is not done.
	Err() error
	// Loop returns its loop.
	Loop() *EventLoop
	String() string

	core() *future
}

// Outcome is how a future or task ended.
type Outcome[T any] struct {
	Value T
	Err   error
}

// state is how far a future is.
type state uint32

const (
	pending state = iota
	succeeded
	failed
	cancelled
)

// future is what a Future and a Task have in common that does not depend on
// the type of the result. Who is not the loop's goroutine may only read state,
// and what was written before that became other than pending.
type future struct {
	loop *EventLoop
	// self is the Future or Task that users have.
	self    subject
	state   atomic.Uint32
	heard   bool // who was going to ask has got another error first: the failure needs no report
	err     error
	waiters waiters
	// failure is not nil if it failed and nobody waited for it then.
	failure *failure
}

// subject is a Future or a Task.
type subject interface {
	Awaitable
	exec()                  // calls a task's function
	forget()                // lets go of a task's function
	cancel(msg string) bool // Cancel, where the loop runs the calling goroutine
	asTask() *task          // nil of a Future
}

func (f *future) core() *future { return f }

func (f *Future[T]) core() *future {
	if f == nil {
		return nil
	}
	return &f.future
}

func (t *Task[T]) core() *future {
	if t == nil {
		return nil
	}
	return &t.future
}

// Done reports whether there is a result, an error, or the future was cancelled. Any goroutine may
// ask.
func (f *future) Done() bool { return state(f.state.Load()) != pending }

// Cancelled reports whether the future was cancelled. Any goroutine may ask.
func (f *future) Cancelled() bool { return state(f.state.Load()) == cancelled }

// Err returns the error that the future ended with; nil if there is none, or it is pending. Any
// goroutine may ask.
func (f *future) Err() error {
	switch state(f.state.Load()) {
	case pending, succeeded:
		return nil
	}
	if f.failure != nil {
		f.failure.asked()
	}
	return f.err
}

// Loop returns the future's loop.
func (f *future) Loop() *EventLoop { return f.loop }

// settle makes the future done, with err or the value that its outer type has.
func (f *future) settle(err error) { f.settleIn(current.Shared, err) }

// settleIn is settle for somebody else, who has seen the content.
func (f *future) settleIn(content func() *frame.Frame, err error) {
	f.err = err
	s := succeeded
	if isCancelled(err) {
		s = cancelled
	} else if err != nil {
		s = failed
	}
	if s == failed && !f.heard && !f.waiters.ask() {
		f.loop.failures.note(f, content())
	}
	f.state.Store(uint32(s))
	f.waiters.finished(f)
}

// change calls settle with what err returns, if the future is pending: at once where the loop runs
// the calling goroutine, and else as soon as it can.
func (f *future) change(call string, prepare func(), err error) error {
	done := func() error {
		return fmt.Errorf("%w: %s of %v, which is done", ErrInvalidState, call, f.self)
	}
	if f.Done() {
		return done()
	}
	if f.loop.mine() {
		prepare()
		f.settle(err)
		return nil
	}
	content := current.Shared()
	act := func() {
		if f.Done() {
			f.loop.schedule(content, func() {
				f.loop.report(ErrorContext{Message: "a result from another goroutine comes too late", Err: done(), Future: f.self})
			})
			return
		}
		prepare()
		f.settleIn(func() *frame.Frame { return content }, err)
	}
	if !f.loop.post(letter{do: act}) {
		return fmt.Errorf("%s of %v: %w", call, f.self, ErrLoopClosed)
	}
	return nil
}

func (f *future) cancel(msg string) bool {
	if f.Done() {
		return false
	}
	f.settle(&CancelledError{msg})
	return true
}

// cancelWait is how a task that waits for the future has it cancelled (C3).
func (f *future) cancelWait(msg string) bool { return f.self.cancel(msg) }

// Future is a result that is not there yet. It belongs to a loop; its methods may be called by
// any goroutine.
type Future[T any] struct {
	future
	value T
}

// NewFuture returns a pending future of the running loop. Where none runs it panics with
// ErrNoRunningLoop.
func NewFuture[T any]() *Future[T] {
	l := mustRun("NewFuture")
	f := new(Future[T])
	f.loop, f.self = l, f
	return f
}

func mustRun(call string) *EventLoop {
	w := here()
	if w == nil {
		panic(fmt.Errorf("%s: %w", call, ErrNoRunningLoop))
	}
	return w.loop
}

func (f *Future[T]) exec()         {}
func (f *Future[T]) forget()       {}
func (f *Future[T]) asTask() *task { return nil }

// SetResult makes the future done. If it is done already, the error is ErrInvalidState. From another
// goroutine the result is handed to the loop; ErrLoopClosed if that is closed.
func (f *Future[T]) SetResult(value T) error {
	return f.change("SetResult", func() { f.value = value }, nil)
}

// SetError makes the future done with an error. A *CancelledError makes it cancelled. Else it is
// as [Future.SetResult].
func (f *Future[T]) SetError(err error) error {
	if err == nil {
		panic("asyncio: SetError was given a nil error; SetResult is for success")
	}
	return f.change("SetError", func() {}, err)
}

// Cancel makes the future cancelled; false if it is done already. msg is in the error of those who
// wait. From another goroutine the loop does it as soon as it can.
func (f *Future[T]) Cancel(msg ...string) bool {
	if f.loop.mine() {
		return f.cancel(message(msg))
	}
	m := message(msg)
	return !f.Done() && f.loop.post(letter{do: func() { f.cancel(m) }})
}

// Result returns the value or error; ErrInvalidState while the future is pending.
func (f *Future[T]) Result() (T, error) { return result(&f.future, &f.value, "Result") }

// Await waits until the future is done and returns its value or error. If the waiting task is
// cancelled, then so is the future (C3): use Shield to keep it. In a callback of the loop it
// returns ErrNotInTask at once; a goroutine that no loop runs is blocked.
func (f *Future[T]) Await() (T, error) { return await(&f.future, &f.value) }

// AddDoneCallback has fn called once the future is done, soon if it is already, in a copy of the
// context as it is now, not of the one who sets the result; or in the context of WithContext (124-126).
// The handle's Cancel takes it back.
func (f *Future[T]) AddDoneCallback(fn func(*Future[T]), opts ...CallOption) *Handle {
	checkFunc(fn == nil, "AddDoneCallback")
	return f.whenDone(func() { fn(f) }, opts)
}

func (f *Future[T]) String() string { return fmt.Sprintf("Future(%s)", f.describe()) }

func (f *future) describe() string {
	switch state(f.state.Load()) {
	case succeeded:
		return "done"
	case failed:
		return "failed: " + f.err.Error()
	case cancelled:
		return "cancelled"
	}
	return "pending"
}

func message(msg []string) string {
	if len(msg) > 0 {
		return msg[0]
	}
	return ""
}

func result[T any](f *future, value *T, call string) (T, error) {
	if !f.Done() {
		var none T
		return none, fmt.Errorf("%w: %s of %v, which is pending", ErrInvalidState, call, f.self)
	}
	return *value, f.Err()
}

func await[T any](f *future, value *T) (T, error) {
	if err := f.await(); err != nil {
		var none T
		return none, err
	}
	return *value, f.Err()
}
