package asyncio

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestShieldKeepsTheTask(t *testing.T) { // C11
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		inner := CreateTask(sleeper(time.Hour, 1))
		outer := Go(func() error { _, err := Shield(inner); return err })
		Sleep(time.Minute)
		outer.Cancel("outer only")
		_, err := outer.Await()
		isSame(t, "of the outer", fmt.Sprint(err), "asyncio: cancelled: outer only")
		isSame(t, "time", l.Time(), time.Minute)
		isSame(t, "requests to the inner", inner.Cancelling(), 0)
		v, err := Shield(inner)
		isErr(t, "of the inner", err, nil)
		isSame(t, "of the inner", v, 1)
	})
}

func TestShieldOfCancelled(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		inner := CreateTask(sleeper(time.Hour, 1))
		l.CallLater(time.Minute, func() { inner.Cancel("inner") })
		_, err := Shield(inner)
		isSame(t, "error", fmt.Sprint(err), "asyncio: cancelled: inner")
		isSame(t, "requests to the caller", CurrentTask().(AnyTask).Cancelling(), 0)
	})
}

func TestShieldFailureAfterwardsIsReported(t *testing.T) { // C11
	for _, x := range []struct {
		name  string
		after time.Duration // that the inner fails after the outer is cancelled
		asked bool
	}{
		{"later", time.Minute, false},
		{"at the same time", 0, false},
		{"later, and asked", time.Minute, true},
		{"at the same time, and asked", 0, true},
	} {
		t.Run(x.name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, log *reportLog) {
				inner := CreateTask(failer(time.Hour, errStructured), WithName("inner"))
				outer := Go(func() error { _, err := Shield(inner); return err })
				giveWay(t, 1)
				Sleep(time.Hour - x.after)
				isSame(t, "inner is done", inner.Done(), x.after == 0)
				outer.Cancel()
				_, err := outer.Await()
				isErr(t, "of the outer", err, ErrCancelled)
				Sleep(time.Hour)
				if x.asked {
					isErr(t, "of the inner", inner.Err(), errStructured)
				}
				l.failures.reportAll() // as at the end of Run
				reports := log.take()
				if x.asked {
					isSame(t, "reports", len(reports), 0)
				} else if len(reports) != 1 || !errors.Is(reports[0].Err, errStructured) || reports[0].Task != AnyTask(inner) {
					t.Errorf("reported: %v", reports)
				}
			})
		})
	}
}

func TestShieldInTimeout(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		inner := CreateTask(sleeper(time.Hour, 1))
		err := Timeout(time.Minute, func() error { _, err := Shield(inner); return err })
		isErr(t, "error", err, ErrTimeout)
		isSame(t, "time", l.Time(), time.Minute)
		isSame(t, "inner is done", inner.Done(), false)
		_, err = inner.Await()
		isErr(t, "of the inner", err, nil)
	})
}

// Shield waits like Await otherwise: a ring through it is one.
func TestShieldClosesRing(t *testing.T) { // C14
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var a *Task[int]
		a = CreateTask(func() (int, error) { return Shield(a) })
		_, err := a.Await()
		isErr(t, "of oneself", err, ErrAwaitCycle)
		var b *Task[int]
		a = CreateTask(func() (int, error) { return Shield(b) })
		b = CreateTask(func() (int, error) { _, err := a.Await(); isErr(t, "ring", err, ErrAwaitCycle); return 1, nil })
		_, err = a.Await()
		isErr(t, "of who came first", err, nil)
	})
}
