package asyncio

import (
	"fmt"
	"testing"
	"time"
)

func TestWaitForInTime(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		for _, d := range []time.Duration{time.Hour + 1, NoTimeout} {
			v, err := WaitFor(CreateTask(sleeper(time.Hour, "yes")), d)
			isErr(t, "error", err, nil)
			isSame(t, "value", v, "yes")
		}
		_, err := WaitFor(CreateTask(failer(time.Hour, errStructured)), 2*time.Hour)
		isErr(t, "of one that fails", err, errStructured)
		f := NewFuture[int]()
		f.SetResult(1)
		v, err := WaitFor(f, 0)
		isErr(t, "of one that is done", err, nil)
		isSame(t, "of one that is done", v, 1)
		isSame(t, "timers", l.timers.len(), 0)
	})
}

func TestWaitForTooLong(t *testing.T) { // C13
	for _, x := range []struct {
		name  string
		f     func() (int, error)
		end   time.Duration
		value int
		err   error
	}{
		{"ends at once", sleeper(time.Hour, 1), time.Minute, 0, ErrTimeout},
		{"cleans up", func() (int, error) {
			err := Sleep(time.Hour)
			Sleep(time.Minute)
			return 0, err
		}, 2 * time.Minute, 0, ErrTimeout},
		{"swallows it", stubborn(time.Hour, time.Minute, 7, nil), 2 * time.Minute, 7, nil},
		{"fails by it", stubborn(time.Hour, time.Minute, 0, errStructured), 2 * time.Minute, 0, errStructured},
	} {
		t.Run(x.name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				a := CreateTask(x.f)
				v, err := WaitFor(a, time.Minute)
				isErr(t, "error", err, x.err)
				isSame(t, "value", v, x.value)
				isSame(t, "time", l.Time(), x.end)
				isSame(t, "done", a.Done(), true)
				isSame(t, "requests to cancel the caller", CurrentTask().(AnyTask).Cancelling(), 0)
				isErr(t, "of the next wait", Sleep(0), nil)
			})
		})
	}
}

func TestWaitForNoLonger(t *testing.T) { // 148
	for _, d := range []time.Duration{0, -time.Hour} {
		onLoop(t, func(l *EventLoop, _ *reportLog) {
			begun := false
			_, err := WaitFor(CreateTask(func() (int, error) { begun = true; return 1, nil }), d)
			isErr(t, "of a new task", err, ErrTimeout)
			isSame(t, "it has begun", begun, false)

			a := CreateTask(stubborn(time.Hour, time.Minute, 7, nil))
			giveWay(t, 1)
			v, err := WaitFor(a, d)
			isErr(t, "of one that swallows it", err, nil)
			isSame(t, "its value", v, 7)
			isSame(t, "time", l.Time(), time.Minute)

			a = CreateTask(stubborn(time.Hour, time.Minute, 7, errStructured))
			giveWay(t, 1)
			_, err = WaitFor(a, d)
			isErr(t, "of one that fails by it", err, errStructured)

			f := NewFuture[int]()
			_, err = WaitFor(f, d)
			isErr(t, "of a future", err, ErrTimeout)
			_, err = WaitFor(f, d)
			isErr(t, "of one that was cancelled before", err, ErrCancelled)

			var me *Task[int]
			me = CreateTask(func() (int, error) { return WaitFor(me, d) })
			_, err = me.Await()
			isErr(t, "of oneself", err, ErrAwaitCycle)
			isSame(t, "requests", me.Cancelling(), 0)
		})
	}
}

// While it waits for what it has cancelled, it can be cancelled itself.
func TestWaitForNoLongerCancelled(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		a := CreateTask(stubborn(time.Hour, time.Hour, 7, nil))
		giveWay(t, 1)
		c := Go(func() error { _, err := WaitFor(a, 0); return err })
		Sleep(time.Minute)
		c.Cancel("enough")
		_, err := c.Await()
		isSame(t, "error", fmt.Sprint(err), "asyncio: cancelled: enough")
		isSame(t, "time", l.Time(), time.Minute)
		isSame(t, "requests", a.Cancelling(), 1)
	})
}

func TestWaitForInTheCallersContext(t *testing.T) { // 148
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("before")
		WaitFor(CreateTask(func() (int, error) { ctxVar.Set("task's"); return 1, nil }), time.Hour)
		isSame(t, "after", ctxVar.Get(), "before")
	})
}

func TestWaitForOfShielded(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		a := CreateTask(sleeper(time.Hour, 1))
		_, err := WaitFor(CreateTask(func() (int, error) { return Shield(a) }), time.Minute)
		isErr(t, "error", err, ErrTimeout)
		v, err := a.Await()
		isErr(t, "of the shielded", err, nil)
		isSame(t, "of the shielded", v, 1)
	})
}

func TestWaitForInWaitFor(t *testing.T) { // C9
	for _, x := range []struct {
		outer, inner, end      time.Duration
		outerError, innerError error
	}{
		{3 * time.Minute, time.Minute, time.Minute, ErrTimeout, ErrTimeout},
		{time.Minute, 3 * time.Minute, time.Minute, ErrTimeout, ErrCancelled},
		{time.Minute, time.Minute, time.Minute, ErrTimeout, ErrCancelled}, // the outer one's timer is older
		{0, time.Minute, 0, ErrTimeout, nil},
	} {
		t.Run(fmt.Sprint(x.outer, " ", x.inner), func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				var innerError error
				a := CreateTask(sleeper(time.Hour, 1))
				_, err := WaitFor(CreateTask(func() (int, error) {
					v, err := WaitFor(a, x.inner)
					innerError = err
					return v, err
				}), x.outer)
				isErr(t, "outer", err, x.outerError)
				isErr(t, "inner", innerError, x.innerError)
				isSame(t, "time", l.Time(), x.end)
				isSame(t, "innermost is cancelled", a.Cancelled(), x.outer > 0)
			})
		})
	}
}

// Cancelled from elsewhere in the very moment that the time runs out, the caller is cancelled: that is not lost.
func TestWaitForTooLongAndCancelled(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		for _, first := range []bool{true, false} {
			var c *Task[struct{}]
			cancel := func() { l.CallLater(time.Minute, func() { c.Cancel("both") }) }
			if first {
				cancel()
			}
			c = Go(func() error {
				_, err := WaitFor(CreateTask(sleeper(time.Hour, 1)), time.Minute)
				isSame(t, "requests left", c.Cancelling(), 1)
				return err
			}, Eager())
			if !first {
				cancel()
			}
			_, err := c.Await()
			isErr(t, "error", err, ErrCancelled)
		}
	})
}
