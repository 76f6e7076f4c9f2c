package asyncio

import (
	"fmt"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

// What else aiocontextvars had: the samples of its page, the surface of 0.1, and the rest of its tests.

// The first sample: a value that an awaited call sets is seen afterwards.
func TestSeedSampleOfCalls(t *testing.T) { // 189
	var r trail
	sub := func() error {
		r.add("%s", ctxVar.Get())
		ctxVar.Set("sub")
		return Sleep(0)
	}
	_, err := Run(func() (int, error) {
		ctxVar.Set("main")
		err := sub()
		r.add("%s", ctxVar.Get())
		return 0, err
	})
	isErr(t, "Run", err, nil)
	r.is(t, "main", "sub")
}

// The second one: eight tasks, each with a count of its own.
func TestSeedSampleOfTasks(t *testing.T) { // 189
	count := contextvars.New[int]("count")
	_, err := Run(func() (int, error) {
		sub := func() error {
			count.Set(count.Get() + 1)
			return Sleep(0)
		}
		var tasks []*Task[int]
		for i := range 8 {
			tasks = append(tasks, CreateTask(func() (int, error) {
				count.Set(i)
				if err := Sleep(time.Second); err != nil {
					return 0, err
				}
				return count.Get(), sub()
			}))
			tasks = append(tasks, CreateTask(func() (int, error) {
				count.Set(i)
				Sleep(time.Second)
				err := sub()
				return count.Get() - 1, err
			}))
		}
		for i, task := range tasks {
			n, err := task.Await()
			isSame(t, fmt.Sprint("count of task ", i), n, i/2)
			isErr(t, "Await", err, nil)
		}
		return 0, nil
	}, WithClock(NewVirtualClock()))
	isErr(t, "Run", err, nil)
}

// 0.1 had Context.current(), which made one where there was none: any goroutine has one here.
func TestSeedCurrentContext(t *testing.T) { // 185
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		isSame(t, "Len in a task", contextvars.CopyContext().Len() >= 0, true)
		l.CallSoon(func() { ctxVar.Set("x"); isSame(t, "in a callback", contextvars.CopyContext().Contains(ctxVar), true) })
		giveWay(t, 1)
	})
}

// In 0.1 a task started empty. That is an option now, or a task factory's.
func TestSeedNoInherit(t *testing.T) { // 186, 187
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("parent's")
		get := func() (string, error) { return ctxVar.Get(), nil }
		got, _ := CreateTask(get, WithContext(contextvars.NewContext())).Await()
		isSame(t, "without inheritance", got, "")

		// disable_inherit and enable_inherit: a factory, and the one that was there before.
		before := l.TaskFactory()
		l.SetTaskFactory(func(_ *EventLoop, opts []CallOption, create func(...CallOption) AnyTask) {
			create(append([]CallOption{WithContext(contextvars.NewContext())}, opts...)...)
		})
		got, _ = CreateTask(get).Await()
		isSame(t, "with a factory that starts tasks empty", got, "")
		l.SetTaskFactory(before)
		got, _ = CreateTask(get).Await()
		isSame(t, "with the factory from before", got, "parent's")
	})
}

// In 0.1 a context knew whether it was made by copying. Equal tells what is left of that.
func TestSeedInherited(t *testing.T) { // 188
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("parent's")
		mine := contextvars.CopyContext()
		task := Go(func() error { return Sleep(time.Second) })
		isSame(t, "a copy", task.Context().Equal(mine), true)
		isSame(t, "is another one", task.Context() == CurrentTask().(AnyTask).Context(), false)
		task.Await()
	})
}

// get, default, set, reset and delete, in a task, as its tests of variables have them.
func TestSeedVariables(t *testing.T) { // 190
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		v, d := contextvars.New[int]("v"), contextvars.NewDefault("d", 5)
		_, ok := v.Lookup()
		isSame(t, "Lookup of one that is unset", ok, false)
		isSame(t, "GetOr", v.GetOr(3), 3)
		isSame(t, "default", d.Get(), 5)
		token := v.Set(1)
		isSame(t, "after Set", v.Get(), 1)
		giveWay(t, 1)
		second := v.Set(2)
		old, _ := second.OldValue()
		isSame(t, "OldValue", old, 1)
		giveWay(t, 1)
		isErr(t, "Reset", v.Reset(second), nil)
		isSame(t, "after Reset", v.Get(), 1)
		isErr(t, "Reset twice", v.Reset(second), contextvars.ErrTokenUsed)
		giveWay(t, 1)
		isErr(t, "Reset of the first", v.Reset(token), nil)
		_, ok = v.Lookup()
		isSame(t, "Lookup after all", ok, false)
		d.Set(6)
		d.Unset()
		isSame(t, "default after Unset", d.Get(), 5)
	})
}
