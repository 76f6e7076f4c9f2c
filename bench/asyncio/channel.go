package main

import (
	"time"

	"github.com/gocontextvars/contextvars"
)

// What is often written where a loop is needed: a goroutine that calls what comes out of a channel. It
// can call functions, soon and later, and that is all; they see the context of that
// goroutine unless they are bound to another one.

var funcs = &participant{
	name: "channel", note: "a goroutine that calls functions from a channel, which does not keep the context",
	does: channelWork(func(f func()) func() { return f }, ignored),
}

var funcsBound = &participant{
	name: "channel, Bind", note: "the same, with functions bound by contextvars.Bind, so that they keep it",
	does: channelWork(contextvars.Bind, seen),
}

func channelWork(bind func(func()) func(), check func() error) map[string]work {
	return map[string]work{
		"call_soon": timed(func(n int) (int, error) {
			loop := startFuncs()
			defer close(loop)
			return batches(n, func(n int) error {
				c, wait := waiting(n, check)
				call := c.call
				loop <- func() {
					defer user.Set(somebody).Restore()
					for range n {
						loop <- bind(call)
					}
				}
				return wait()
			})
		}),
		"call_soon_threadsafe": timed(func(n int) (int, error) {
			loop := startFuncs()
			defer close(loop)
			c, wait := waiting(n, check)
			call := c.call
			go func() {
				user.Set(somebody)
				for range n {
					loop <- bind(call)
				}
			}()
			return n, wait()
		}),
		"call_later": timed(func(n int) (int, error) {
			loop := startFuncs()
			defer close(loop)
			return batches(n, func(n int) error {
				c, wait := waiting(n, check)
				call := c.call
				loop <- func() {
					defer user.Set(somebody).Restore()
					for range n {
						f := bind(call)
						time.AfterFunc(0, func() { loop <- f })
					}
				}
				return wait()
			})
		}),
	}
}

// startFuncs starts the goroutine. The channel has room for a batch and what schedules it, or else
// it would block itself.
func startFuncs() chan func() {
	loop := make(chan func(), batch+1)
	go func() {
		for f := range loop {
			f()
		}
	}()
	return loop
}
