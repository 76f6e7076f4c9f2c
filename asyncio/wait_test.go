package asyncio

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// indexes returns where those are in all.
func indexes(all, those []Awaitable) []int {
	found := []int{}
	for _, a := range those {
		found = append(found, slices.Index(all, a))
	}
	return found
}

func TestWaitReturnsWhen(t *testing.T) {
	for _, x := range []struct {
		name          string
		when          ReturnWhen
		timeout       time.Duration
		end           time.Duration
		done, pending []int
	}{
		{"all", AllCompleted, NoTimeout, 5 * time.Hour, []int{0, 1, 2, 3, 4}, []int{}},
		{"all, long enough", AllCompleted, 6 * time.Hour, 5 * time.Hour, []int{0, 1, 2, 3, 4}, []int{}},
		{"all, timed", AllCompleted, 3*time.Hour + 1, 3*time.Hour + 1, []int{1, 2, 3}, []int{0, 4}},
		{"all, for no time", AllCompleted, 0, 0, []int{}, []int{0, 1, 2, 3, 4}},
		{"all, for less", AllCompleted, -time.Hour, 0, []int{}, []int{0, 1, 2, 3, 4}},
		{"first", FirstCompleted, NoTimeout, time.Hour, []int{1}, []int{0, 2, 3, 4}},
		{"first, timed", FirstCompleted, time.Minute, time.Minute, []int{}, []int{0, 1, 2, 3, 4}},
		{"error", FirstException, NoTimeout, 3 * time.Hour, []int{1, 2, 3}, []int{0, 4}}, // 2 is cancelled
	} {
		t.Run(x.name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				cancelled := CreateTask(sleeper(100*time.Hour, 0))
				l.CallLater(2*time.Hour, func() { cancelled.Cancel() })
				all := []Awaitable{
					CreateTask(sleeper(5*time.Hour, "0")),
					CreateTask(sleeper(time.Hour, 1)),
					cancelled,
					CreateTask(failer(3*time.Hour, errStructured)),
					CreateTask(sleeper(4*time.Hour, 4)),
				}
				done, pending, err := Wait(x.when, x.timeout, append(all, all[:2]...)...) // twice is once
				isErr(t, "error", err, nil)
				isSame(t, "time", l.Time(), x.end)
				isSame(t, "done", indexes(all, done), x.done)
				isSame(t, "pending", indexes(all, pending), x.pending)
				for _, a := range all {
					isSame(t, "those who wait", a.core().waiters, waiters{})
				}
				Wait(AllCompleted, NoTimeout, all...)
				isErr(t, "of who was not cancelled", all[0].Err(), nil)
				isErr(t, "of who failed", all[3].Err(), errStructured)
			})
		})
	}
}

func TestWaitInLoop(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var times []time.Duration
		quick := sleeper(time.Hour, 1)
		pending := []Awaitable{CreateTask(sleeper(2*time.Hour, 1)), CreateTask(quick), CreateTask(quick)}
		for len(pending) > 0 {
			var err error
			if _, pending, err = Wait(FirstCompleted, NoTimeout, pending...); err != nil {
				t.Fatal(err)
			}
			times = append(times, l.Time())
		}
		isSame(t, "times", times, []time.Duration{time.Hour, 2 * time.Hour})
	})
}

// A timeout of 0 gives the loop one turn, as asyncio's does.
func TestWaitForNoTime(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		quick, slow := CreateTask(func() (int, error) { return 1, nil }), CreateTask(sleeper(0, 1))
		done, pending, err := Wait(AllCompleted, 0, quick, slow)
		isErr(t, "error", err, nil)
		isSame(t, "done", done, []Awaitable{quick})
		isSame(t, "pending", pending, []Awaitable{slow})
	})
}

func TestWaitNeverCancels(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		a := CreateTask(sleeper(time.Hour, 1))
		c := Go(func() error { _, _, err := Wait(AllCompleted, 10*time.Hour, a); return err })
		Sleep(time.Minute)
		c.Cancel()
		_, err := c.Await()
		isErr(t, "of the wait", err, ErrCancelled)
		isSame(t, "time", l.Time(), time.Minute)
		isSame(t, "requests", a.Cancelling(), 0)
		isSame(t, "timers", l.timers.len(), 1) // a's
		_, err = a.Await()
		isErr(t, "of the task", err, nil)
	})
}

func TestWaitBadArguments(t *testing.T) { // 152
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		_, _, err := Wait(AllCompleted, NoTimeout)
		isErr(t, "of none", err, ErrInvalidState)
		f := NewFuture[int]()
		for _, when := range []ReturnWhen{-1, firstFailure, 7} {
			_, _, err = Wait(when, NoTimeout, f)
			isErr(t, "of no ReturnWhen", err, ErrInvalidState)
		}
	})
}

// Wait asks nobody how he ended.
func TestWaitLeavesFailuresToBeReported(t *testing.T) {
	onLoop(t, func(l *EventLoop, log *reportLog) {
		func() {
			a := CreateTask(failer(time.Minute, errStructured), WithName("failing"))
			Wait(AllCompleted, NoTimeout, a)
		}()
		l.failures.reportAll()
		reports := log.take()
		if len(reports) != 1 || !errors.Is(reports[0].Err, errStructured) {
			t.Errorf("got %v", reports)
		}
	})
}

// A wait that may end without a task is no part of a ring.
func TestWaitForOneOfThoseWhoWait(t *testing.T) { // C14
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		waits := map[string]func(me AnyTask, other *Task[int]) error{
			"first": func(me AnyTask, other *Task[int]) error {
				_, _, err := Wait(FirstCompleted, NoTimeout, me, other)
				return err
			},
			"error": func(me AnyTask, other *Task[int]) error {
				_, _, err := Wait(FirstException, NoTimeout, me, other)
				return err
			},
			"timed": func(me AnyTask, other *Task[int]) error {
				_, _, err := Wait(AllCompleted, time.Minute, me)
				return err
			},
		}
		for name, wait := range waits {
			other := CreateTask(failer(time.Minute, errStructured))
			var b *Task[int]
			a := CreateTask(func() (int, error) { return 1, wait(b, other) })
			b = CreateTask(func() (int, error) { return a.Await() })
			v, err := b.Await()
			isErr(t, name, err, nil)
			isSame(t, name, v, 1)
			_, err = other.Await()
			isErr(t, name, err, errStructured)
		}
		c := Go(func() error { _, _, err := Wait(AllCompleted, NoTimeout, CurrentTask()); return err })
		_, err := c.Await()
		isErr(t, "of oneself", err, ErrAwaitCycle)
	})
}
