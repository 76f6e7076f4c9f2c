package asyncio

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

// isCancelledWith fails unless err is a *CancelledError with this message.
func isCancelledWith(t *testing.T, what string, err error, message string) {
	t.Helper()
	var c *CancelledError
	if !errors.As(err, &c) || c.Message != message {
		t.Errorf("%s: got the error %v, want a cancellation with %q", what, err, message)
	}
	isErr(t, what, err, ErrCancelled)
	isErr(t, what, err, context.Canceled)
}

func TestCancelCounts(t *testing.T) { // C1
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		task := Go(func() error { return Sleep(time.Hour) })
		giveWay(t, 1)
		isSame(t, "Cancelling before", task.Cancelling(), 0)
		isSame(t, "Cancel", task.Cancel(), true)
		isSame(t, "Cancelling", task.Cancelling(), 1)
		isSame(t, "Cancel again", task.Cancel(), true)
		isSame(t, "Cancelling after two", task.Cancelling(), 2)
		_, err := task.Await()
		isErr(t, "Await", err, ErrCancelled)
		isSame(t, "Cancelled", task.Cancelled(), true)
		isSame(t, "Cancel of a done task", task.Cancel(), false)
		isSame(t, "Cancelling of a done task", task.Cancelling(), 2)
	})
}

func TestCancelBeforeFirstStep(t *testing.T) { // C2
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		for _, opts := range [][]CallOption{nil, {WithContext(c)}} {
			task := Go(func() error { t.Error("it has begun"); return nil }, opts...)
			task.Cancel("early")
			isSame(t, "Done at once", task.Done(), false)
			_, err := task.Await()
			isCancelledWith(t, "Await", err, "early")
			isSame(t, "Cancelled", task.Cancelled(), true)
			c.Run(func() {}) // it is not entered
		}
	})
}

func TestCancelReachesWhatIsAwaited(t *testing.T) { // C3
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var r trail
		f := NewFuture[int]()
		inner := Go(func() error {
			_, err := f.Await()
			r.add("inner: %v", err)
			return err
		})
		outer := Go(func() error {
			_, err := inner.Await()
			r.add("outer: %v", err)
			return err
		})
		giveWay(t, 1)
		outer.Cancel("msg")
		isSame(t, "the future, at once", f.Cancelled(), true)
		isSame(t, "inner, at once", inner.Done(), false)
		_, err := outer.Await()
		isCancelledWith(t, "Await", err, "msg")
		isSame(t, "inner", inner.Cancelled(), true)
		isSame(t, "inner.Cancelling", inner.Cancelling(), 1)
		r.is(t, "inner: asyncio: cancelled: msg", "outer: asyncio: cancelled: msg")
	})
}

// A task that is awaited may swallow the cancellation: then the one who waits goes on.
func TestCancelIsSwallowedByWhatIsAwaited(t *testing.T) { // C3, C5
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		inner := CreateTask(func() (int, error) {
			isErr(t, "Sleep", Sleep(time.Hour), ErrCancelled)
			return 7, nil
		})
		outer := CreateTask(func() (int, error) { return inner.Await() })
		giveWay(t, 2)
		outer.Cancel()
		n, err := outer.Await()
		isSame(t, "result", n, 7)
		isErr(t, "Await", err, nil)
		isSame(t, "Cancelling", outer.Cancelling(), 1)
		isSame(t, "Cancelled", outer.Cancelled(), false)
	})
}

// All who wait for a future get its cancellation.
func TestCancelOfOneOfSeveralWaiters(t *testing.T) { // C3
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		f := NewFuture[int]()
		var tasks []*Task[int]
		for range 3 {
			tasks = append(tasks, CreateTask(f.Await))
		}
		giveWay(t, 1)
		tasks[1].Cancel("one")
		for i, task := range tasks {
			_, err := task.Await()
			isCancelledWith(t, fmt.Sprint("task ", i), err, "one")
			isSame(t, "Cancelling", task.Cancelling(), i%2)
		}
	})
}

