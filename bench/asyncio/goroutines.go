package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// goroutines is how the same is done without a loop: by many goroutines, which run at the same time on
// several processors, and so have to lock what they share. A go statement keeps the context.
var goroutines = &participant{
	name: "goroutines", note: "no loop: a goroutine for each, which are not kept from running at the same time",
	does: map[string]work{
		"call_soon": timed(func(n int) (int, error) {
			user.Set(somebody)
			return batches(n, func(n int) error {
				call, wait := atOnce(n, seen)
				for range n {
					go call()
				}
				return wait()
			})
		}),
		"create_task": timed(func(n int) (int, error) {
			sum := 0
			for range n {
				result := make(chan int)
				go func() { result <- 1 }()
				sum += <-result
			}
			return sum, want(sum, n)
		}),
		"sleep": timed(func(n int) (int, error) {
			each := (n + tasks - 1) / tasks
			var all sync.WaitGroup
			for range tasks {
				all.Go(func() {
					for range each {
						runtime.Gosched()
					}
				})
			}
			all.Wait()
			return each * tasks, nil
		}),
		"gather": timed(func(n int) (int, error) {
			sum := 0
			for sum < n {
				ones := make([]int, gathered)
				var all sync.WaitGroup
				for i := range ones {
					all.Go(func() { ones[i] = 1 })
				}
				all.Wait()
				for _, one := range ones {
					sum += one
				}
			}
			return sum, nil
		}),
		"queue": timed(func(n int) (int, error) {
			there, back := make(chan int, 1), make(chan int, 1)
			go func() {
				for range n {
					back <- <-there
				}
			}()
			sum := 0
			for range n {
				there <- 1
				sum += <-back
			}
			return sum, want(sum, n)
		}),
		"call_later": timed(func(n int) (int, error) {
			return batches(n, func(n int) error {
				call, wait := atOnce(n, ignored)
				for range n {
					time.AfterFunc(0, call)
				}
				return wait()
			})
		}),
	},
}

// atOnce is waiting for calls that may run at the same time.
func atOnce(n int, check func() error) (call func(), wait func() error) {
	var left atomic.Int64
	left.Store(int64(n))
	done := make(chan error, 1)
	return func() {
		if left.Add(-1) == 0 {
			done <- check()
		}
	}, func() error { return <-done }
}
