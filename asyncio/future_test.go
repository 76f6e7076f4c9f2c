package asyncio

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

func TestDoneCallbackHasContextOfAdding(t *testing.T) { // 124
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		f := NewFuture[int]()
		var r trail
		ctxVar.Set("as it was added")
		f.AddDoneCallback(func(g *Future[int]) {
			n, err := g.Result()
			r.add("%d %v %s", n, err, ctxVar.Get())
		})
		ctxVar.Set("later")
		Go(func() error {
			ctxVar.Set("of the one who sets the result")
			return f.SetResult(7)
		})
		r.add("%v", f.Done())
		giveWay(t, 1)
		r.add("%v", f.Done())
		giveWay(t, 1)
		r.is(t, "false", "true", "7 <nil> as it was added")
	})
}

func TestDoneCallbackInGivenContext(t *testing.T) { // 125
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		f, c := NewFuture[int](), contextvars.NewContext()
		var r trail
		ctxVar.Set("creator's")
		set := func(*Future[int]) { r.add("%q", ctxVar.Get()); ctxVar.Set("callback's") }
		f.AddDoneCallback(set, WithContext(c))
		f.SetResult(1)
		giveWay(t, 1)
		r.is(t, `""`)
		// It is done already: the callback is scheduled at once.
		f.AddDoneCallback(set, WithContext(c))
		f.AddDoneCallback(set)
		ctxVar.Set("later")
		r.is(t)
		giveWay(t, 1)
		r.is(t, `"callback's"`, `"creator's"`)
		isSame(t, "of the creator", ctxVar.Get(), "later")
	})
}

func TestDoneCallbackPollutesNobody(t *testing.T) { // 126
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		f := NewFuture[int]()
		ctxVar.Set("the task's")
		for range 3 {
			f.AddDoneCallback(func(*Future[int]) {
				isSame(t, "in the callback", ctxVar.Get(), "the task's")
				ctxVar.Set("callback's")
			})
		}
		l.CallSoon(func() { f.SetResult(1) })
		f.Await()
		giveWay(t, 1)
		isSame(t, "in the task", ctxVar.Get(), "the task's")
	})
}

func TestWaitingTaskGoesOnInItsOwnContext(t *testing.T) { // 127
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		f := NewFuture[int]()
		var tasks []*Task[string]
		for i := range 3 {
			tasks = append(tasks, CreateTask(func() (string, error) {
				ctxVar.Set(fmt.Sprint("task ", i))
				_, err := f.Await()
				return ctxVar.Get(), err
			}))
		}
		giveWay(t, 1)
		contextvars.NewContext().Run(func() {
			ctxVar.Set("of the one who sets the result")
			f.SetResult(1)
		})
		for i, task := range tasks {
			got, _ := task.Await()
			isSame(t, "after the wait", got, fmt.Sprint("task ", i))
		}
	})
}

func TestSameDoneCallbackTwice(t *testing.T) { // 128; each handle takes back its own
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		f := NewFuture[int]()
		c, d := contextvars.NewContext(), contextvars.NewContext()
		calls := 0
		count := func(*Future[int]) { calls++; ctxVar.Set("called") }
		f.AddDoneCallback(count, WithContext(c))
		f.AddDoneCallback(count, WithContext(d))
		var back []*Handle
		for range 3 {
			back = append(back, f.AddDoneCallback(count))
		}
		for _, h := range back {
			h.Cancel()
			isSame(t, "Cancelled", h.Cancelled(), true)
		}
		f.SetResult(1)
		giveWay(t, 2)
		isSame(t, "calls", calls, 2)
		for _, c := range []*contextvars.Context{c, d} {
			value, _ := ctxVar.In(c)
			isSame(t, "in the context", value, "called")
		}
	})
}

// Callbacks that were taken back leave nothing with the future, however many there were.
func TestDoneCallbackTakenBack(t *testing.T) { // 128
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		f := NewFuture[int]()
		var r trail
		f.AddDoneCallback(func(*Future[int]) { r.add("first") })
		for range 1000 {
			f.AddDoneCallback(func(*Future[int]) { r.add("taken back") }).Cancel()
		}
		last := f.AddDoneCallback(func(*Future[int]) { r.add("last") })
		n := 0
		for w := f.waiters.first; w != nil; w = w.next {
			n++
		}
		isSame(t, "waiters", n, 2)
		f.SetResult(1)
		soon := f.AddDoneCallback(func(*Future[int]) { r.add("taken back, too") })
		soon.Cancel()
		giveWay(t, 1)
		last.Cancel()
		r.is(t, "first", "last")
		isSame(t, "Cancelled of the one that was called", last.Cancelled(), false)
	})
}

