package asyncio

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestOperationLetsTheLoopGoOn(t *testing.T) {
	netRun(t, func() error {
		resume := make(chan struct{})
		l, _ := RunningLoop()
		l.CallSoon(func() { close(resume) })
		n, err := operate(func(context.Context) (int, error) {
			<-resume
			return 7, nil
		}, nil)
		if n != 7 || err != nil {
			t.Error(n, err)
		}
		return nil
	})
}

// C4: a cancelled wait ends at once, and what the operation brings later is dropped.
func TestOperationCancelled(t *testing.T) {
	dropped, resume := make(chan int, 1), make(chan struct{})
	netRun(t, func() error {
		told := make(chan error, 1)
		task := Go(func() error {
			_, err := operate(func(ctx context.Context) (int, error) {
				<-ctx.Done()
				told <- ctx.Err()
				<-resume
				return 7, nil
			}, func(n int) { dropped <- n })
			return err
		})
		Sleep(0)
		task.Cancel("enough")
		if _, err := task.Await(); !errors.Is(err, ErrCancelled) || !strings.Contains(err.Error(), "enough") {
			t.Error(err)
		}
		if err := <-told; err != context.Canceled {
			t.Error(err)
		}
		close(resume)
		return nil
	})
	if n := <-dropped; n != 7 { // Run has waited for it
		t.Error(n)
	}
}

// A result that comes together with the cancellation is dropped, too.
func TestOperationCancelledWithItsResult(t *testing.T) {
	dropped := 0
	netRun(t, func() error {
		done := make(chan struct{})
		task := Go(func() error {
			_, err := operate(func(context.Context) (int, error) { return 7, nil }, func(n int) { dropped += n })
			close(done)
			return err
		})
		Sleep(0)
		l, _ := RunningLoop()
		for l.inbox.filled.Load() == false {
			runtime.Gosched() // the loop is kept from going on
		}
		task.Cancel()
		_, err := task.Await()
		if !errors.Is(err, ErrCancelled) {
			t.Error(err)
		}
		return nil
	})
	if dropped != 7 {
		t.Error(dropped)
	}
}

func TestOperationThatPanicsOrExits(t *testing.T) {
	netRun(t, func() error {
		_, err := operate(func(context.Context) (int, error) { panic("oops") }, nil)
		if p := (*PanicError)(nil); !errors.As(err, &p) || p.Value != "oops" || len(p.Stack) == 0 {
			t.Error(err)
		}
		_, err = operate(func(context.Context) (int, error) { runtime.Goexit(); return 0, nil }, nil)
		if err != ErrGoexit {
			t.Error(err)
		}
		return nil
	})
}

func TestOperationOutsideOfTasks(t *testing.T) {
	f := func(ctx context.Context) (int, error) { return 7, ctx.Err() }
	if n, err := operate(f, nil); n != 7 || err != nil {
		t.Error(n, err)
	}
	netRun(t, func() error {
		l, _ := RunningLoop()
		done := NewFuture[error]()
		l.CallSoon(func() {
			_, err := operate(f, nil)
			done.SetResult(err)
		})
		if err, _ := done.Await(); err != ErrNotInTask {
			t.Error(err)
		}
		return nil
	})
}

// A virtual clock stands still meanwhile, and a task that is unwound leaves the count right.
func TestOperationKeepsVirtualClockFromJumping(t *testing.T) {
	clock := &netClock{waits: make(chan bool, 10)}
	netRun(t, func() error {
		l, _ := RunningLoop()
		l.CallLater(time.Hour, func() { t.Error("the clock has jumped") })
		operate(func(context.Context) (int, error) {
			if busy := <-clock.waits; !busy {
				t.Error("not busy")
			}
			return 0, nil
		}, nil)
		Go(func() error {
			_, err := operate(func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, nil }, nil)
			return err
		}).Cancel()
		Sleep(0)
		if l.operations != 0 {
			t.Error(l.operations)
		}
		return nil
	}, WithClock(clock))
}

// Close unwinds the task, has the operation end, and waits for it.
func TestOperationEndsWithTheLoop(t *testing.T) {
	dropped := 0
	l := NewEventLoop()
	RunUntilComplete(l, func() (int, error) {
		Go(func() error {
			_, err := operate(func(ctx context.Context) (int, error) { <-ctx.Done(); return 7, nil },
				func(n int) { dropped = n })
			t.Error("unwound, but went on with", err)
			return nil
		})
		return 0, Sleep(0)
	})
	if err := l.Close(); err != nil || dropped != 7 {
		t.Error(err, dropped)
	}
}

// netClock is a virtual clock that says when the loop waits, and whether it is busy. Busy, it says so once
// per wait.
type netClock struct {
	VirtualClock
	waits chan bool
}

func (c *netClock) Wait(until time.Duration, busy bool, wake <-chan struct{}) {
	select {
	case c.waits <- busy:
	default:
	}
	c.VirtualClock.Wait(until, busy, wake)
}
