package asyncio

import (
	"fmt"
	"testing"
	"time"
)

func TestAsCompletedInOrder(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var r trail
		done := NewFuture[int]()
		done.SetResult(0)
		cancelled := CreateTask(sleeper(time.Hour, 9))
		l.CallLater(2*time.Minute, func() { cancelled.Cancel() })
		three := CreateTask(sleeper(3*time.Minute, 3))
		failing, four := CreateTask(failer(time.Minute, errStructured)), CreateTask(sleeper(4*time.Minute, 4))
		for v, err := range AsCompleted([]AwaitableOf[int]{three, cancelled, failing, three, done, four}...) {
			r.add("%v %d %v", l.Time(), v, err)
			Sleep(90 * time.Second) // others come meanwhile
		}
		r.is(t, "0s 0 <nil>", "1m30s 0 structured", "3m0s 0 asyncio: cancelled", "4m30s 3 <nil>", "6m0s 4 <nil>")
		isSame(t, "those who wait", three.waiters, waiters{})
		for range AsCompleted([]*Task[int]{}...) {
			t.Error("something came of nothing")
		}
	})
}

func TestAsCompletedLeft(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		a, b := CreateTask(sleeper(time.Minute, 1)), CreateTask(sleeper(time.Hour, 2))
		for range AsCompleted(a, b) {
			break
		}
		isSame(t, "those who wait", b.waiters, waiters{})
		isSame(t, "requests", b.Cancelling(), 0)
		func() {
			defer func() { recover() }()
			for range AsCompleted(a, b) {
				panic("out")
			}
		}()
		isSame(t, "those who wait after a panic", b.waiters, waiters{})
		v, err := b.Await()
		isErr(t, "of the other", err, nil)
		isSame(t, "of the other", v, 2)
	})
}

func TestAsCompletedAgain(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		seq := AsCompleted(CreateTask(sleeper(2*time.Minute, 2)), CreateTask(sleeper(time.Minute, 1)))
		for _, want := range [][]int{{1, 2}, {2, 1}} { // what is done comes in the order of the arguments
			var got []int
			for v, err := range seq {
				isErr(t, "error", err, nil)
				got = append(got, v)
			}
			isSame(t, "values", got, want)
		}
	})
}

func TestAsCompletedCancelled(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var r trail
		a, b := CreateTask(sleeper(time.Minute, 1)), CreateTask(sleeper(time.Hour, 2))
		c := Go(func() error {
			for v, err := range AsCompleted(a, b) {
				r.add("%d %v", v, err)
			}
			return Sleep(time.Minute)
		})
		Sleep(2 * time.Minute)
		c.Cancel("consumer")
		_, err := c.Await()
		isErr(t, "of the consumer", err, nil)
		r.is(t, "1 <nil>", "0 asyncio: cancelled: consumer")
		isSame(t, "requests", b.Cancelling(), 0)
		isSame(t, "those who wait", b.waiters, waiters{})
	})
}

// The consumer's other waits are not ended by what comes meanwhile.
func TestAsCompletedWakesNoOtherWait(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		slow := sleeper(time.Minute, 2)
		for range AsCompleted(CreateTask(sleeper(1, 1)), CreateTask(slow), CreateTask(slow)) {
			before := l.Time()
			isErr(t, "Sleep", Sleep(time.Hour), nil)
			isSame(t, "slept", l.Time()-before, time.Hour)
		}
	})
}

func TestAsCompletedOnAGoroutine(t *testing.T) {
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		a, b, c := NewFuture[int](), NewFuture[int](), NewFuture[int]()
		over := NewFuture[string]()
		b.SetResult(2)
		go func() {
			var r trail
			for v, err := range AsCompleted(a, b, c) {
				r.add("%d %v", v, err)
				switch len(r.steps) {
				case 1:
					c.SetResult(3)
				case 2:
					l.CallSoonThreadsafe(func() { a.SetError(errStructured) })
				}
			}
			for range AsCompleted(a, b, c) {
				r.add("done")
			}
			over.SetResult(fmt.Sprint(r.steps))
		}()
		got, _ := over.Await()
		isSame(t, "came", got, "[2 <nil> 3 <nil> 0 structured done done done]")
	})
}

func TestAsCompletedOnAGoroutineLeft(t *testing.T) {
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		a, b := NewFuture[int](), NewFuture[int]()
		over := NewFuture[int]()
		a.SetResult(1)
		go func() {
			for range AsCompleted(a, b) {
				break
			}
			over.SetResult(1)
		}()
		over.Await()
		giveWay(t, 2)
		isSame(t, "those who wait", b.waiters, waiters{})
	})
}
