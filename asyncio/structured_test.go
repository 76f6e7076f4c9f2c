package asyncio

import (
	"errors"
	"runtime"
	"testing"
	"time"
	"weak"
)

// What holds for each function of structured concurrency. Each is tried with one future that it waits for.

// structured is a function that waits for f; one that does not return nil or a value fails the test by the error.
type structured struct {
	name string
	wait func(f *Future[int]) error
	// passesOn: a cancellation of the wait cancels f (C3).
	passesOn bool
}

func (s structured) outsideToo() bool { return s.name != "TaskGroup" && s.name != "Timeout" }

var allStructured = []structured{
	{"Await", func(f *Future[int]) error { _, err := f.Await(); return err }, true},
	{"Gather", func(f *Future[int]) error { _, err := Gather(f); return err }, true},
	{"GatherAll", func(f *Future[int]) error {
		out, err := GatherAll(f)
		if err == nil {
			err = out[0].Err
		}
		return err
	}, true},
	{"Wait", func(f *Future[int]) error {
		done, pending, err := Wait(AllCompleted, NoTimeout, f)
		if err == nil && (len(done) != 1 || len(pending) != 0) {
			err = errors.New("not done")
		}
		return errors.Join(err, f.Err())
	}, false},
	{"Wait, timed", func(f *Future[int]) error {
		_, _, err := Wait(FirstCompleted, 100*time.Hour, f)
		return errors.Join(err, f.Err())
	}, false},
	{"WaitFor", func(f *Future[int]) error { _, err := WaitFor(f, 100*time.Hour); return err }, true},
	{"WaitFor, no timeout", func(f *Future[int]) error { _, err := WaitFor(f, NoTimeout); return err }, true},
	{"Shield", func(f *Future[int]) error { _, err := Shield(f); return err }, false},
	{"AsCompleted", func(f *Future[int]) error {
		for _, err := range AsCompleted(f) {
			return err
		}
		return errors.New("nothing came")
	}, false},
	{"Timeout", func(f *Future[int]) error {
		return Timeout(100*time.Hour, func() error { _, err := f.Await(); return err })
	}, true},
	{"TaskGroup", func(f *Future[int]) error {
		err := TaskGroup(func(g *Group) error {
			g.Go(func() error { _, err := f.Await(); return err })
			return nil
		})
		if e, ok := errors.AsType[*GroupError](err); ok {
			return e.Errors[0]
		}
		return err
	}, true},
}

func forEachStructured(t *testing.T, f func(t *testing.T, s structured, l *EventLoop, log *reportLog)) {
	for _, s := range allStructured {
		t.Run(s.name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, log *reportLog) { f(t, s, l, log) })
		})
	}
}

var errStructured = errors.New("structured")

func TestStructuredReturnsTheResult(t *testing.T) {
	forEachStructured(t, func(t *testing.T, s structured, l *EventLoop, _ *reportLog) {
		f := NewFuture[int]()
		l.CallLater(time.Hour, func() { f.SetResult(1) })
		isErr(t, "of a future with a result", s.wait(f), nil)
		isSame(t, "time", l.Time(), time.Hour)
		if s.name != "TaskGroup" {
			isErr(t, "of one that is done", s.wait(f), nil)
		}
		f = NewFuture[int]()
		l.CallLater(time.Hour, func() { f.SetError(errStructured) })
		isErr(t, "of a future that fails", s.wait(f), errStructured)
		isErr(t, "of one that has failed", s.wait(f), errStructured)
		isSame(t, "time", l.Time(), 2*time.Hour)
		isSame(t, "timers", l.timers.len(), 0)
	})
}

func TestStructuredCancelled(t *testing.T) { // C3, C4, C7
	forEachStructured(t, func(t *testing.T, s structured, l *EventLoop, log *reportLog) {
		f := NewFuture[int]()
		var err error
		c := Go(func() error {
			err = s.wait(f)
			return Sleep(time.Hour) // the cancellation is delivered once
		})
		giveWay(t, 2)
		c.Cancel("enough")
		giveWay(t, 4)
		isErr(t, "of the wait", err, ErrCancelled)
		isSame(t, "message", err.Error(), "asyncio: cancelled: enough")
		isSame(t, "requests", c.Cancelling(), 1)
		isSame(t, "future is cancelled", f.Cancelled(), s.passesOn)
		isSame(t, "those who wait for it", f.waiters, waiters{})
		_, err = c.Await()
		isErr(t, "of the task", err, nil)
		isSame(t, "timers", l.timers.len(), 0)
		if !s.passesOn {
			f.SetError(errStructured)
			isErr(t, "of the future", f.Err(), errStructured)
		}
	})
}

