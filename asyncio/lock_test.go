package asyncio

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"
)

// syncPanic fails if f does not panic with a message that begins with the package's name and contains what.
func syncPanic(t *testing.T, what string, f func()) {
	t.Helper()
	message, _ := panicOf(f).(string)
	if !strings.HasPrefix(message, "asyncio: ") || !strings.Contains(message, what) {
		t.Errorf("got the panic %q, want one with %q", message, what)
	}
}

// syncAtOnce runs f in a task, and fails if f suspends or returns an error. The task was cancelled before, which shows
// only where f can be cancelled.
func syncAtOnce(t *testing.T, what string, f func() error) {
	t.Helper()
	task := Go(func() error {
		CurrentTask().Cancel()
		err := f()
		CurrentTask().(AnyTask).Uncancel()
		return err
	}, Eager())
	if !task.Done() {
		t.Errorf("%s was suspended", what)
	}
	_, err := task.Await()
	isErr(t, what, err, nil)
}

func TestLockThatIsFree(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var lock Lock
		isSame(t, "locked", lock.Locked(), false)
		syncAtOnce(t, "Acquire", lock.Acquire)
		isSame(t, "locked", lock.Locked(), true)
		lock.Release()
		isSame(t, "locked", lock.Locked(), false)
		l.CallSoon(func() { isErr(t, "in a callback", lock.Acquire(), nil) })
		giveWay(t, 1)
		onGoroutine(lock.Release)
		isSame(t, "locked", lock.Locked(), false)
	})
}

// Who has waited gets the lock, not who has just released it.
func TestLockIsNotTakenBackFromWaiters(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		lock := NewLock()
		var order trail
		turns := func(name string) func() error {
			return func() error {
				for range 3 {
					if err := lock.Acquire(); err != nil {
						return err
					}
					order.add("%s", name)
					giveWay(t, 1)
					lock.Release()
				}
				return nil
			}
		}
		a, b := Go(turns("a")), Go(turns("b"))
		_, err := a.Await()
		isErr(t, "a", err, nil)
		_, err = b.Await()
		isErr(t, "b", err, nil)
		order.is(t, "a", "b", "a", "b", "a", "b")
	})
}

// All who wait in front of one are cancelled in the step in which the lock is released.
func TestLockWhenAllInFrontAreCancelled(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		lock := NewLock()
		syncMust(lock.Acquire())
		var waiting []*Task[struct{}]
		for range 5 {
			waiting = append(waiting, Go(lock.Acquire))
		}
		giveWay(t, 1)
		for _, task := range waiting[:2] {
			task.Cancel()
		}
		lock.Release()
		for _, task := range waiting[2:4] {
			task.Cancel()
		}
		_, err := waiting[4].Await()
		isErr(t, "the last one", err, nil)
	})
}

func TestReleaseOfLockThatNobodyHolds(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		lock := NewLock()
		syncPanic(t, "Release of a Lock that nobody holds", lock.Release)
		_, err := Go(func() error { lock.Release(); return nil }).Await()
		var p *PanicError
		isSame(t, "the error is the panic", errors.As(err, &p), true)

		// One who was woken has not got it yet.
		syncMust(lock.Acquire())
		waiter := Go(lock.Acquire)
		giveWay(t, 1)
		lock.Release()
		syncPanic(t, "Release of a Lock that nobody holds", lock.Release)
		_, err = waiter.Await()
		isErr(t, "Acquire", err, nil)
		isSame(t, "locked", lock.Locked(), true)
	})
}

// syncHeld is what can be held.
type syncHeld interface {
	Acquire() error
	Release()
	Locked() bool
	With(func() error) error
}

func TestWith(t *testing.T) {
	for name, p := range map[string]syncHeld{
		"Lock":             NewLock(),
		"Condition":        NewCondition(nil),
		"Semaphore":        NewSemaphore(1),
		"BoundedSemaphore": NewBoundedSemaphore(1),
	} {
		t.Run(name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				failure := errors.New("failure")
				err := p.With(func() error {
					isSame(t, "locked inside", p.Locked(), true)
					return failure
				})
				isErr(t, "With", err, failure)
				isSame(t, "locked after an error", p.Locked(), false)

				isSame(t, "panic", panicOf(func() { _ = p.With(func() error { panic("p") }) }), any("p"))
				isSame(t, "locked after a panic", p.Locked(), false)

				_, err = Go(func() error { return p.With(func() error { runtime.Goexit(); return nil }) }).Await()
				isErr(t, "task", err, ErrGoexit)
				isSame(t, "locked after Goexit", p.Locked(), false)

				holder := Go(func() error { return p.With(func() error { return Sleep(time.Hour) }) })
				giveWay(t, 1)
				called := false
				waiter := Go(func() error { return p.With(func() error { called = true; return nil }) })
				giveWay(t, 1)
				waiter.Cancel()
				_, err = waiter.Await()
				isErr(t, "With, cancelled", err, ErrCancelled)
				isSame(t, "called", called, false)
				l.CallSoon(func() { isErr(t, "in a callback", p.With(func() error { return nil }), ErrNotInTask) })
				giveWay(t, 1)
				holder.Cancel()
				giveWay(t, 2)
				isSame(t, "locked after cancellation", p.Locked(), false)

				syncPanic(t, "With was given a nil func", func() { _ = p.With(nil) })
				isSame(t, "locked at last", p.Locked(), false)
			})
		})
	}
}