// Each wait, and how its end is made due and the task cancelled before it has gone on.
func TestCancelWhileRunnable(t *testing.T) { // C4
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		check := func(name string, wait func() error, wakeAndThen func(cancel func())) {
			var err error
			calls := 0
			task := Go(func() error {
				err = wait()
				calls++
				return nil
			}, Eager())
			wakeAndThen(func() {
				isSame(t, name+": Cancel", task.Cancel("late"), true)
			})
			_, end := task.Await()
			isCancelledWith(t, name, err, "late")
			isErr(t, name+": the end", end, nil)
			isSame(t, name+": went on", calls, 1)
			Sleep(time.Minute) // nothing is left that could wake somebody
		}
		check("Sleep(0)", func() error { return Sleep(0) }, func(cancel func()) { cancel() })
		f := NewFuture[int]()
		check("Await", func() error { _, err := f.Await(); return err }, func(cancel func()) {
			f.SetResult(1)
			cancel()
		})
		var cancelIt func()
		inner, done := Go(func() error { return Sleep(time.Second) }), NewFuture[int]()
		inner.AddDoneCallback(func(*Task[struct{}]) { cancelIt(); done.SetResult(1) }) // before the task that waits
		check("Await of a task", func() error { _, err := inner.Await(); return err }, func(cancel func()) {
			cancelIt = cancel
			done.Await()
		})
		// Both timers are due at once; that of the callback was made before.
		done = NewFuture[int]()
		l.CallLater(time.Second, func() { cancelIt(); done.SetResult(1) })
		check("Sleep", func() error { return Sleep(time.Second) }, func(cancel func()) {
			cancelIt = cancel
			done.Await()
		})
	})
}

func TestSwallowedCancel(t *testing.T) { // C5
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		task := CreateTask(func() (int, error) {
			isErr(t, "Sleep", Sleep(time.Hour), ErrCancelled)
			isErr(t, "the next wait", Sleep(time.Second), nil)
			return 3, nil
		})
		giveWay(t, 1)
		task.Cancel()
		n, err := task.Await()
		isSame(t, "result", n, 3)
		isErr(t, "Await", err, nil)
		isSame(t, "Cancelled", task.Cancelled(), false)
		isSame(t, "Cancelling", task.Cancelling(), 1)
		isSame(t, "Uncancel", task.Uncancel(), 0)
	})
}

func TestUncancel(t *testing.T) { // C6
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		me := CurrentTask().(AnyTask)
		isSame(t, "Uncancel of nothing", me.Uncancel(), 0)
		isSame(t, "Cancelling", me.Cancelling(), 0)

		me.Cancel("a")
		isSame(t, "Uncancel", me.Uncancel(), 0)
		isErr(t, "a wait after the cancellation was forgotten", Sleep(0), nil)

		me.Cancel("a")
		me.Cancel("b")
		isSame(t, "Uncancel of one of two", me.Uncancel(), 1)
		isCancelledWith(t, "a wait", Sleep(0), "b")
		isSame(t, "Uncancel of the other", me.Uncancel(), 0)

		// Delivered is delivered.
		me.Cancel("c")
		isCancelledWith(t, "a wait", Sleep(time.Second), "c")
		me.Cancel("d")
		isSame(t, "Uncancel of one of two, one delivered", me.Uncancel(), 1)
		isCancelledWith(t, "a wait", Sleep(time.Second), "d")
		me.Uncancel()
		isErr(t, "a wait", Sleep(time.Second), nil)

		// Before the first step, and when it was woken already.
		began := false
		task := Go(func() error { began = true; return Sleep(0) })
		task.Cancel()
		task.Uncancel()
		_, err := task.Await()
		isErr(t, "Await", err, nil)
		isSame(t, "it has begun", began, true)
		f := NewFuture[int]()
		waiter := CreateTask(f.Await)
		giveWay(t, 1)
		f.SetResult(9)
		waiter.Cancel()
		waiter.Uncancel()
		n, err := waiter.Await()
		isSame(t, "result", n, 9)
		isErr(t, "Await", err, nil)
	})
}

