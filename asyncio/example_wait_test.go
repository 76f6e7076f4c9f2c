package asyncio_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/gocontextvars/contextvars/asyncio"
)

// How do I take the first of several answers, and cancel the others?
func ExampleWait() {
	asyncio.Run(func() (struct{}, error) {
		near, far := asyncio.CreateTask(fetch("near", time.Second)), asyncio.CreateTask(fetch("far", time.Minute))
		done, pending, err := asyncio.Wait(asyncio.FirstCompleted, 10*time.Second, near, far)
		if err != nil {
			return struct{}{}, err
		}
		for _, t := range pending {
			t.Cancel()
		}
		fmt.Println(len(done), "answered; near:", near.Done(), "far:", far.Done())
		return struct{}{}, nil
	}, virtual())
	// Output: 1 answered; near: true far: false
}

// How do I give up on a task that takes too long?
func ExampleWaitFor() {
	asyncio.Run(func() (struct{}, error) {
		task := asyncio.CreateTask(fetch("far", time.Minute))
		_, err := asyncio.WaitFor(task, time.Second)
		fmt.Println(errors.Is(err, asyncio.ErrTimeout), task.Cancelled())
		return struct{}{}, nil
	}, virtual())
	// Output: true true
}

// How do I stop waiting for a task without stopping the task?
func ExampleShield() {
	asyncio.Run(func() (struct{}, error) {
		task := asyncio.CreateTask(fetch("saved", time.Minute))
		err := asyncio.Timeout(time.Second, func() error {
			_, err := asyncio.Shield(task)
			return err
		})
		fmt.Println(err)
		fmt.Println(task.Await())
		return struct{}{}, nil
	}, virtual())
	// Output:
	// asyncio: timeout
	// saved <nil>
}

// How do I handle results as they come?
func ExampleAsCompleted() {
	asyncio.Run(func() (struct{}, error) {
		for page, err := range asyncio.AsCompleted(
			asyncio.CreateTask(fetch("slow", time.Minute)),
			asyncio.CreateTask(fetch("bad", 2*time.Second)),
			asyncio.CreateTask(fetch("quick", time.Second)),
		) {
			fmt.Printf("%q %v\n", page, err)
		}
		return struct{}{}, nil
	}, virtual())
	// Output:
	// "quick" <nil>
	// "" bad gateway
	// "slow" <nil>
}
