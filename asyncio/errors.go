package asyncio

import (
	"context"
	"errors"
	"fmt"
)

// The errors that this package returns wrap one of these, or are a [*CancelledError] or a
// [*PanicError].
var (
	// ErrCancelled is what every *CancelledError is (errors.Is).
	ErrCancelled = errors.New("asyncio: cancelled")
	// ErrTimeout also is context.DeadlineExceeded (errors.Is).
	ErrTimeout error = timeoutError{}
	// ErrInvalidState: a result that is not there yet, or is there already.
	ErrInvalidState = errors.New("asyncio: invalid state")
	// ErrAwaitCycle: a task would wait for itself, directly or through others. It is an
	// ErrInvalidState.
	ErrAwaitCycle = fmt.Errorf("%w: a task would wait for itself for ever", ErrInvalidState)
	// ErrOtherLoop: a task waits for what belongs to another loop. It is an ErrInvalidState.
	ErrOtherLoop = fmt.Errorf("%w: the future belongs to another event loop", ErrInvalidState)
	// ErrLoopClosed: the loop does not run anything any more.
	ErrLoopClosed = errors.New("asyncio: the event loop is closed")
	// ErrLoopRunning: the loop runs, or another one runs the calling goroutine.
	ErrLoopRunning = errors.New("asyncio: an event loop is running")
	// ErrLoopStopped: Stop ended the loop before what it ran for was done.
	ErrLoopStopped = errors.New("asyncio: the event loop was stopped")
	// ErrNoRunningLoop: the call needs an event loop that runs the calling goroutine.
	ErrNoRunningLoop = errors.New("asyncio: no event loop runs this goroutine")
	// ErrNotInTask: the call has to wait, and a callback of the loop must not.
	ErrNotInTask = errors.New("asyncio: only a task can wait; start one with CreateTask")
	// ErrQueueEmpty is GetNowait's.
	ErrQueueEmpty = errors.New("asyncio: the queue is empty")
	// ErrQueueFull is PutNowait's.
	ErrQueueFull = errors.New("asyncio: the queue is full")
	// ErrQueueShutDown is what a queue returns after Shutdown.
	ErrQueueShutDown = errors.New("asyncio: the queue is shut down")
	// ErrGoexit is the error of a task or callback that called runtime.Goexit, as
	// testing.T.FailNow does.
	ErrGoexit = errors.New("asyncio: runtime.Goexit was called")
)

// CancelledError is what a wait returns in a task that is cancelled, and the error of a task
// that ended so. It is ErrCancelled and context.Canceled (errors.Is).
type CancelledError struct {
	Message string // of Cancel
}

func (e *CancelledError) Error() string {
	if e.Message == "" {
		return ErrCancelled.Error()
	}
	return ErrCancelled.Error() + ": " + e.Message
}

// Is makes errors.Is work.
func (e *CancelledError) Is(target error) bool {
	return target == ErrCancelled || target == context.Canceled
}

// isCancelled reports whether err says that its task was cancelled, and nothing else: of
// joined errors each has to. One whose Unwrap panics does not.
func isCancelled(err error) (is bool) {
	if err == nil {
		return false
	}
	defer func() {
		if recover() != nil {
			is = false
		}
	}()
	for err != nil {
		if _, ok := err.(*CancelledError); ok {
			return true
		}
		switch e := err.(type) {
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			all := e.Unwrap()
			for _, err := range all {
				if !isCancelled(err) {
					return false
				}
			}
			return len(all) > 0
		default:
			return false
		}
	}
	return false
}

type timeoutError struct{}

func (timeoutError) Error() string        { return "asyncio: timeout" }
func (timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// Timeout makes it a timeout for os.IsTimeout.
func (timeoutError) Timeout() bool { return true }

// PanicError is the error of a task that panicked.
type PanicError struct {
	Value any
	Stack []byte // as of the panic, from debug.Stack
}

func (e *PanicError) Error() string { return fmt.Sprintf("asyncio: panic: %v", e.Value) }

// Unwrap returns the value if that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
