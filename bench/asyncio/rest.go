package main

import (
	"time"

	"github.com/dop251/goja_nodejs/eventloop"

	"github.com/gocontextvars/contextvars/asyncio"
)

// A rester is a process in which nothing happens.
type rester struct {
	name string
	rest func(look func()) error
}

// mostAtRest is what a loop without work may take of a processor: what the runtime takes of its own accord, and
// no more.
const mostAtRest = 0.001

var resters = []rester{
	{"nothing but a goroutine that sleeps", func(look func()) error {
		look()
		return nil
	}},
	{"an asyncio loop, one task in Await and one in Sleep", func(look func()) error {
		_, err := asyncio.Run(func() (int, error) {
			never := asyncio.NewFuture[int]()
			asyncio.Go(func() error { return asyncio.Sleep(farAway) })
			go func() {
				look()
				_ = never.SetResult(1)
			}()
			return never.Await()
		})
		return err
	}},
	{"a goja_nodejs loop", func(look func()) error {
		loop := eventloop.NewEventLoop()
		loop.Start()
		defer loop.Terminate()
		look()
		return nil
	}},
}

// idleness is how much of a processor the process took; nil where the system does not tell.
type idleness struct {
	CPU *float64 `json:"cpu"`
}

// measure looks for n nanoseconds.
func (r rester) measure(n int) (i idleness, err error) {
	d := time.Duration(n)
	err = r.rest(func() {
		time.Sleep(d) // what the start has left to do is done meanwhile
		before, ok := cpuTime()
		start := time.Now()
		time.Sleep(d)
		after, _ := cpuTime()
		if ok {
			cpu := float64(after-before) / float64(time.Since(start))
			i.CPU = &cpu
		}
	})
	return i, err
}
