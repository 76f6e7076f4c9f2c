package asyncio_test

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/gocontextvars/contextvars/asyncio"
)

// Three workers, and work that is handed out until there is none left.
func ExampleQueue() {
	sum, err := asyncio.Run(func() (int, error) {
		q := asyncio.NewQueue[int](10)
		sum := 0
		var workers []*asyncio.Task[struct{}]
		for range 3 {
			workers = append(workers, asyncio.Go(func() error {
				for {
					n, err := q.Get()
					if errors.Is(err, asyncio.ErrQueueShutDown) {
						return nil
					}
					if err != nil {
						return err
					}
					asyncio.Sleep(time.Millisecond)
					sum += n // no other task runs now
					q.TaskDone()
				}
			}))
		}
		for n := range 100 {
			if err := q.Put(n); err != nil { // waits while 10 are in the queue
				return 0, err
			}
		}
		if err := q.Join(); err != nil {
			return 0, err
		}
		q.Shutdown()
		for _, w := range workers {
			w.Await()
		}
		return sum, nil
	})
	fmt.Println(sum, err)
	// Output:
	// 4950 <nil>
}

// Other goroutines may put and get as well. They block where a task would be suspended.
func ExampleQueue_goroutine() {
	asyncio.Run(func() (struct{}, error) {
		lines := asyncio.NewQueue[string](1)
		go func() {
			defer lines.Shutdown()
			for _, line := range []string{"one", "two", "three"} {
				if lines.Put(line) != nil {
					return
				}
			}
		}()
		for {
			line, err := lines.Get()
			if err != nil {
				return struct{}{}, nil
			}
			fmt.Println(line)
		}
	})
	// Output:
	// one
	// two
	// three
}

func ExamplePriorityQueue() {
	type job struct {
		priority int
		name     string
	}
	asyncio.Run(func() (struct{}, error) {
		q := asyncio.NewPriorityQueueFunc(0, func(a, b job) int { return cmp.Compare(a.priority, b.priority) })
		for _, j := range []job{{2, "tidy up"}, {1, "put out the fire"}, {2, "write it down"}} {
			q.Put(j)
		}
		for !q.Empty() {
			j, _ := q.Get()
			fmt.Println(j.name)
		}
		return struct{}{}, nil
	})
	// Output:
	// put out the fire
	// tidy up
	// write it down
}

func ExampleNewPriorityQueue() {
	q := asyncio.NewPriorityQueue[int](0)
	for _, n := range []int{3, 1, 2} {
		q.PutNowait(n)
	}
	for {
		n, err := q.GetNowait()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(n)
	}
	// Output:
	// 1
	// 2
	// 3
	// asyncio: the queue is empty
}

func ExampleLifoQueue() {
	q := asyncio.NewLifoQueue[string](2)
	fmt.Println(q.PutNowait("first"), q.PutNowait("second"))
	fmt.Println(q.PutNowait("third"))
	fmt.Println(q.GetNowait())
	// Output:
	// <nil> <nil>
	// asyncio: the queue is full
	// second <nil>
}
