package asyncio

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"
)

// timeoutBody is the tests' body of a Timeout: it sleeps, and when cancelled cleans up and returns what it is told.
type timeoutBody struct {
	sleep, cleanup time.Duration
	err            error
	swallow        bool
}

func (b timeoutBody) run() error {
	err := Sleep(b.sleep)
	if err == nil {
		return b.err
	}
	if b.cleanup > 0 {
		Sleep(b.cleanup)
	}
	if b.err != nil || b.swallow {
		return b.err
	}
	return fmt.Errorf("body: %w", err)
}

func TestTimeout(t *testing.T) { // C9
	for _, x := range []struct {
		name string
		d    time.Duration
		body timeoutBody
		end  time.Duration
		want error
	}{
		{"in time", time.Hour, timeoutBody{sleep: time.Minute}, time.Minute, nil},
		{"fails in time", time.Hour, timeoutBody{sleep: time.Minute, err: errStructured}, time.Minute, errStructured},
		{"none", NoTimeout, timeoutBody{sleep: 1000 * time.Hour}, 1000 * time.Hour, nil},
		{"too long", time.Minute, timeoutBody{sleep: time.Hour}, time.Minute, ErrTimeout},
		{"cleans up", time.Minute, timeoutBody{sleep: time.Hour, cleanup: time.Hour}, 61 * time.Minute, ErrTimeout},
		{"fails by it", time.Minute, timeoutBody{sleep: time.Hour, err: errStructured}, time.Minute, errStructured},
		{"takes no notice", time.Minute, timeoutBody{sleep: time.Hour, swallow: true}, time.Minute, nil},
		{"no time", 0, timeoutBody{sleep: time.Hour}, 0, ErrTimeout},
		{"no time to give way", 0, timeoutBody{}, 0, ErrTimeout},
		{"less", -time.Hour, timeoutBody{sleep: time.Hour}, 0, ErrTimeout},
	} {
		t.Run(x.name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				err := Timeout(x.d, x.body.run)
				isErr(t, "error", err, x.want)
				isSame(t, "is a CancelledError", errors.Is(err, ErrCancelled), false)
				isSame(t, "is DeadlineExceeded", errors.Is(err, context.DeadlineExceeded), x.want == ErrTimeout)
				isSame(t, "time", l.Time(), x.end)
				isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), 0)
				isErr(t, "of the next wait", Sleep(0), nil)
				isSame(t, "timers", l.timers.len(), 0)
			})
		})
	}
}

// A body that does not wait any more ends as it likes, and the request is taken back.
func TestTimeoutOfBodyThatDoesNotWait(t *testing.T) { // C6, C9
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		isErr(t, "of one that never waits", Timeout(0, func() error { return nil }), nil)
		var s *TimeoutScope
		f := NewFuture[int]()
		c := Go(func() error {
			s = NewTimeout(time.Minute)
			err := s.Run(func() error { _, err := f.Await(); return err })
			isErr(t, "of the next wait", Sleep(0), nil)
			return err
		})
		giveWay(t, 1)
		f.SetResult(1) // it is woken, and the time runs out before its turn
		s.expire()
		isSame(t, "requests", c.Cancelling(), 1)
		_, err := c.Await()
		isErr(t, "of one that was woken", err, ErrTimeout) // C4
	})
}

func TestTimeoutsNested(t *testing.T) { // C9
	body := timeoutBody{sleep: time.Hour}
	for _, x := range []struct {
		outer, inner, end      time.Duration
		outerError, innerError error
	}{
		{2 * time.Minute, time.Minute, time.Minute, ErrTimeout, ErrTimeout},
		{time.Minute, 2 * time.Minute, time.Minute, ErrTimeout, ErrCancelled},
		{time.Minute, time.Minute, time.Minute, ErrTimeout, ErrCancelled}, // at the same instant: the outer one says so
		{0, 0, 0, ErrTimeout, ErrCancelled},
		{time.Minute, 0, 0, ErrTimeout, ErrTimeout},
	} {
		t.Run(fmt.Sprint(x.outer, x.inner), func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				outer, inner := NewTimeout(x.outer), NewTimeout(x.inner)
				err := outer.Run(func() error {
					err := inner.Run(body.run)
					isErr(t, "inner", err, x.innerError)
					return err
				})
				isErr(t, "outer", err, x.outerError)
				isSame(t, "time", l.Time(), x.end)
				isSame(t, "outer expired", outer.Expired(), x.outer <= x.inner)
				isSame(t, "inner expired", inner.Expired(), x.inner <= x.outer)
				isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), 0)
			})
		})
	}
}

