package asyncio

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
	"weak"
)

// syncQueues runs f for each kind of queue, on a loop.
func syncQueues(t *testing.T, f func(t *testing.T, make func(maxsize int) syncAnyQueue)) {
	for _, kind := range syncQueueKinds {
		t.Run(kind.name, func(t *testing.T) {
			onLoop(t, func(*EventLoop, *reportLog) {
				f(t, func(maxsize int) syncAnyQueue {
					q, _, _, _ := kind.make(maxsize)
					return q
				})
			})
		})
	}
}

func syncGot(t *testing.T, q syncAnyQueue, want ...int) {
	t.Helper()
	var got []int
	for {
		item, err := q.GetNowait()
		if err != nil {
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			return
		}
		got = append(got, item)
	}
}

func TestQueueOrder(t *testing.T) {
	q := NewQueue[int](0)
	for _, item := range []int{1, 3, 2} {
		isErr(t, "PutNowait", q.PutNowait(item), nil)
	}
	syncGot(t, q, 1, 3, 2)
}

func TestQueueZeroValue(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		var q Queue[string]
		isSame(t, "maxsize", q.MaxSize(), 0)
		isErr(t, "Join", q.Join(), nil)
		isErr(t, "Put", q.Put("x"), nil)
		item, err := q.Get()
		isErr(t, "Get", err, nil)
		isSame(t, "item", item, "x")
	})
}

func TestQueueSizes(t *testing.T) {
	syncQueues(t, func(t *testing.T, make func(int) syncAnyQueue) {
		q := make(2)
		check := func(size int) {
			t.Helper()
			isSame(t, "QSize", q.QSize(), size)
			isSame(t, "Empty", q.Empty(), size == 0)
			isSame(t, "Full", q.Full(), size == 2)
		}
		isSame(t, "MaxSize", q.MaxSize(), 2)
		_, err := q.GetNowait()
		isErr(t, "GetNowait", err, ErrQueueEmpty)
		check(0)
		isErr(t, "PutNowait", q.PutNowait(100), nil)
		check(1)
		isErr(t, "PutNowait", q.PutNowait(200), nil)
		check(2)
		isErr(t, "PutNowait", q.PutNowait(300), ErrQueueFull)
		check(2)
		_, err = q.GetNowait()
		isErr(t, "GetNowait", err, nil)
		check(1)

		q = make(-1)
		for range 1000 {
			isErr(t, "PutNowait", q.PutNowait(1), nil)
		}
		isSame(t, "Full", q.Full(), false)
	})
}

// Where nobody has to wait nothing is suspended, and so nothing is a point of cancellation.
func TestQueueAtOnce(t *testing.T) {
	syncQueues(t, func(t *testing.T, make func(int) syncAnyQueue) {
		q := make(1)
		syncAtOnce(t, "Join", q.Join)
		syncAtOnce(t, "Put", func() error { return q.Put(1) })
		syncAtOnce(t, "Get", func() error { _, err := q.Get(); return err })
		q.TaskDone()
		syncAtOnce(t, "Join", q.Join)
	})
}

func TestQueuePutWaitsForRoom(t *testing.T) {
	syncQueues(t, func(t *testing.T, make func(int) syncAnyQueue) {
		q := make(2)
		put := 0
		task := Go(func() error {
			for range 3 {
				if err := q.Put(1); err != nil {
					return err
				}
				put++
			}
			return nil
		})
		Sleep(time.Millisecond)
		isSame(t, "put", put, 2)
		_, err := q.GetNowait()
		isErr(t, "GetNowait", err, nil)
		isSame(t, "QSize", q.QSize(), 1)
		_, err = task.Await()
		isErr(t, "Put", err, nil)
		isSame(t, "QSize", q.QSize(), 2)
	})
}

