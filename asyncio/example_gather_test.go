package asyncio_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/gocontextvars/contextvars/asyncio"
)

// fetch stands for something that takes time.
func fetch(name string, d time.Duration) func() (string, error) {
	return func() (string, error) {
		if err := asyncio.Sleep(d); err != nil {
			return "", err
		}
		if name == "bad" {
			return "", errors.New("bad gateway")
		}
		return name, nil
	}
}

// virtual makes the examples instant.
func virtual() asyncio.RunOption { return asyncio.WithClock(asyncio.NewVirtualClock()) }

// How do I wait for several tasks and get all their values?
func ExampleGather() {
	pages, err := asyncio.Run(func() ([]string, error) {
		return asyncio.Gather(
			asyncio.CreateTask(fetch("a", 3*time.Second)),
			asyncio.CreateTask(fetch("b", time.Second)),
		)
	}, virtual())
	fmt.Println(pages, err)
	// Output: [a b] <nil>
}

// How do I gather a mix of tasks and futures?
func ExampleGather_mix() {
	asyncio.Run(func() (struct{}, error) {
		answer := asyncio.NewFuture[string]()
		loop, _ := asyncio.RunningLoop()
		loop.CallLater(time.Minute, func() { answer.SetResult("from a callback") })
		task := asyncio.CreateTask(fetch("from a task", time.Second))
		values, err := asyncio.Gather([]asyncio.AwaitableOf[string]{answer, task}...)
		fmt.Printf("%q %v\n", values, err)
		return struct{}{}, nil
	}, virtual())
	// Output: ["from a callback" "from a task"] <nil>
}

// How do I get what succeeded if something failed?
func ExampleGatherAll() {
	asyncio.Run(func() (struct{}, error) {
		outcomes, err := asyncio.GatherAll(
			asyncio.CreateTask(fetch("good", time.Second)),
			asyncio.CreateTask(fetch("bad", time.Second)),
		)
		if err != nil {
			return struct{}{}, err // we were cancelled
		}
		for _, o := range outcomes {
			fmt.Printf("%q %v\n", o.Value, o.Err)
		}
		return struct{}{}, nil
	}, virtual())
	// Output:
	// "good" <nil>
	// "" bad gateway
}