// The inner one runs out, and while the body cleans up, the outer one does, too.
func TestTimeoutsNestedOneAfterTheOther(t *testing.T) { // C9
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		err := Timeout(2*time.Minute, func() error {
			err := Timeout(time.Minute, timeoutBody{sleep: time.Hour, cleanup: time.Hour}.run)
			isErr(t, "inner", err, ErrCancelled)
			return err
		})
		isErr(t, "outer", err, ErrTimeout)
		isSame(t, "time", l.Time(), 2*time.Minute)
		isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), 0)
	})
}

func TestTimeoutAndCancel(t *testing.T) { // C9
	for _, x := range []struct {
		name   string
		cancel time.Duration // when, of a minute's timeout and an hour's cleaning up
		want   error
		left   int
	}{
		{"before", 30 * time.Second, ErrCancelled, 1},
		{"just before", time.Minute, ErrCancelled, 1},
		{"while it cleans up", 2 * time.Minute, ErrCancelled, 1},
		{"after", 2 * time.Hour, ErrTimeout, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				var c *Task[struct{}]
				h := l.CallLater(x.cancel, func() { c.Cancel("foreign") })
				c = Go(func() error {
					err := Timeout(time.Minute, timeoutBody{sleep: time.Hour, cleanup: time.Hour}.run)
					isErr(t, "error", err, x.want)
					isSame(t, "requests left", c.Cancelling(), x.left)
					return nil
				})
				c.Await()
				h.Cancel()
			})
		})
	}
}

// What was cancelled before, and has not heard of it, is not told that the time ran out.
func TestTimeoutEnteredWhenCancelled(t *testing.T) { // C9
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := Go(func() error {
			CurrentTask().Cancel("before")
			err := Timeout(0, timeoutBody{sleep: time.Hour}.run)
			isErr(t, "pending when entered", err, ErrCancelled)
			isErr(t, "of the next wait", Sleep(0), nil) // it was told
			isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), 1)
			err = Timeout(0, timeoutBody{sleep: time.Hour}.run)
			isErr(t, "told when entered", err, ErrTimeout)
			isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), 1)
			isErr(t, "no time to wait", Timeout(0, func() error { return nil }), nil)
			isErr(t, "of the next wait", Sleep(0), nil)
			return nil
		})
		_, err := c.Await()
		isErr(t, "error", err, nil)
	})
}

func TestTimeoutBodyPanicsOrExits(t *testing.T) {
	for _, late := range []bool{false, true} {
		t.Run(fmt.Sprint(late), func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				me := CurrentTask().(AnyTask)
				end := func() {
					if late {
						isErr(t, "of the wait", Sleep(2*time.Minute), ErrCancelled)
						isSame(t, "requests", me.Cancelling(), 1)
					}
				}
				got := panicOf(func() { Timeout(time.Minute, func() error { end(); panic("x") }) })
				isSame(t, "panic", got, any("x"))
				isSame(t, "timers", l.timers.len(), 0)
				isSame(t, "requests left", me.Cancelling(), 0)
				c := Go(func() error {
					defer func() {
						isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), 0)
						isErr(t, "Sleep after Goexit", Sleep(time.Hour), nil)
					}()
					return Timeout(time.Minute, func() error {
						if late {
							Sleep(time.Hour)
						}
						runtime.Goexit()
						return nil
					})
				})
				_, err := c.Await()
				isErr(t, "of one that exits", err, ErrGoexit)
				isSame(t, "timers", l.timers.len(), 0)
			})
		})
	}
}

func TestTimeoutRunsInTheCallersTask(t *testing.T) { // 149
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		me := CurrentTask()
		ctxVar.Set("before")
		Timeout(time.Hour, func() error {
			isSame(t, "task", CurrentTask(), me)
			isSame(t, "seen inside", ctxVar.Get(), "before")
			ctxVar.Set("inside")
			return nil
		})
		isSame(t, "seen after", ctxVar.Get(), "inside")
	})
}

