package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// How do I call something that blocks?
func ExampleToThread() {
	user := contextvars.New[string]("user")
	asyncio.Run(func() (struct{}, error) {
		user.Set("ann")
		greeting, err := asyncio.ToThread(func() (string, error) {
			time.Sleep(time.Millisecond) // the loop goes on meanwhile
			return "hello " + user.Get(), nil
		})
		fmt.Println(greeting, err)
		return struct{}{}, nil
	})
	// Output: hello ann <nil>
}

// How do I cancel something that takes a context.Context?
func ExampleContext() {
	query := func(ctx context.Context) error {
		<-ctx.Done()
		fmt.Println("query stopped:", context.Cause(ctx))
		return ctx.Err()
	}
	asyncio.Run(func() (struct{}, error) {
		err := asyncio.Timeout(time.Millisecond, func() error {
			ctx := asyncio.Context()
			_, err := asyncio.ToThread(func() (struct{}, error) { return struct{}{}, query(ctx) })
			return err
		})
		fmt.Println(errors.Is(err, context.DeadlineExceeded))
		return struct{}{}, nil
	})
	// Unordered output:
	// true
	// query stopped: asyncio: cancelled
}

// How does another goroutine have something done by the loop, and wait for it?
func ExampleRunThreadsafe() {
	asyncio.Run(func() (struct{}, error) {
		loop, _ := asyncio.RunningLoop()
		balance := 10 // the loop's: it needs no lock
		withdraw := func(n int) func() (int, error) {
			return func() (int, error) {
				balance -= n
				return balance, asyncio.Sleep(time.Millisecond)
			}
		}
		left, err := asyncio.ToThread(func() (int, error) {
			return asyncio.RunThreadsafe(loop, withdraw(3)).Await()
		})
		fmt.Println(left, err)
		return struct{}{}, nil
	})
	// Output: 7 <nil>
}