func TestOrderOfDoneCallbacks(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		f := NewFuture[int]()
		var r trail
		waiter := func(name string) func() error {
			return func() error {
				_, err := f.Await()
				r.add("%s", name)
				return err
			}
		}
		f.AddDoneCallback(func(*Future[int]) { r.add("callback 1") })
		Go(waiter("task 1"))
		giveWay(t, 1)
		f.AddDoneCallback(func(*Future[int]) {
			r.add("callback 2")
			f.AddDoneCallback(func(*Future[int]) { r.add("callback of callback 2") })
		})
		Go(waiter("task 2"))
		giveWay(t, 1)
		l.CallSoon(func() { r.add("before") })
		f.SetResult(1)
		giveWay(t, 3)
		r.is(t, "before", "callback 1", "task 1", "callback 2", "task 2", "callback of callback 2")
	})
}

func TestDoneCallbackOfTask(t *testing.T) { // 124, 125
	onLoop(t, func(l *EventLoop, log *reportLog) {
		boom := errors.New("boom")
		var r trail
		for _, f := range []func() (int, error){
			func() (int, error) { return 3, nil },
			func() (int, error) { return 0, boom },
			func() (int, error) { panic("p") },
			func() (int, error) { return 0, Sleep(time.Hour) },
		} {
			task := CreateTask(f)
			ctxVar.Set("as it was added")
			task.AddDoneCallback(func(task *Task[int]) {
				n, err := task.Result()
				r.add("%d %v %s", n, err, ctxVar.Get())
			})
			ctxVar.Set("later")
			giveWay(t, 1)
			task.Cancel("msg")
			giveWay(t, 2)
		}
		r.is(t, "3 <nil> as it was added", "0 boom as it was added", "0 asyncio: panic: p as it was added",
			"0 asyncio: cancelled: msg as it was added")
	})
}

func TestFutureStates(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		boom := errors.New("boom")
		pending, good, bad := NewFuture[int](), NewFuture[int](), NewFuture[int]()
		gone, goneBy := NewFuture[int](), NewFuture[int]()
		isErr(t, "SetResult", good.SetResult(5), nil)
		isErr(t, "SetError", bad.SetError(boom), nil)
		isSame(t, "Cancel", gone.Cancel("msg"), true)
		isErr(t, "SetError", goneBy.SetError(fmt.Errorf("wrapped: %w", &CancelledError{"w"})), nil)
		for _, f := range []struct {
			*Future[int]
			done, cancelled bool
			value           int
			err             error
			text            string
		}{
			{pending, false, false, 0, ErrInvalidState, "Future(pending)"},
			{good, true, false, 5, nil, "Future(done)"},
			{bad, true, false, 0, boom, "Future(failed: boom)"},
			{gone, true, true, 0, ErrCancelled, "Future(cancelled)"},
			{goneBy, true, true, 0, ErrCancelled, "Future(cancelled)"},
		} {
			isSame(t, f.text+" Done", f.Done(), f.done)
			isSame(t, f.text+" Cancelled", f.Cancelled(), f.cancelled)
			n, err := f.Result()
			isSame(t, f.text+" Result", n, f.value)
			isErr(t, f.text+" Result", err, f.err)
			isSame(t, "String", f.String(), f.text)
			isSame(t, "Loop", f.Loop() == l, true)
			if f.done {
				isErr(t, f.text+" Err", f.Err(), f.err)
				n, err = f.Await()
				isSame(t, f.text+" Await", n, f.value)
				isErr(t, f.text+" Await", err, f.err)
				isErr(t, f.text+" SetResult", f.SetResult(1), ErrInvalidState)
				isErr(t, f.text+" SetError", f.SetError(boom), ErrInvalidState)
				isSame(t, f.text+" Cancel", f.Cancel(), false)
			} else {
				isErr(t, f.text+" Err", f.Err(), nil)
			}
		}
	})
}
