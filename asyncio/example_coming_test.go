package asyncio_test

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// These examples are the Go halves of the pairs in docs/asyncio.md; a test of the root package
// compares them.

func Example_comingTasks() {
	square := func(n int) (int, error) {
		err := asyncio.Sleep(100 * time.Millisecond)
		return n * n, err
	}

	squares, err := asyncio.Run(func() ([]int, error) {
		var tasks []*asyncio.Task[int]
		for n := range 4 {
			tasks = append(tasks, asyncio.CreateTask(func() (int, error) { return square(n) }))
		}
		return asyncio.Gather(tasks...)
	})
	fmt.Println(squares, err)
	// Output: [0 1 4 9] <nil>
}

func Example_comingContext() {
	user := contextvars.NewDefault("user", "nobody")
	login := func(name string) error {
		user.Set(name)
		return asyncio.Sleep(10 * time.Millisecond)
	}

	asyncio.Run(func() (struct{}, error) {
		err := login("ann") // a call, in this task's context
		fmt.Println(user.Get(), err)
		_, err = asyncio.Go(func() error { return login("bob") }).Await() // a task, in a copy
		fmt.Println(user.Get(), err)
		return struct{}{}, err
	})
	// Output:
	// ann <nil>
	// ann <nil>
}

func Example_comingCancel() {
	worker := func() error {
		defer fmt.Println("cleaned up")
		return asyncio.Sleep(time.Hour)
	}

	asyncio.Run(func() (struct{}, error) {
		task := asyncio.Go(worker)
		if err := asyncio.Sleep(0); err != nil {
			return struct{}{}, err
		}
		task.Cancel()
		_, err := task.Await()
		if errors.Is(err, asyncio.ErrCancelled) {
			fmt.Println("cancelled")
		}
		return struct{}{}, nil
	})
	// Output:
	// cleaned up
	// cancelled
}

func Example_comingRetry() {
	attempts := 0
	connect := func() error {
		if attempts++; attempts < 3 {
			return errors.New("refused")
		}
		return asyncio.Sleep(time.Hour)
	}
	stayConnected := func() error {
		for {
			err := connect()
			if errors.Is(err, asyncio.ErrCancelled) {
				return err
			}
			fmt.Println("again:", err)
		}
	}

	_, err := asyncio.Run(func() (struct{}, error) {
		return asyncio.WaitFor(asyncio.Go(stayConnected), time.Millisecond)
	})
	fmt.Println(err)
	// Output:
	// again: refused
	// again: refused
	// asyncio: timeout
}

func Example_comingGroup() {
	fetch := func(what string, d time.Duration) (string, error) {
		return "<" + what + ">", asyncio.Sleep(d)
	}

	asyncio.Run(func() (struct{}, error) {
		var a, b *asyncio.Task[string]
		err := asyncio.Timeout(time.Second, func() error {
			return asyncio.TaskGroup(func(g *asyncio.Group) error {
				a = asyncio.Spawn(g, func() (string, error) { return fetch("a", 0) })
				b = asyncio.Spawn(g, func() (string, error) { return fetch("b", time.Hour) })
				return nil
			})
		})
		if errors.Is(err, asyncio.ErrTimeout) {
			fmt.Println("too slow:", b.Cancelled())
		}
		fmt.Println(a.Result())
		return struct{}{}, nil
	})
	// Output:
	// too slow: true
	// <a> <nil>
}

func Example_comingQueue() {
	asyncio.Run(func() (struct{}, error) {
		queue := asyncio.NewQueue[int](2)
		produce := func() error {
			defer queue.Shutdown(false)
			for n := range 3 {
				if err := queue.Put(n); err != nil {
					return err
				}
			}
			return nil
		}
		consume := func() error {
			for {
				n, err := queue.Get()
				if errors.Is(err, asyncio.ErrQueueShutDown) {
					return nil
				} else if err != nil {
					return err
				}
				fmt.Println(n)
			}
		}
		return struct{}{}, asyncio.TaskGroup(func(g *asyncio.Group) error {
			g.Go(produce)
			g.Go(consume)
			return nil
		})
	})
	// Output:
	// 0
	// 1
	// 2
}

func Example_comingThread() {
	user := contextvars.New[string]("user")
	blocking := func() (string, error) {
		time.Sleep(10 * time.Millisecond) // or a query, a file, much to compute
		return "for " + user.Get(), nil
	}

	answer, err := asyncio.Run(func() (string, error) {
		user.Set("ann")
		return asyncio.ToThread(blocking)
	})
	fmt.Println(answer, err)
	// Output: for ann <nil>
}

func Example_comingThreadsafe() {
	asyncio.Run(func() (struct{}, error) {
		loop, err := asyncio.RunningLoop()
		if err != nil {
			return struct{}{}, err
		}
		done := asyncio.NewFuture[string]()
		go func() { // a goroutine that the loop does not run
			task := asyncio.RunThreadsafe(loop, func() (int, error) { return 6 * 7, asyncio.Sleep(0) })
			n, err := task.Await() // blocks this goroutine, and not the loop
			done.SetResult(fmt.Sprint(n, err))
		}()
		text, err := done.Await()
		fmt.Println(text)
		return struct{}{}, err
	})
	// Output: 42 <nil>
}

func Example_comingGenerator() {
	ticks := func(n int) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := range n {
				if !yield(i, asyncio.Sleep(10*time.Millisecond)) {
					return
				}
			}
		}
	}

	asyncio.Run(func() (struct{}, error) {
		for i, err := range ticks(3) {
			if err != nil {
				return struct{}{}, err
			}
			fmt.Println(i)
		}
		return struct{}{}, nil
	})
	// Output:
	// 0
	// 1
	// 2
}

func Example_comingEcho() {
	echo := func(r *asyncio.StreamReader, w *asyncio.StreamWriter) error {
		defer w.Close()
		for {
			line, err := r.ReadLine()
			if err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
			if err := w.Drain(); err != nil {
				return err
			}
		}
	}

	asyncio.Run(func() (struct{}, error) {
		server, err := asyncio.StartServer(echo, "tcp", "127.0.0.1:0")
		if err != nil {
			return struct{}{}, err
		}
		defer server.Close()
		r, w, err := asyncio.OpenConnection("tcp", server.Addr().String())
		if err != nil {
			return struct{}{}, err
		}
		defer w.Close()
		if _, err := w.Write([]byte("hello\n")); err != nil {
			return struct{}{}, err
		}
		line, err := r.ReadLine()
		fmt.Printf("%q\n", line)
		return struct{}{}, err
	})
	// Output: "hello\n"
}

func Example_comingClock() {
	reminded := 0
	remind := func() error {
		for {
			if err := asyncio.Sleep(24 * time.Hour); err != nil {
				return err
			}
			reminded++
		}
	}

	clock := asyncio.NewVirtualClock()
	_, err := asyncio.Run(func() (struct{}, error) {
		return asyncio.WaitFor(asyncio.Go(remind), 7*24*time.Hour-time.Second)
	}, asyncio.WithClock(clock))
	fmt.Println(reminded, err, clock.Now())
	// Output: 6 asyncio: timeout 167h59m59s
}