// What is waited for is taken when the task goes on, not when it is woken: of what is there then,
// the next one.
func TestPriorityQueueGetsTheBestOfThen(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		q := NewPriorityQueue[int](0)
		task := CreateTask(q.Get)
		giveWay(t, 1)
		for _, item := range []int{5, 1, 3} {
			isErr(t, "Put", q.Put(item), nil)
		}
		item, err := task.Await()
		isErr(t, "Get", err, nil)
		isSame(t, "item", item, 1)
	})
}

// As in asyncio, the Nowait calls see what is in the queue, also if somebody was woken for it: who keeps only
// the latest item in a queue of size 1 relies on it.
func TestQueueNowaitIsFaster(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		q := NewQueue[int](1)
		first, second := CreateTask(q.Get), CreateTask(q.Get)
		giveWay(t, 1)
		isErr(t, "PutNowait", q.PutNowait(1), nil)
		isSame(t, "Full", q.Full(), true)
		item, err := q.GetNowait()
		isErr(t, "GetNowait", err, nil)
		isSame(t, "item", item, 1)
		giveWay(t, 2) // first was woken in vain
		isErr(t, "PutNowait", q.PutNowait(2), nil)
		item, err = first.Await()
		isErr(t, "Get", err, nil)
		isSame(t, "first", item, 2)
		isErr(t, "PutNowait", q.PutNowait(3), nil)
		item, err = second.Await()
		isErr(t, "Get", err, nil)
		isSame(t, "second", item, 3)

		isErr(t, "PutNowait", q.PutNowait(4), nil)
		put := Go(func() error { return q.Put(6) })
		giveWay(t, 1)
		syncGot(t, q, 4)
		isErr(t, "PutNowait", q.PutNowait(5), nil)
		giveWay(t, 2) // put was woken in vain
		isSame(t, "done", put.Done(), false)
		syncGot(t, q, 5)
		_, err = put.Await()
		isErr(t, "Put", err, nil)
		syncGot(t, q, 6)
		q.getters.isEmpty(t, "Get")
		q.putters.isEmpty(t, "Put")
	})
}

// A goroutine that was woken in vain waits on, too.
func TestQueueNowaitIsFasterThanGoroutine(t *testing.T) {
	q := NewQueue[int](0)
	got := make(chan int)
	go func() {
		item, err := q.Get()
		isErr(t, "Get", err, nil)
		got <- item
	}()
	syncWait{waiting: syncWaiting(&q.mutex, &q.getters)}.until(1)
	for i := range 1000 {
		// Both under one lock, so that the goroutine cannot go on between.
		q.mutex.Lock()
		isErr(t, "put", q.put(i), nil)
		_, err := q.get()
		isErr(t, "get", err, nil)
		q.mutex.Unlock()
	}
	isErr(t, "PutNowait", q.PutNowait(-1), nil)
	isSame(t, "item", <-got, -1)
}

func TestQueueJoin(t *testing.T) {
	syncQueues(t, func(t *testing.T, make func(int) syncAnyQueue) {
		q := make(0)
		sum := 0
		for i := range 100 {
			isErr(t, "PutNowait", q.PutNowait(i), nil)
		}
		var workers []*Task[struct{}]
		for range 2 {
			workers = append(workers, Go(func() error {
				for {
					item, err := q.Get()
					if err != nil {
						return err
					}
					giveWay(t, 1)
					sum += item
					q.TaskDone()
				}
			}))
		}
		isErr(t, "Join", q.Join(), nil)
		isSame(t, "sum", sum, 99*100/2)
		syncPanic(t, "TaskDone was called more often", q.TaskDone)

		// One who waits goes on when all is done, also if there is more to do when it does.
		isErr(t, "Put", q.Put(1), nil)
		joined := Go(q.Join)
		giveWay(t, 3)
		isErr(t, "PutNowait", q.PutNowait(1), nil)
		_, err := joined.Await()
		isErr(t, "Join", err, nil)

		q.Shutdown()
		for _, w := range workers {
			_, err := w.Await()
			isErr(t, "Get", err, ErrQueueShutDown)
		}
	})
}

