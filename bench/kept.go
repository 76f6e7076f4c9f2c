package main

import (
	"context"
	"runtime"
	"sync"
)

// keeping is a count of what goroutines leave behind.
type keeping struct {
	name   string // for -run
	atOnce int
}

var keepings = []keeping{{"Kept/1000", 1000}, {"Kept/10000", 10_000}}

// few goroutines come first, so that what a participant needs once is there before. They
// are not so many that it would have grown with them.
const few = 200

// kept starts total goroutines that do body and end, atOnce at a time, all of those
// alive together, and returns how many bytes of what was allocated meanwhile are
// still in use when nothing more can be collected.
//
// It asks a heap profile that has every allocation. The size of the heap would not do:
// the runtime keeps the memory of goroutines that have ended for the next ones, more
// or less of it as it comes, and that is a hundred times what is to be seen here.
func kept(ctx context.Context, total, atOnce int, body func()) int64 {
	defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
	runtime.MemProfileRate = 1
	crowds(ctx, few, few, body)
	for range 3 {
		collect() // a profile is as of some collections ago
	}
	before := inUse()
	crowds(ctx, total, atOnce, body)
	return inUse() - before
}

func crowds(ctx context.Context, total, atOnce int, body func()) {
	before := runtime.NumGoroutine()
	for range max(1, total/atOnce) {
		if ctx.Err() != nil {
			return
		}
		var done sync.WaitGroup
		end := make(chan struct{})
		done.Add(atOnce)
		for range atOnce {
			go func() {
				body()
				done.Done()
				<-end
			}()
		}
		done.Wait()
		close(end)
		for runtime.NumGoroutine() > before {
			runtime.Gosched()
		}
	}
}

// inUse returns the bytes in use that the profile knows of, without what the runtime
// allocated for its own goroutines and threads. What is let go after a collection only,
// by a finalizer or beside one, gets the time for that: it asks until three collections
// have brought nothing.
func inUse() int64 {
	least := int64(1<<63 - 1)
	for idle := 0; idle < 3; idle++ {
		collect()
		if n := profiled(); n < least {
			least, idle = n, -1
		}
	}
	return least
}

func profiled() (bytes int64) {
	var records []runtime.MemProfileRecord
	n, ok := runtime.MemProfile(nil, false)
	for !ok {
		records = make([]runtime.MemProfileRecord, n+100)
		n, ok = runtime.MemProfile(records, false)
	}
	for _, r := range records[:n] {
		if !byRuntime(r.Stack()) {
			bytes += r.InUseBytes()
		}
	}
	return bytes
}

// byRuntime reports whether something was allocated for goroutines, for threads, or for
// waiting: the runtime keeps these in pools of its own.
func byRuntime(stack []uintptr) bool {
	frames := runtime.CallersFrames(stack)
	for {
		f, more := frames.Next()
		switch f.Function {
		case "runtime.malg", "runtime.allgadd", "runtime.allocm", "runtime.acquireSudog":
			return true
		}
		if !more {
			return false
		}
	}
}

// collect returns when a collection is over and its finalizers have run.
func collect() {
	ran := make(chan struct{})
	runtime.SetFinalizer(&struct{ _ *int }{}, func(any) { close(ran) })
	runtime.GC()
	<-ran
	for range 1000 {
		runtime.Gosched() // for goroutines that finalizers have started
	}
}
