//go:build unix

package asyncio_test

import (
	"fmt"
	"syscall"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// What the handler sets is there at its next call: all calls have one context, made when it
// was added.
func ExampleEventLoop_AddSignalHandler() {
	calls := contextvars.New[int]("calls")
	asyncio.Run(func() (int, error) {
		loop, _ := asyncio.RunningLoop()
		arrived := asyncio.NewEvent()
		err := loop.AddSignalHandler(syscall.SIGHUP, func() {
			calls.Set(calls.Get() + 1)
			fmt.Println("call", calls.Get())
			arrived.Set()
		})
		if err != nil {
			return 0, err
		}
		for range 3 {
			arrived.Clear()
			syscall.Kill(syscall.Getpid(), syscall.SIGHUP)
			if err := arrived.Wait(); err != nil {
				return 0, err
			}
		}
		fmt.Println("here", calls.Get(), loop.RemoveSignalHandler(syscall.SIGHUP))
		return 0, nil
	})
	// Output:
	// call 1
	// call 2
	// call 3
	// here 0 true
}
