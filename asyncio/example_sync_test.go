package asyncio_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/gocontextvars/contextvars/asyncio"
)

// Between two waits tasks need no lock. This is for what must not be disturbed over a wait.
func ExampleLock() {
	asyncio.Run(func() (struct{}, error) {
		var lock asyncio.Lock
		balance := 100
		withdraw := func(amount int) (bool, error) {
			done := false
			err := lock.With(func() error {
				if balance < amount {
					return nil
				}
				err := asyncio.Sleep(time.Millisecond) // ask the bank
				balance -= amount
				done = true
				return err
			})
			return done, err
		}
		a := asyncio.CreateTask(func() (bool, error) { return withdraw(80) })
		b := asyncio.CreateTask(func() (bool, error) { return withdraw(80) })
		fmt.Println(a.Await())
		fmt.Println(b.Await())
		fmt.Println(balance)
		return struct{}{}, nil
	})
	// Output:
	// true <nil>
	// false <nil>
	// 20
}

func ExampleEvent() {
	asyncio.Run(func() (struct{}, error) {
		var ready asyncio.Event
		worker := asyncio.Go(func() error {
			if err := ready.Wait(); err != nil {
				return err
			}
			fmt.Println("ready")
			return nil
		})
		asyncio.Sleep(time.Millisecond)
		fmt.Println("set")
		ready.Set()
		return worker.Await()
	})
	// Output:
	// set
	// ready
}

func ExampleCondition() {
	asyncio.Run(func() (struct{}, error) {
		var changed asyncio.Condition
		stock := 0
		customer := asyncio.Go(func() error {
			return changed.With(func() error {
				if err := changed.WaitFor(func() bool { return stock >= 3 }); err != nil {
					return err
				}
				stock -= 3
				fmt.Println("took 3, left:", stock)
				return nil
			})
		})
		for range 4 {
			asyncio.Sleep(time.Millisecond)
			changed.With(func() error {
				stock++
				changed.NotifyAll()
				return nil
			})
		}
		return customer.Await()
	})
	// Output:
	// took 3, left: 0
}

// Of ten tasks never more than three run their inner part.
func ExampleSemaphore() {
	asyncio.Run(func() (struct{}, error) {
		three := asyncio.NewSemaphore(3)
		now, most := 0, 0
		var tasks []*asyncio.Task[struct{}]
		for range 10 {
			tasks = append(tasks, asyncio.Go(func() error {
				return three.With(func() error {
					now++
					most = max(most, now)
					err := asyncio.Sleep(time.Millisecond)
					now--
					return err
				})
			}))
		}
		for _, t := range tasks {
			t.Await()
		}
		fmt.Println("at most", most)
		return struct{}{}, nil
	})
	// Output:
	// at most 3
}

func ExampleBarrier() {
	asyncio.Run(func() (struct{}, error) {
		const players = 3
		b := asyncio.NewBarrier(players)
		var tasks []*asyncio.Task[struct{}]
		for i := range players {
			tasks = append(tasks, asyncio.Go(func() error {
				asyncio.Sleep(time.Duration(i) * time.Millisecond)
				fmt.Println("player", i, "is there")
				n, err := b.Wait()
				if n == players-1 {
					fmt.Println("all are")
				}
				return err
			}))
		}
		for _, t := range tasks {
			t.Await()
		}
		return struct{}{}, nil
	})
	// Output:
	// player 0 is there
	// player 1 is there
	// player 2 is there
	// all are
}

// What another goroutine does and a task waits for.
func ExampleEvent_goroutine() {
	asyncio.Run(func() (struct{}, error) {
		var done asyncio.Event
		go func() {
			time.Sleep(time.Millisecond) // blocking work, not on the loop
			done.Set()
		}()
		err := done.Wait() // other tasks go on
		fmt.Println(err)
		return struct{}{}, nil
	})
	// Output:
	// <nil>
}

// A callback of the loop must not wait.
func ExampleLock_callback() {
	asyncio.Run(func() (struct{}, error) {
		var lock asyncio.Lock
		loop, _ := asyncio.RunningLoop()
		lock.Acquire()
		loop.CallSoon(func() {
			err := lock.Acquire()
			fmt.Println(errors.Is(err, asyncio.ErrNotInTask))
		})
		return struct{}{}, asyncio.Sleep(0)
	})
	// Output:
	// true
}
