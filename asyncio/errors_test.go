package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/asyncio"
)

// Python has CancelledError apart from ordinary exceptions. Here it is an error that can be told from
// others, as it is and wrapped.
func TestCancelledErrorIsAnErrorApart(t *testing.T) { // C8
	plain := &asyncio.CancelledError{Message: "enough"}
	for _, err := range []error{plain, fmt.Errorf("reading: %w", plain), errors.Join(plain, io.EOF)} {
		as, ok := errors.AsType[*asyncio.CancelledError](err)
		if !ok || as != plain || !errors.Is(err, asyncio.ErrCancelled) || !errors.Is(err, context.Canceled) {
			t.Errorf("%v is not known as a *CancelledError", err)
		}
	}
	for _, err := range []error{io.EOF, asyncio.ErrTimeout, context.Canceled} {
		if errors.Is(err, asyncio.ErrCancelled) {
			t.Errorf("%v is known as a *CancelledError", err)
		}
	}
	if got := plain.Error(); got != "asyncio: cancelled: enough" {
		t.Errorf("the message is %q", got)
	}
}

// What a task returns decides: cancelled it is by a *CancelledError, also a wrapped one, and nothing else.
func TestTaskWhoseErrorIsACancelledError(t *testing.T) { // C8
	plain := &asyncio.CancelledError{}
	inTask(t, func() error {
		for _, test := range []struct {
			err       error
			cancelled bool
		}{
			{plain, true},
			{fmt.Errorf("reading: %w", plain), true},
			{errors.Join(plain, fmt.Errorf("writing: %w", plain)), true},
			{errors.Join(plain, io.EOF), false},
			{asyncio.ErrCancelled, false},
			{context.Canceled, false},
			{io.EOF, false},
			{nil, false},
		} {
			task := asyncio.Go(func() error { return test.err })
			if _, err := task.Await(); err != test.err || task.Cancelled() != test.cancelled {
				t.Errorf("a task that returned %v has the error %v, cancelled is %t", test.err, err, task.Cancelled())
			}
		}
		return nil
	})
}

func TestErrTimeoutIsADeadline(t *testing.T) {
	err := fmt.Errorf("asking: %w", asyncio.ErrTimeout)
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || !ok || !timeout.Timeout() {
		t.Errorf("%v is no timeout", err)
	}
}

func TestPanicErrorIsWhatWasPanickedWith(t *testing.T) {
	if err := (&asyncio.PanicError{Value: io.EOF}); !errors.Is(err, io.EOF) {
		t.Errorf("%v does not lead to its value", err)
	}
	if err := (&asyncio.PanicError{Value: 7}); err.Error() != "asyncio: panic: 7" || err.Unwrap() != nil {
		t.Errorf("%v leads to %v", err, err.Unwrap())
	}
}

func TestErrorMessages(t *testing.T) {
	for _, err := range []error{
		asyncio.ErrCancelled, asyncio.ErrTimeout, asyncio.ErrInvalidState, asyncio.ErrAwaitCycle, asyncio.ErrOtherLoop,
		asyncio.ErrLoopClosed, asyncio.ErrLoopRunning, asyncio.ErrLoopStopped, asyncio.ErrNoRunningLoop, asyncio.ErrNotInTask,
		asyncio.ErrQueueEmpty, asyncio.ErrQueueFull, asyncio.ErrQueueShutDown, asyncio.ErrGoexit, asyncio.ErrInterrupted,
		asyncio.ErrBrokenBarrier,
	} {
		if !strings.HasPrefix(err.Error(), "asyncio: ") {
			t.Errorf("%q does not say whose it is", err)
		}
	}
	for _, err := range []error{asyncio.ErrAwaitCycle, asyncio.ErrOtherLoop} {
		if !errors.Is(err, asyncio.ErrInvalidState) {
			t.Errorf("%q is no ErrInvalidState", err)
		}
	}
}
