package asyncio

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

func TestRunThreadsafe(t *testing.T) { // 138
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("loop's")
		over := NewFuture[string]()
		go func() {
			ctxVar.Set("goroutine's")
			task := RunThreadsafe(l, func() (string, error) {
				Sleep(0)
				seen := ctxVar.Get()
				ctxVar.Set("task's")
				return seen, nil
			}, WithName("from outside"))
			isSame(t, "name", task.Name(), "from outside")
			ctxVar.Set("later")
			seen, err := task.Await()
			isErr(t, "error", err, nil)
			isSame(t, "of the goroutine", ctxVar.Get(), "later")
			over.SetResult(seen)
		}()
		seen, _ := over.Await()
		isSame(t, "seen", seen, "goroutine's")
		isSame(t, "of the loop's task", ctxVar.Get(), "loop's")
	})
}

func TestRunThreadsafeOnTheLoop(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		begun := false
		task := RunThreadsafe(l, func() (int, error) { begun = true; return 1, nil }, Eager())
		isSame(t, "eager", begun, true)
		v, err := task.Result()
		isErr(t, "error", err, nil)
		isSame(t, "value", v, 1)
	})
}

func TestRunThreadsafeInGivenContext(t *testing.T) { // 129, 138
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		over := NewFuture[int]()
		go func() {
			RunThreadsafe(l, func() (int, error) { ctxVar.Set("task's"); return 1, nil }, WithContext(c), Eager()).Await()
			over.SetResult(1)
		}()
		over.Await()
		value, _ := ctxVar.In(c)
		isSame(t, "in the context", value, "task's")
	})
}

func TestRunThreadsafeBeforeTheLoopRuns(t *testing.T) {
	l := NewEventLoop()
	ctxVar.Set("before")
	task := RunThreadsafe(l, func() (string, error) { return ctxVar.Get(), nil })
	isSame(t, "done", task.Done(), false)
	RunUntilComplete(l, func() (int, error) { giveWay(t, 1); return 0, nil })
	seen, err := task.Result()
	isErr(t, "error", err, nil)
	isSame(t, "seen", seen, "before")
	never := RunThreadsafe(l, func() (int, error) { t.Error("it was called"); return 0, nil })
	l.Close()
	isErr(t, "sent before Close", never.Err(), ErrLoopClosed)
	never = RunThreadsafe(l, func() (int, error) { t.Error("it was called"); return 0, nil }, WithName("too late"))
	isErr(t, "sent after Close", never.Err(), ErrLoopClosed)
	isSame(t, "done", never.Done(), true)
	isSame(t, "message", never.Err().Error(), "task too late was not begun: asyncio: the event loop is closed")
	_, err = never.Await()
	isErr(t, "Await", err, ErrLoopClosed)
}

func TestRunThreadsafeCancelled(t *testing.T) { // C2
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		over := NewFuture[error]()
		go func() {
			task := RunThreadsafe(l, func() (int, error) { return 0, Sleep(time.Hour) })
			task.Cancel("from outside")
			_, err := task.Await()
			over.SetResult(err)
		}()
		err, _ := over.Await()
		isSame(t, "error", fmt.Sprint(err), "asyncio: cancelled: from outside")
	})
}

// With a task factory it is the loop that asks it, in the context of who has called RunThreadsafe.
func TestRunThreadsafeByTaskFactory(t *testing.T) { // 136
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		asked := 0
		l.SetTaskFactory(func(l *EventLoop, opts []CallOption, create func(...CallOption) AnyTask) {
			asked++
			isSame(t, "on the loop", l.mine(), true)
			isSame(t, "in the context", ctxVar.Get(), "goroutine's")
			create(append(opts, Eager())...)
		})
		over := NewFuture[string]()
		go func() {
			ctxVar.Set("goroutine's")
			task := RunThreadsafe(l, func() (string, error) {
				return ctxVar.Get() + " " + CurrentTask().(AnyTask).Name(), nil
			}, WithName("n"))
			v, err := task.Await()
			isErr(t, "error", err, nil)
			isSame(t, "name", task.Name(), "n")
			over.SetResult(v)
		}()
		v, _ := over.Await()
		isSame(t, "seen", v, "goroutine's n")
		isSame(t, "times asked", asked, 1)
		l.SetTaskFactory(nil)
	})
}

// Sent while Run ends, a task is cancelled before it begins, and Run does not wait for it.
func TestRunThreadsafeWhenTheLoopEnds(t *testing.T) {
	for turns, want := range []error{ErrLoopClosed, ErrCancelled} {
		var sent *Task[int]
		onLoop(t, func(l *EventLoop, _ *reportLog) {
			Go(func() error {
				Sleep(time.Hour)
				onGoroutine(func() {
					sent = RunThreadsafe(l, func() (int, error) { t.Error("it was called"); return 0, nil })
				})
				giveWay(t, turns) // the last one is when it is over
				return nil
			})
			giveWay(t, 1)
		})
		isErr(t, "error", sent.Err(), want)
		isSame(t, "done", sent.Done(), true)
	}
}

func TestRunThreadsafeByMany(t *testing.T) {
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		const goroutines, each = 8, 50
		var wg sync.WaitGroup
		sum := 0 // the loop's
		for range goroutines {
			wg.Go(func() {
				for i := range each {
					task := RunThreadsafe(l, func() (int, error) {
						sum++
						Sleep(0)
						if i%2 == 0 {
							return 0, errStructured
						}
						return i, nil
					})
					v, err := task.Await()
					if i%2 == 0 != errors.Is(err, errStructured) || i%2 == 1 && v != i {
						t.Error("got", v, err)
					}
				}
			})
		}
		_, err := ToThread(func() (int, error) { wg.Wait(); return 0, nil })
		isErr(t, "error", err, nil)
		isSame(t, "tasks that ran", sum, goroutines*each)
		isSame(t, "tasks left", len(l.AllTasks()), 1)
	})
}

func TestRunThreadsafeBadArguments(t *testing.T) {
	isSame(t, "nil loop", panicOf(func() { RunThreadsafe(nil, func() (int, error) { return 0, nil }) }),
		any("asyncio: RunThreadsafe was given a nil *EventLoop"))
}