// The future is done, but the task is cancelled before it can go on.
func TestStructuredCancelledWhenWoken(t *testing.T) { // C4
	forEachStructured(t, func(t *testing.T, s structured, _ *EventLoop, log *reportLog) {
		f := NewFuture[int]()
		var err error
		c := Go(func() error { err = s.wait(f); return nil })
		giveWay(t, 2)
		f.SetResult(1)
		if s.name == "TaskGroup" {
			giveWay(t, 1)
		}
		c.Cancel("late")
		c.Await()
		isErr(t, "of the wait", err, ErrCancelled)
	})
}

// Cancelled while it runs, a task gets the error from its next wait, which passes it on.
func TestStructuredCancelledBefore(t *testing.T) { // C3, C4
	forEachStructured(t, func(t *testing.T, s structured, _ *EventLoop, log *reportLog) {
		f := NewFuture[int]()
		c := Go(func() error {
			CurrentTask().Cancel("before")
			err := s.wait(f)
			isErr(t, "of the wait", err, ErrCancelled)
			isSame(t, "message", err.Error(), "asyncio: cancelled: before")
			isErr(t, "of the next wait", Sleep(0), nil)
			return nil
		})
		c.Await()
		isSame(t, "future is cancelled", f.Cancelled(), s.passesOn)
		isSame(t, "those who wait for it", f.waiters, waiters{})
	})
}

func TestStructuredRunsInItsTasksContext(t *testing.T) { // C15
	forEachStructured(t, func(t *testing.T, s structured, _ *EventLoop, log *reportLog) {
		c := Go(func() error {
			ctxVar.Set("mine")
			defer func() { isSame(t, "in a deferred function", ctxVar.Get(), "mine and more") }()
			s.wait(NewFuture[int]())
			isSame(t, "after the wait", ctxVar.Get(), "mine")
			ctxVar.Set("mine and more")
			return nil
		})
		giveWay(t, 2)
		ctxVar.Set("the canceller's")
		c.Cancel()
		c.Await()
		isSame(t, "of the canceller", ctxVar.Get(), "the canceller's")
	})
}

func TestStructuredInACallback(t *testing.T) {
	forEachStructured(t, func(t *testing.T, s structured, l *EventLoop, log *reportLog) {
		done, pending := NewFuture[int](), NewFuture[int]()
		done.SetResult(1)
		l.CallSoon(func() {
			isErr(t, "of a wait", s.wait(pending), ErrNotInTask)
			if s.outsideToo() {
				isErr(t, "with nothing to wait for", s.wait(done), nil)
			}
		})
		giveWay(t, 2)
		isSame(t, "those who wait", pending.waiters, waiters{})
		isSame(t, "pending", pending.Done(), false)
	})
}

func TestStructuredOnAGoroutine(t *testing.T) {
	for _, s := range allStructured {
		t.Run(s.name, func(t *testing.T) {
			onRealTime(t, func(l *EventLoop, log *reportLog) {
				for _, want := range []error{nil, errStructured} {
					f := NewFuture[int]()
					over := NewFuture[error]()
					go func() {
						l.CallSoonThreadsafe(func() { l.CallLater(5*time.Millisecond, func() { f.change("", func() {}, want) }) })
						over.SetResult(s.wait(f))
					}()
					err, _ := over.Await()
					if s.outsideToo() {
						isErr(t, "of the wait", err, want)
					} else {
						isErr(t, "of the wait", err, ErrNotInTask)
						f.Await()
					}
				}
			})
		})
	}
}