func TestQueueShutdown(t *testing.T) {
	syncQueues(t, func(t *testing.T, make func(int) syncAnyQueue) {
		q := make(2)
		isErr(t, "Put", q.Put(100), nil)
		isErr(t, "Put", q.Put(100), nil)
		put := Go(func() error { return q.Put(100) })
		giveWay(t, 1)
		q.Shutdown()
		q.Shutdown(false)
		_, err := put.Await()
		isErr(t, "who waits in Put", err, ErrQueueShutDown)
		isErr(t, "Put", q.Put(1), ErrQueueShutDown)
		isErr(t, "PutNowait", q.PutNowait(1), ErrQueueShutDown)
		isSame(t, "QSize", q.QSize(), 2)
		_, err = q.Get()
		isErr(t, "Get of what is left", err, nil)
		_, err = q.GetNowait()
		isErr(t, "GetNowait of what is left", err, nil)
		_, err = q.Get()
		isErr(t, "Get", err, ErrQueueShutDown)
		_, err = q.GetNowait()
		isErr(t, "GetNowait", err, ErrQueueShutDown)
		q.TaskDone()
		joined := Go(q.Join)
		giveWay(t, 1)
		isSame(t, "joined", joined.Done(), false)
		q.TaskDone()
		_, err = joined.Await()
		isErr(t, "Join", err, nil)
	})
}

func TestQueueShutdownWakesGetters(t *testing.T) {
	syncQueues(t, func(t *testing.T, make func(int) syncAnyQueue) {
		for _, immediate := range []bool{false, true} {
			q := make(0)
			first, second := CreateTask(q.Get), CreateTask(q.Get)
			giveWay(t, 1)
			isErr(t, "PutNowait", q.PutNowait(100), nil)
			q.Shutdown(immediate)
			_, err := first.Await()
			if immediate {
				isErr(t, "who was woken for an item", err, ErrQueueShutDown)
			} else {
				isErr(t, "who was woken for an item", err, nil)
			}
			_, err = second.Await()
			isErr(t, "who waits", err, ErrQueueShutDown)
		}
	})
}

func TestQueueShutdownImmediately(t *testing.T) {
	syncQueues(t, func(t *testing.T, make func(int) syncAnyQueue) {
		q := make(2)
		for range 2 {
			isErr(t, "Put", q.Put(100), nil)
		}
		_, err := q.Get()
		isErr(t, "Get", err, nil)
		isErr(t, "Put", q.Put(100), nil)
		put, joined := Go(func() error { return q.Put(100) }), Go(q.Join)
		giveWay(t, 1)
		q.Shutdown(true)
		q.Shutdown(true)
		isSame(t, "QSize", q.QSize(), 0)
		_, err = put.Await()
		isErr(t, "who waits in Put", err, ErrQueueShutDown)
		_, err = q.Get()
		isErr(t, "Get", err, ErrQueueShutDown)
		isSame(t, "joined before the item that was taken is done", joined.Done(), false)
		q.TaskDone()
		_, err = joined.Await()
		isErr(t, "Join", err, nil)
		syncPanic(t, "TaskDone", q.TaskDone)
	})
}

// Shutdown(true) of items of which all were taken to be done counts none twice.
func TestQueueShutdownAfterTooEarlyTaskDone(t *testing.T) {
	q := NewQueue[int](0)
	isErr(t, "PutNowait", q.PutNowait(1), nil)
	q.TaskDone()
	q.Shutdown(true)
	isErr(t, "Join", q.Join(), nil)
	syncPanic(t, "TaskDone", q.TaskDone)
}

// Who waits is woken, cancelled and shut out in one step.
func TestQueueShutdownAndCancel(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		q := NewQueue[int](1)
		syncMust(q.Put(1))
		put := Go(func() error { return q.Put(2) })
		giveWay(t, 1)
		_, err := q.GetNowait()
		isErr(t, "GetNowait", err, nil)
		q.Shutdown()
		put.Cancel()
		_, err = put.Await()
		isErr(t, "Put", err, ErrCancelled)
		q.putters.isEmpty(t, "Put")
	})
}