func TestTimeoutOutsideOfATask(t *testing.T) {
	never := func() error { t.Error("the body was called"); return nil }
	isErr(t, "no loop", Timeout(1, never), ErrNotInTask)
	isErr(t, "no loop", TimeoutAt(1, never), ErrNotInTask)
	isErr(t, "no loop", panicOf(func() { NewTimeout(1) }).(error), ErrNoRunningLoop)
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		s := NewTimeout(1)
		l.CallSoon(func() {
			isErr(t, "callback", Timeout(1, never), ErrNotInTask)
			isErr(t, "callback", TimeoutAt(1, never), ErrNotInTask)
			isErr(t, "callback", s.Run(never), ErrNotInTask)
		})
		giveWay(t, 1)
		onGoroutine(func() { isErr(t, "goroutine", s.Run(never), ErrNotInTask) })
		onOtherLoop(t, func() { isErr(t, "another loop", s.Run(never), ErrOtherLoop) })
	})
}

// onOtherLoop runs f as a task of another loop, on another goroutine.
func onOtherLoop(t *testing.T, f func()) {
	onGoroutine(func() {
		_, err := Run(func() (int, error) { f(); return 0, nil })
		isErr(t, "of the other loop", err, nil)
	})
}

func TestTimeoutAt(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		Sleep(time.Hour)
		isErr(t, "in future", TimeoutAt(l.Time()+time.Minute, timeoutBody{sleep: time.Hour}.run), ErrTimeout)
		isSame(t, "time", l.Time(), 61*time.Minute)
		isErr(t, "passed", TimeoutAt(time.Minute, timeoutBody{sleep: time.Hour}.run), ErrTimeout)
		isSame(t, "time", l.Time(), 61*time.Minute)
		isErr(t, "none", TimeoutAt(NoTimeout, timeoutBody{sleep: time.Hour}.run), nil)
	})
}

func TestTimeoutScopeReschedule(t *testing.T) {
	for _, x := range []struct {
		name      string
		to        time.Duration
		end, want time.Duration
		expired   bool
	}{
		{"later", 2 * time.Hour, 2 * time.Hour, 2 * time.Hour, true},
		{"sooner", 40 * time.Second, 40 * time.Second, 40 * time.Second, true},
		{"now", 30 * time.Second, 30 * time.Second, 30 * time.Second, true},
		{"passed", 0, 30 * time.Second, 0, true},
		{"never", NoTimeout, 10*time.Hour + 30*time.Second, NoTimeout, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				s := NewTimeout(time.Minute)
				isSame(t, "When", s.When(), time.Minute)
				isErr(t, "before it runs", s.Reschedule(0), ErrInvalidState)
				err := s.Run(func() error {
					onGoroutine(func() { isErr(t, "on a goroutine", s.Reschedule(0), ErrNoRunningLoop) })
					Sleep(30 * time.Second)
					isErr(t, "Reschedule", s.Reschedule(x.to), nil)
					isSame(t, "Expired", s.Expired(), false)
					return Sleep(10 * time.Hour)
				})
				isSame(t, "error", errors.Is(err, ErrTimeout), x.expired)
				isSame(t, "time", l.Time(), x.end)
				isSame(t, "When", s.When(), x.want)
				isSame(t, "Expired", s.Expired(), x.expired)
				isErr(t, "after it ran", s.Reschedule(0), ErrInvalidState)
				isErr(t, "Run again", s.Run(func() error { return nil }), ErrInvalidState)
				isSame(t, "timers", l.timers.len(), 0)
			})
		})
	}
}

func TestTimeoutScopeReschedulesTwice(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		s := NewTimeout(0)
		err := s.Run(func() error {
			s.Reschedule(0) // and the first one does not count any more
			s.Reschedule(time.Hour)
			return Sleep(time.Minute)
		})
		isErr(t, "error", err, nil)
		s = NewTimeout(time.Minute)
		s.Run(func() error {
			Sleep(time.Hour)
			isSame(t, "Expired", s.Expired(), true)
			isErr(t, "too late", s.Reschedule(NoTimeout), ErrInvalidState)
			return nil
		})
	})
}

// The time of a NewTimeout counts from there.
func TestTimeoutScopeCountsFromItsBeginning(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		s := NewTimeout(time.Minute)
		Sleep(45 * time.Second)
		isErr(t, "error", s.Run(timeoutBody{sleep: time.Hour}.run), ErrTimeout)
		isSame(t, "time", l.Time(), time.Minute)
	})
}

func BenchmarkTimeout(b *testing.B) {
	Run(func() (int, error) {
		b.ReportAllocs()
		f := func() error { return nil }
		for range b.N {
			Timeout(time.Hour, f)
		}
		return 0, nil
	})
}