func TestStructuredOnAGoroutineWhenTheLoopEnds(t *testing.T) {
	for _, s := range allStructured {
		if !s.outsideToo() || s.name == "Timeout" {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			over := make(chan error, 2)
			var f *Future[int]
			onRealTime(t, func(l *EventLoop, log *reportLog) {
				f = NewFuture[int]()
				go func() { over <- s.wait(f) }()
				for f.waiters.first == nil {
					Sleep(time.Millisecond)
				}
			})
			if err := <-over; !errors.Is(err, ErrLoopClosed) && !(s.passesOn && errors.Is(err, ErrCancelled)) {
				t.Errorf("got %v", err)
			}
			if !f.Done() {
				isErr(t, "of a loop that is closed", s.wait(f), ErrLoopClosed)
			}
		})
	}
}

func TestStructuredOfAnotherLoop(t *testing.T) { // C14
	other := NewEventLoop()
	defer other.Close()
	f, _ := RunUntilComplete(other, func() (*Future[int], error) { return NewFuture[int](), nil })
	forEachStructured(t, func(t *testing.T, s structured, _ *EventLoop, log *reportLog) {
		isErr(t, "of the wait", s.wait(f), ErrOtherLoop)
		isSame(t, "those who wait", f.waiters, waiters{})
	})
}

// A task that is unwound in its wait runs its deferred functions, and leaves nothing.
func TestStructuredUnwoundByClose(t *testing.T) {
	for _, s := range allStructured {
		t.Run(s.name, func(t *testing.T) {
			left := countGoroutines(t)
			l, log, f := NewEventLoop(), new(reportLog), (*Future[int])(nil)
			l.SetExceptionHandler(log.handle)
			ended, returned := false, false
			RunUntilComplete(l, func() (int, error) {
				f = NewFuture[int]()
				Go(func() error {
					defer func() { ended = true }()
					s.wait(f)
					returned = true
					return nil
				})
				giveWay(t, 3)
				return 0, nil
			})
			isErr(t, "of Close", l.Close(), nil)
			isSame(t, "deferred functions ran", ended, true)
			isSame(t, "the wait returned", returned, false)
			isSame(t, "those who wait", f.waiters, waiters{})
			log.none(t)
			left()
		})
	}
}

// What a task held that has ended, and whose wait is over, is held by nobody, also while what it waited for is not
// done.
func TestStructuredPinsNothing(t *testing.T) { // 140, 176
	type payload struct{ _ [64]byte }
	forEachStructured(t, func(t *testing.T, s structured, l *EventLoop, log *reportLog) {
		f := NewFuture[int]()
		w := func() weak.Pointer[payload] {
			p := new(payload)
			c := Go(func() error {
				s.wait(f)
				runtime.KeepAlive(p)
				return nil
			})
			giveWay(t, 2)
			c.Cancel()
			c.Await()
			return weak.Make(p)
		}()
		giveWay(t, 1)
		for range 100 {
			if runtime.GC(); w.Value() == nil {
				break
			}
			giveWay(t, 10)
		}
		if w.Value() != nil {
			t.Error("the task's payload is held")
		}
		runtime.KeepAlive(f)
	})
}

func TestStructuredPassNilTask(t *testing.T) {
	var task *Task[int]
	var future *Future[int]
	for name, f := range map[string]func(){
		"Gather":      func() { Gather(task) },
		"GatherAll":   func() { GatherAll([]AwaitableOf[int]{future}...) },
		"Wait":        func() { Wait(AllCompleted, NoTimeout, nil) },
		"WaitFor":     func() { WaitFor(task, time.Second) },
		"Shield":      func() { Shield(future) },
		"AsCompleted": func() { AsCompleted([]AwaitableOf[int]{nil}...) },
	} {
		isSame(t, name, panicOf(f), any("asyncio: "+name+" was given a nil task or future, number 0"))
	}
}

func TestStructuredPassNilFunc(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var g *Group
		TaskGroup(func(inner *Group) error { g = inner; return nil })
		for name, f := range map[string]func(){
			"Timeout":          func() { Timeout(1, nil) },
			"TimeoutAt":        func() { TimeoutAt(1, nil) },
			"TimeoutScope.Run": func() { NewTimeout(1).Run(nil) },
			"TaskGroup":        func() { TaskGroup(nil) },
			"Spawn":            func() { Spawn[int](g, nil) },
			"Group.Go":         func() { g.Go(nil) },
			"ToThread":         func() { ToThread[int](nil) },
			"RunThreadsafe":    func() { RunThreadsafe[int](l, nil) },
		} {
			isSame(t, name, panicOf(f), any("asyncio: "+name+" was given a nil func"))
		}
	})
}