// One that waits and is cancelled is woken by that; to take it back comes too late for the future, and in
// time for a task that sleeps.
func TestUncancelAfterWake(t *testing.T) { // C6
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		f := NewFuture[int]()
		waiter := CreateTask(f.Await)
		sleeper := Go(func() error { return Sleep(time.Hour) })
		giveWay(t, 1)
		for _, task := range []AnyTask{waiter, sleeper} {
			task.Cancel()
			isSame(t, "Uncancel", task.Uncancel(), 0)
		}
		_, err := waiter.Await()
		isErr(t, "Await of one that waited for a future", err, ErrCancelled)
		_, err = sleeper.Await()
		isErr(t, "Await of one that slept", err, nil)
	})
}

func TestCancelMessage(t *testing.T) { // C7
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		for _, message := range []string{"", "msg"} {
			task := Go(func() error { return Sleep(time.Hour) })
			giveWay(t, 1)
			if message == "" {
				task.Cancel()
			} else {
				task.Cancel(message, "ignored")
			}
			_, err := task.Await()
			isCancelledWith(t, "Await", err, message)
			isCancelledWith(t, "Err", task.Err(), message)
			_, err = task.Result()
			isCancelledWith(t, "Result", err, message)
		}
		// Of two, the last one's.
		task := Go(func() error { return Sleep(time.Hour) })
		giveWay(t, 1)
		task.Cancel("first")
		task.Cancel("second")
		_, err := task.Await()
		isCancelledWith(t, "Await", err, "second")
	})
}

func TestAwaitOneself(t *testing.T) { // C14
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var task *Task[int]
		task = CreateTask(func() (int, error) {
			_, err := task.Await()
			isErr(t, "Await of oneself", err, ErrAwaitCycle)
			isErr(t, "Await of oneself", err, ErrInvalidState)
			return 5, Sleep(time.Second)
		})
		n, err := task.Await()
		isSame(t, "result", n, 5)
		isErr(t, "Await", err, nil)
	})
}

func TestAwaitOnOtherLoop(t *testing.T) { // C14
	l := NewEventLoop()
	defer l.Close()
	var pending *Future[int]
	var done *Task[int]
	RunUntilComplete(l, func() (int, error) {
		pending = NewFuture[int]()
		done = CreateTask(func() (int, error) { return 8, nil })
		return done.Await()
	})
	onLoop(t, func(*EventLoop, *reportLog) {
		_, err := pending.Await()
		isErr(t, "Await of a future of another loop", err, ErrOtherLoop)
		isErr(t, "Await of a future of another loop", err, ErrInvalidState)
		n, err := done.Await()
		isSame(t, "one that is done", n, 8)
		isErr(t, "one that is done", err, nil)
	})
}

func TestCancellationRunsInTasksContext(t *testing.T) { // C15
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		for _, opts := range [][]CallOption{nil, {WithContext(c)}, {Eager()}} {
			for _, wait := range []func() error{
				func() error { return Sleep(time.Hour) },
				func() error { _, err := NewFuture[int]().Await(); return err },
				func() error { _, err := Go(func() error { return Sleep(time.Hour) }).Await(); return err },
			} {
				ctxVar.Set("canceller's")
				task := CreateTask(func() (seen string, err error) {
					token := ctxVar.Set("task's")
					defer func() {
						seen += ", " + ctxVar.Get()
						isErr(t, "Reset", ctxVar.Reset(token), nil)
					}()
					err = wait()
					isErr(t, "the wait", err, ErrCancelled)
					return ctxVar.Get(), nil
				}, opts...)
				giveWay(t, 2)
				task.Cancel()
				got, _ := task.Await()
				isSame(t, "where it was cancelled", got, "task's, task's")
			}
		}
	})
}

func TestCancelsItselfAndReturns(t *testing.T) { // C16
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		task := CreateTask(func() (int, error) {
			CurrentTask().Cancel("me")
			return 3, nil
		})
		_, err := task.Await()
		isCancelledWith(t, "Await", err, "me")
		isSame(t, "Cancelled", task.Cancelled(), true)

		task = CreateTask(func() (int, error) {
			CurrentTask().Cancel("me")
			CurrentTask().(AnyTask).Uncancel()
			return 3, nil
		})
		n, err := task.Await()
		isSame(t, "taken back", n, 3)
		isErr(t, "taken back", err, nil)

		boom := errors.New("boom")
		task = CreateTask(func() (int, error) {
			CurrentTask().Cancel("me")
			return 3, boom
		})
		_, err = task.Await()
		isErr(t, "with an error of its own", err, boom)
		isSame(t, "Cancelled", task.Cancelled(), false)
	})
}

