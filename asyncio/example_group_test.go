package asyncio_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/gocontextvars/contextvars/asyncio"
)

// How do I start tasks that cannot outlive the function that starts them?
func ExampleTaskGroup() {
	asyncio.Run(func() (struct{}, error) {
		var a, b *asyncio.Task[string]
		err := asyncio.TaskGroup(func(g *asyncio.Group) error {
			a = asyncio.Spawn(g, fetch("a", time.Second))
			b = asyncio.Spawn(g, fetch("b", time.Minute))
			return nil
		})
		fmt.Println(err)
		fmt.Println(a.Result())
		fmt.Println(b.Result())
		return struct{}{}, nil
	}, virtual())
	// Output:
	// <nil>
	// a <nil>
	// b <nil>
}

// What happens if one of a group fails?
func ExampleTaskGroup_error() {
	asyncio.Run(func() (struct{}, error) {
		var slow *asyncio.Task[string]
		err := asyncio.TaskGroup(func(g *asyncio.Group) error {
			slow = asyncio.Spawn(g, fetch("slow", time.Hour))
			asyncio.Spawn(g, fetch("bad", time.Second), asyncio.WithName("fetcher"))
			return nil
		})
		fmt.Println(err)
		fmt.Println("the other was cancelled:", slow.Cancelled())
		return struct{}{}, nil
	}, virtual())
	// Output:
	// asyncio: a TaskGroup failed: fetcher: bad gateway
	// the other was cancelled: true
}

// How do I end a group when one of its tasks has found what was searched?
func ExampleGroup_Cancel() {
	asyncio.Run(func() (struct{}, error) {
		found := ""
		err := asyncio.TaskGroup(func(g *asyncio.Group) error {
			for name, d := range map[string]time.Duration{"slow": time.Hour, "quick": time.Second} {
				g.Go(func() error {
					page, err := fetch(name, d)()
					if err == nil {
						found = page
						g.Cancel()
					}
					return err
				})
			}
			return nil
		})
		fmt.Println(found, err)
		return struct{}{}, nil
	}, virtual())
	// Output: quick <nil>
}

// How do I set a limit for all that a function does?
func ExampleTimeout() {
	asyncio.Run(func() (struct{}, error) {
		err := asyncio.Timeout(time.Minute, func() error {
			for {
				if _, err := fetch("page", 25*time.Second)(); err != nil {
					return err
				}
				fmt.Println("fetched")
			}
		})
		fmt.Println(errors.Is(err, asyncio.ErrTimeout))
		return struct{}{}, nil
	}, virtual())
	// Output:
	// fetched
	// fetched
	// true
}

// How do I move a limit as long as there is progress?
func ExampleTimeoutScope() {
	asyncio.Run(func() (struct{}, error) {
		loop, _ := asyncio.RunningLoop()
		limit := asyncio.NewTimeout(30 * time.Second)
		err := limit.Run(func() error {
			for d := 10 * time.Second; ; d *= 2 {
				if _, err := fetch("page", d)(); err != nil {
					return err
				}
				fmt.Println("progress after", d)
				limit.Reschedule(loop.Time() + 30*time.Second)
			}
		})
		fmt.Println(err, limit.Expired())
		return struct{}{}, nil
	}, virtual())
	// Output:
	// progress after 10s
	// progress after 20s
	// asyncio: timeout true
}