// syncItem is an item that is too large to share memory with others.
type syncItem struct{ number [4]int }

type syncItemQueue interface {
	Put(*syncItem) error
	Get() (*syncItem, error)
	Shutdown(...bool)
}

func TestQueueHoldsNothingThatWasTaken(t *testing.T) {
	queues := map[string]func() syncItemQueue{
		"Queue":     func() syncItemQueue { return NewQueue[*syncItem](0) },
		"LifoQueue": func() syncItemQueue { return NewLifoQueue[*syncItem](0) },
		"PriorityQueue": func() syncItemQueue {
			return NewPriorityQueueFunc(0, func(a, b *syncItem) int { return a.number[0] - b.number[0] })
		},
	}
	ends := map[string]func(q syncItemQueue){
		"taken": func(q syncItemQueue) {
			for range 90 {
				_, err := q.Get()
				isErr(t, "Get", err, nil)
			}
		},
		"thrown away": func(q syncItemQueue) { q.Shutdown(true) },
	}
	for name, make := range queues {
		for how, end := range ends {
			t.Run(name+", "+how, func(t *testing.T) {
				q := make()
				var items []weak.Pointer[syncItem]
				for range 90 {
					item := &syncItem{[4]int{rand.IntN(50)}}
					items = append(items, weak.Make(item))
					isErr(t, "Put", q.Put(item), nil)
				}
				end(q)
				held := 0
				for range 10 {
					runtime.GC()
					held = 0
					for _, item := range items {
						if item.Value() != nil {
							held++
						}
					}
					if held == 0 {
						break
					}
				}
				isSame(t, "items held", held, 0)
				runtime.KeepAlive(q)
			})
		}
	}
}

// Producers and consumers on two loops and on goroutines: each item arrives once.
func TestQueueUnderLoad(t *testing.T) {
	for _, kind := range syncQueueKinds {
		t.Run(kind.name, func(t *testing.T) {
			const producers, each = 6, 300
			q, getters, putters, joiners := kind.make(3)
			var lock sync.Mutex
			counts := make(map[int]int)
			produce := func(n int) error {
				for i := range each {
					if err := q.Put(n*each + i); err != nil {
						return err
					}
				}
				return nil
			}
			consume := func() error {
				for {
					item, err := q.Get()
					if err != nil {
						return err
					}
					lock.Lock()
					counts[item]++
					lock.Unlock()
					q.TaskDone()
				}
			}
			var all, producing sync.WaitGroup
			all.Go(func() { isErr(t, "goroutine", consume(), ErrQueueShutDown) })
			for n := range 2 {
				producing.Go(func() { isErr(t, "goroutine", produce(n), nil) })
				producing.Add(1)
				all.Go(func() {
					_, err := Run(func() (int, error) {
						a, b := Go(func() error { return produce(2*n + 2) }), Go(func() error { return produce(2*n + 3) })
						c, victim := Go(consume), Go(consume)
						giveWay(t, 10)
						victim.Cancel()
						_, err := victim.Await()
						if !errors.Is(err, ErrQueueShutDown) {
							isErr(t, "cancelled", err, ErrCancelled)
						}
						for _, task := range []*Task[struct{}]{a, b} {
							_, err := task.Await()
							isErr(t, "Put", err, nil)
						}
						producing.Done()
						_, err = c.Await()
						isErr(t, "Get", err, ErrQueueShutDown)
						return 0, nil
					})
					isErr(t, "Run", err, nil)
				})
			}
			producing.Wait()
			isErr(t, "Join", q.Join(), nil)
			q.Shutdown()
			all.Wait()
			isSame(t, "items", len(counts), producers*each)
			for item, n := range counts {
				if n != 1 {
					t.Errorf("%d arrived %d times", item, n)
				}
			}
			getters.isEmpty(t, "Get")
			putters.isEmpty(t, "Put")
			joiners.isEmpty(t, "Join")
		})
	}
}