// Cancelled while it runs, a task gets it at its next wait, and passes it on to what it waits for there.
func TestCancelWhileRunningThenWait(t *testing.T) { // C3, C10
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		me := CurrentTask().(AnyTask)
		f := NewFuture[int]()
		me.Cancel("msg")
		done := NewFuture[int]()
		done.SetResult(1)
		_, err := done.Await()
		isErr(t, "what is done is no wait", err, nil)
		_, err = f.Await()
		isCancelledWith(t, "the next wait", err, "msg")
		isSame(t, "the future", f.Cancelled(), true)
		isErr(t, "the one after that", Sleep(0), nil)

		me.Cancel("again")
		inner := CreateTask(func() (int, error) {
			isErr(t, "inner", Sleep(time.Hour), ErrCancelled)
			return 4, nil
		}, Eager())
		n, err := inner.Await()
		isSame(t, "inner swallows it", n, 4)
		isErr(t, "Await", err, nil)
		isErr(t, "it is spent", Sleep(0), nil)
	})
}

// A cancellation that leads back to the one that cancels.
func TestCancelInCircles(t *testing.T) { // C10
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var a, b *Task[int]
		a = CreateTask(func() (int, error) {
			_, err := b.Await()
			return 0, err
		})
		b = CreateTask(func() (int, error) {
			isErr(t, "b", Sleep(time.Hour), ErrCancelled)
			a.Cancel("from b") // which waits for b
			isErr(t, "b again", Sleep(0), ErrCancelled)
			return 1, nil
		})
		giveWay(t, 2)
		a.Cancel("from main")
		n, err := a.Await()
		isErr(t, "a", err, nil)
		isSame(t, "a", n, 0)
		isSame(t, "Cancelling", a.Cancelling(), 2)
		isSame(t, "Cancelling", b.Cancelling(), 2)
	})
}

// Cancel and wake, again and again: no wake of an earlier wait ends a later one.
func TestNoStaleWakes(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		for _, first := range []func(wake func()) error{
			func(wake func()) error {
				l.CallLater(time.Second, wake)
				return Sleep(time.Second)
			},
			func(wake func()) error {
				f := NewFuture[int]()
				l.CallLater(time.Second, func() { f.SetResult(1); wake() })
				_, err := f.Await()
				return err
			},
			func(wake func()) error {
				wake()
				return Sleep(0)
			},
			func(wake func()) error {
				l.CallLater(time.Minute, wake) // cancelled long before it is due
				l.CallLater(time.Millisecond, wake)
				return Sleep(time.Second)
			},
		} {
			var task *Task[struct{}]
			task = Go(func() error {
				wake := func() { task.Cancel() }
				first(wake)
				for i := range 5 {
					before := l.Time()
					err := Sleep(time.Hour)
					if passed := l.Time() - before; err == nil && passed != time.Hour {
						t.Errorf("Sleep %d: %v", i, passed)
					}
				}
				return nil
			})
			_, err := task.Await()
			isErr(t, "Await", err, nil)
		}
	})
}

func TestWaitInCallback(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		for _, opts := range [][]CallOption{nil, {WithContext(c)}} {
			task := Go(func() error { return Sleep(time.Second) })
			f := NewFuture[int]()
			l.CallSoon(func() {
				_, err := task.Await()
				isErr(t, "Await of a task", err, ErrNotInTask)
				_, err = f.Await()
				isErr(t, "Await of a future", err, ErrNotInTask)
				isErr(t, "Sleep", Sleep(time.Second), ErrNotInTask)
				isErr(t, "Sleep(0)", Sleep(0), ErrNotInTask)
				isSame(t, "CurrentTask", CurrentTask(), nil)
			}, opts...)
			_, err := task.Await()
			isErr(t, "Await", err, nil)
		}
	})
}
