package main

import (
	"fmt"
	"time"

	"github.com/gocontextvars/contextvars/asyncio"
)

var ours = &participant{
	name: "asyncio", note: "this package",
	does: map[string]work{
		"call_soon": onLoop(func(l *asyncio.EventLoop, n int) (int, error) {
			return batches(n, func(n int) error {
				call, all := counted(n)
				for range n {
					l.CallSoon(call)
				}
				return awaited(all)
			})
		}),
		"create_task": onLoop(func(_ *asyncio.EventLoop, n int) (int, error) {
			sum := 0
			for range n {
				one, err := asyncio.CreateTask(nothing).Await()
				if err != nil {
					return 0, err
				}
				sum += one
			}
			return sum, want(sum, n)
		}),
		"sleep": onLoop(func(_ *asyncio.EventLoop, n int) (int, error) {
			each, switches := (n+tasks-1)/tasks, 0
			var all []*asyncio.Task[struct{}]
			for range tasks {
				all = append(all, asyncio.Go(func() error {
					for range each {
						if err := asyncio.Sleep(0); err != nil {
							return err
						}
						switches++
					}
					return seen()
				}))
			}
			for _, t := range all {
				if _, err := t.Await(); err != nil {
					return 0, err
				}
			}
			return switches, want(switches, each*tasks)
		}),
		"gather": onLoop(func(_ *asyncio.EventLoop, n int) (int, error) {
			sum := 0
			for sum < n {
				all := make([]*asyncio.Task[int], gathered)
				for i := range all {
					all[i] = asyncio.CreateTask(nothing)
				}
				ones, err := asyncio.Gather(all...)
				if err != nil {
					return 0, err
				}
				for _, one := range ones {
					sum += one
				}
			}
			return sum, nil
		}),
		"queue": onLoop(func(_ *asyncio.EventLoop, n int) (int, error) {
			there, back := asyncio.NewQueue[int](0), asyncio.NewQueue[int](0)
			echo := asyncio.Go(func() error {
				for range n {
					one, err := there.Get()
					if err != nil {
						return err
					}
					if err := back.Put(one); err != nil {
						return err
					}
				}
				return seen()
			})
			sum := 0
			for range n {
				if err := there.Put(1); err != nil {
					return 0, err
				}
				one, err := back.Get()
				if err != nil {
					return 0, err
				}
				sum += one
			}
			if _, err := echo.Await(); err != nil {
				return 0, err
			}
			return sum, want(sum, n)
		}),
		"call_soon_threadsafe": onLoop(func(l *asyncio.EventLoop, n int) (int, error) {
			call, all := counted(n)
			go func() {
				user.Set(somebody)
				for range n {
					l.CallSoonThreadsafe(call)
				}
			}()
			return n, awaited(all)
		}),
		"call_later": onLoop(func(l *asyncio.EventLoop, n int) (int, error) {
			return batches(n, func(n int) error {
				call, all := counted(n)
				for range n {
					l.CallLater(0, call)
				}
				return awaited(all)
			})
		}),
	},
}

// onLoop is timed for a function that runs as a loop's main task.
func onLoop(f func(l *asyncio.EventLoop, n int) (times int, err error)) work {
	return func(n int) (times int, took time.Duration, err error) {
		_, err = asyncio.Run(func() (struct{}, error) {
			user.Set(somebody)
			l, err := asyncio.RunningLoop()
			if err != nil {
				return struct{}{}, err
			}
			start := time.Now()
			times, err = f(l, n)
			took = time.Since(start)
			return struct{}{}, err
		})
		return times, took, err
	}
}

func nothing() (int, error) { return 1, nil }

func want(got, want int) error {
	if got != want {
		return fmt.Errorf("%d, not %d", got, want)
	}
	return nil
}

// counted returns the call of a counter, and what is done after the last one.
func counted(n int) (call func(), all *asyncio.Future[error]) {
	all = asyncio.NewFuture[error]()
	c := &counter{left: n, check: seen, all: func(err error) { _ = all.SetResult(err) }}
	return c.call, all
}

func awaited(all *asyncio.Future[error]) error {
	wrong, err := all.Await()
	if err != nil {
		return err
	}
	return wrong
}
