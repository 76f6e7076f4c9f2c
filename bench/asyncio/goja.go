package main

import (
	_ "embed"
	"errors"
	"maps"

	"github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/eventloop"

	"github.com/gocontextvars/contextvars"
)

// goja_nodejs has the event loop of a JavaScript interpreter in Go. Go functions can be scheduled on
// it; what corresponds to tasks are async functions, in JavaScript.

var gojaLoop = &participant{
	name: "goja_nodejs",
	note: "its eventloop: RunOnLoop and SetTimeout, which do not keep the context; JavaScript's async functions for tasks",
	does: merged(gojaWork(func(f gojaFunc) gojaFunc { return f }, ignored), gojaTasks()),
}

var gojaBound = &participant{
	name: "goja_nodejs, Bind", note: "the same, with functions bound by contextvars.Bind1",
	does: gojaWork(contextvars.Bind1[*goja.Runtime], seen),
}

//go:embed loops.js
var loopsInJavaScript string

type gojaFunc = func(*goja.Runtime)

func gojaWork(bind func(gojaFunc) gojaFunc, check func() error) map[string]work {
	return map[string]work{
		"call_soon": onGoja(func(loop *eventloop.EventLoop, n int) (int, error) {
			return batches(n, func(n int) error {
				c, wait := waiting(n, check)
				call := func(*goja.Runtime) { c.call() }
				loop.RunOnLoop(func(*goja.Runtime) {
					defer user.Set(somebody).Restore()
					for range n {
						loop.RunOnLoop(bind(call))
					}
				})
				return wait()
			})
		}),
		"call_soon_threadsafe": onGoja(func(loop *eventloop.EventLoop, n int) (int, error) {
			c, wait := waiting(n, check)
			call := func(*goja.Runtime) { c.call() }
			go func() {
				user.Set(somebody)
				for range n {
					loop.RunOnLoop(bind(call))
				}
			}()
			return n, wait()
		}),
		"call_later": onGoja(func(loop *eventloop.EventLoop, n int) (int, error) {
			return batches(n, func(n int) error {
				c, wait := waiting(n, check)
				call := func(*goja.Runtime) { c.call() }
				loop.RunOnLoop(func(*goja.Runtime) {
					defer user.Set(somebody).Restore()
					for range n {
						loop.SetTimeout(bind(call), 0)
					}
				})
				return wait()
			})
		}),
	}
}

// gojaTasks are the operations of loops.js.
func gojaTasks() map[string]work {
	does := map[string]work{}
	for _, name := range []string{"create_task", "sleep", "gather"} {
		does[name] = onGoja(func(loop *eventloop.EventLoop, n int) (times int, err error) {
			done := make(chan error, 1)
			loop.RunOnLoop(func(vm *goja.Runtime) {
				// The interpreter and its values belong to the loop.
				if _, err := vm.RunString(loopsInJavaScript); err != nil {
					done <- err
					return
				}
				start, _ := goja.AssertFunction(vm.Get("start"))
				_, err := start(nil, vm.ToValue(name), vm.ToValue(n), vm.ToValue(func(count int) {
					times = count
					done <- nil
				}), vm.ToValue(func(reason goja.Value) { done <- errors.New(reason.String()) }))
				if err != nil {
					done <- err
				}
			})
			err = <-done
			return times, err
		})
	}
	return does
}

// onGoja is timed for a function that gets a loop, which runs.
func onGoja(f func(loop *eventloop.EventLoop, n int) (times int, err error)) work {
	return timed(func(n int) (int, error) {
		loop := eventloop.NewEventLoop()
		loop.Start()
		defer loop.Terminate()
		return f(loop, n)
	})
}

func merged(a, b map[string]work) map[string]work {
	maps.Copy(a, b)
	return a
}
