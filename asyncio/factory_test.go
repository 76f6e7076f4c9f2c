package asyncio

import (
	"errors"
	"testing"

	"github.com/gocontextvars/contextvars"
)

func TestTaskFactoryGetsOptionsUnchanged(t *testing.T) { // 136
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		var got [][]CallOption
		var made []AnyTask
		l.SetTaskFactory(func(m *EventLoop, opts []CallOption, create func(...CallOption) AnyTask) {
			isSame(t, "loop", m == l, true)
			got = append(got, opts)
			made = append(made, create(opts...))
		})
		isSame(t, "TaskFactory", l.TaskFactory() != nil, true)
		plain := Go(func() error { return nil })
		named := CreateTask(func() (int, error) { return 1, nil }, WithName("n"), WithContext(c), EagerStart(false))
		isSame(t, "calls", len(got), 2)
		isSame(t, "options where none were given", len(got[0]), 0)
		isSame(t, "options", got[1], []CallOption{WithName("n"), WithContext(c), EagerStart(false)})
		isSame(t, "what create returned", made[0] == AnyTask(plain) && made[1] == AnyTask(named), true)
		isSame(t, "Name", named.Name(), "n")
		isSame(t, "Context", named.Context() == c, true)
		l.SetTaskFactory(nil)
		isSame(t, "TaskFactory", l.TaskFactory() == nil, true)
		Go(func() error { return nil })
		isSame(t, "calls after it was removed", len(got), 2)
	})
}

// The factory runs where the task is created, and may add options.
func TestTaskFactoryAddsOptions(t *testing.T) { // 136, 187
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("creator's")
		me := CurrentTask()
		l.SetTaskFactory(func(_ *EventLoop, opts []CallOption, create func(...CallOption) AnyTask) {
			isSame(t, "CurrentTask in the factory", CurrentTask() == me, true)
			isSame(t, "values in the factory", ctxVar.Get(), "creator's")
			empty := WithContext(contextvars.NewContext()) // as aiocontextvars 0.1 had it
			create(append([]CallOption{WithName("by factory"), empty}, opts...)...)
		})
		got, _ := CreateTask(func() (string, error) { return ctxVar.Get(), nil }).Await()
		isSame(t, "values in the task", got, "")
		task := CreateTask(func() (string, error) { return ctxVar.Get(), nil }, WithContext(contextvars.CopyContext()))
		got, _ = task.Await()
		isSame(t, "the creator's options win", got, "creator's")
		isSame(t, "Name", task.Name(), "by factory")
	})
}

func TestTaskFactoryThatFails(t *testing.T) { // 136
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		boom := errors.New("boom")
		before := len(l.AllTasks())
		for _, f := range []TaskFactory{
			func(*EventLoop, []CallOption, func(...CallOption) AnyTask) {},
			func(_ *EventLoop, _ []CallOption, create func(...CallOption) AnyTask) { create(); create() },
			func(*EventLoop, []CallOption, func(...CallOption) AnyTask) { panic(boom) },
			func(_ *EventLoop, _ []CallOption, create func(...CallOption) AnyTask) { create(); panic(boom) },
		} {
			l.SetTaskFactory(f)
			if panicOf(func() { Go(func() error { return nil }) }) == nil {
				t.Error("CreateTask does not panic")
			}
		}
		l.SetTaskFactory(nil)
		giveWay(t, 2)
		isSame(t, "tasks", len(l.AllTasks()), before)
	})
}

// A factory that creates tasks itself.
func TestTaskFactoryThatCreatesTasks(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		depth := 0
		l.SetTaskFactory(func(_ *EventLoop, opts []CallOption, create func(...CallOption) AnyTask) {
			if depth++; depth < 4 {
				Go(func() error { return nil })
			}
			create(opts...)
		})
		n, err := CreateTask(func() (int, error) { return 1, nil }).Await()
		isSame(t, "result", n, 1)
		isErr(t, "Await", err, nil)
		isSame(t, "calls", depth, 4)
	})
}

// ensure_future(task) returns the task: here that is the task. ensure_future(coro) is CreateTask.
func TestTaskIsItsOwnFuture(t *testing.T) { // 137
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		task := CreateTask(func() (int, error) { return 1, nil })
		var a Awaitable = task
		isSame(t, "as Awaitable", a.(*Task[int]) == task, true)
		isSame(t, "in AllTasks", l.AllTasks()[1] == a, true)
		task.Await()
	})
}
