package asyncio_test

import (
	"fmt"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// What aiocontextvars had, of which this package is the continuation by other means.

// The samples of its documentation are parts of examples/asyncio.

func TestSeedsNames(t *testing.T) { // 180
	var (
		v       *contextvars.ContextVar[int] = contextvars.New[int]("v")
		token   contextvars.Token[int]       = v.Set(1)
		context *contextvars.Context         = contextvars.CopyContext()
	)
	if value, ok := v.In(context); value != 1 || !ok || token.Var() != v {
		t.Errorf("%v, %v, %v", value, ok, token)
	}
	token.Restore()
}

func TestSetEventLoopNil(t *testing.T) { // 182
	contextvars.NewContext().Run(func() {
		asyncio.SetEventLoop(nil)
		loop := asyncio.GetEventLoop()
		defer loop.Close()
		if loop == nil || asyncio.GetEventLoop() != loop {
			t.Errorf("the loop is %p, and then %p", loop, asyncio.GetEventLoop())
		}
		other := asyncio.NewEventLoop()
		defer other.Close()
		asyncio.SetEventLoop(other)
		if asyncio.GetEventLoop() != other {
			t.Error("the loop that was set is not the one that is got")
		}
		asyncio.SetEventLoop(nil)
		inTask(t, func() error {
			running, err := asyncio.RunningLoop()
			if asyncio.GetEventLoop() != running {
				t.Error("in a task it is another than the running one")
			}
			return err
		})
	})
}

func TestSeedContextIsTheTasksOrTheGoroutines(t *testing.T) { // 183
	contextvars.NewContext().Run(func() {
		step.Set("goroutine")
		inTask(t, func() error {
			step.Set("main")
			_, err := asyncio.Go(func() error { step.Set("task"); return nil }).Await()
			if got := step.Get(); got != "main" {
				t.Errorf("main sees %q", got)
			}
			return err
		})
		if got := step.Get(); got != "goroutine" {
			t.Errorf("the goroutine sees %q", got)
		}
	})
}

func TestSeedDelete(t *testing.T) { // 184
	contextvars.NewContext().Run(func() {
		for _, v := range []*contextvars.ContextVar[int]{
			contextvars.New[int]("without"), contextvars.NewDefault("with", 7),
		} {
			value, ok := v.Lookup()
			v.Set(1)
			for range 2 { // repeatable
				v.Unset()
				if got, set := v.Lookup(); got != value || set != ok || contextvars.CopyContext().Contains(v) {
					t.Errorf("%s is %d, %t after Unset", v.Name(), got, set)
				}
			}
		}
	})
}

func TestSeedParallel(t *testing.T) { // 190
	inTask(t, func() error {
		var tasks []*asyncio.Task[string]
		for i := range 16 {
			tasks = append(tasks, asyncio.CreateTask(func() (string, error) {
				step.Set(fmt.Sprint(i))
				for range i {
					if err := asyncio.Sleep(0); err != nil {
						return "", err
					}
				}
				return step.Get(), nil
			}))
		}
		values, err := asyncio.Gather(tasks...)
		for i, value := range values {
			if value != fmt.Sprint(i) {
				t.Errorf("task %d ends with %q", i, value)
			}
		}
		return err
	})
}

func TestSeedInherit(t *testing.T) { // 190
	inTask(t, func() error {
		step.Set("initial")
		sub := asyncio.Go(func() error {
			if got := step.Get(); got != "initial" {
				t.Errorf("the child begins with %q", got)
			}
			step.Set("sub")
			return nil
		})
		step.Set("update")
		_, err := sub.Await()
		if got := step.Get(); got != "update" {
			t.Errorf("the parent ends with %q", got)
		}
		return err
	})
}
