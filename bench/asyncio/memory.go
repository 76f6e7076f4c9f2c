package main

import (
	"runtime"
	"sync"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/eventloop"

	"github.com/gocontextvars/contextvars/asyncio"
)

// A holder makes many of something and calls look while all of them are there.
type holder struct {
	name  string
	timer bool // not something that waits
	hold  func(n int, look func()) error
}

// footprint is the memory that one of them takes.
type footprint struct {
	Stack float64 `json:"stack"`
	Heap  float64 `json:"heap"`
}

const farAway = time.Hour

var holders = []holder{
	{name: "asyncio task, in Await", hold: func(n int, look func()) error {
		return holdTasks(n, look, func() func() error {
			f := asyncio.NewFuture[int]()
			return func() error {
				_, err := f.Await()
				return err
			}
		})
	}},
	{name: "asyncio task, in Sleep", hold: func(n int, look func()) error {
		return holdTasks(n, look, func() func() error {
			return func() error { return asyncio.Sleep(farAway) }
		})
	}},
	{name: "goroutine, at a channel", hold: func(n int, look func()) error {
		never := make(chan int)
		holdGoroutines(n, look, func() { <-never })
		return nil
	}},
	{name: "goroutine, in time.Sleep", hold: func(n int, look func()) error {
		holdGoroutines(n, look, func() { time.Sleep(farAway) })
		return nil
	}},
	{name: "asyncio CallLater", timer: true, hold: func(n int, look func()) error {
		_, err := asyncio.Run(func() (int, error) {
			user.Set(somebody)
			l, err := asyncio.RunningLoop()
			for range n {
				l.CallLater(farAway, func() {})
			}
			look()
			return 0, err
		})
		return err
	}},
	{name: "time.AfterFunc", timer: true, hold: func(n int, look func()) error {
		for range n {
			time.AfterFunc(farAway, func() {})
		}
		look()
		return nil
	}},
	{name: "goja_nodejs SetTimeout", timer: true, hold: func(n int, look func()) error {
		loop := eventloop.NewEventLoop()
		loop.Start()
		defer loop.Terminate()
		done := make(chan bool)
		loop.RunOnLoop(func(*goja.Runtime) {
			for range n {
				loop.SetTimeout(func(*goja.Runtime) {}, farAway)
			}
			loop.RunOnLoop(func(*goja.Runtime) { // when all of them are set
				look()
				close(done)
			})
		})
		<-done
		return nil
	}},
}

// holdTasks looks while n tasks have begun to wait.
func holdTasks(n int, look func(), waits func() (wait func() error)) error {
	_, err := asyncio.Run(func() (int, error) {
		user.Set(somebody)
		waiting, wait := 0, waits()
		for range n {
			asyncio.Go(func() error {
				waiting++
				return wait()
			})
		}
		if err := asyncio.Sleep(0); err != nil {
			return 0, err
		}
		look()
		return 0, want(waiting, n)
	})
	return err
}

func holdGoroutines(n int, look, wait func()) {
	defer user.Set(somebody).Restore()
	var waiting sync.WaitGroup
	waiting.Add(n)
	for range n {
		go func() {
			waiting.Done()
			wait()
		}()
	}
	waiting.Wait()
	look()
}

func (h holder) measure(n int) (footprint, error) {
	var before, after runtime.MemStats
	settled(&before)
	err := h.hold(n, func() { settled(&after) })
	return footprint{
		Stack: (float64(after.StackInuse) - float64(before.StackInuse)) / float64(n),
		Heap:  (float64(after.HeapAlloc) - float64(before.HeapAlloc)) / float64(n),
	}, err
}

// settled reads statistics when there is no garbage.
func settled(m *runtime.MemStats) {
	for range 3 {
		runtime.GC()
	}
	runtime.ReadMemStats(m)
}
