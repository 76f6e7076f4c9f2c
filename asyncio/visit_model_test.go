package asyncio

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// Random operations of many tasks, which are cancelled at random, against plain models. A virtual
// clock makes each run repeatable by its seed, and shows when nobody can go on.

// syncCrowd are tasks that work, and one who cancels them.
type syncCrowd struct {
	*testing.T
	*rand.Rand
	workers []*syncWorker
	// begun are the operations that have not returned yet, by what they wait for, in the order in
	// which they began.
	begun map[string][]*syncOp
	// nowait: there are operations that may be faster than those who were called, and change their order.
	nowait bool
	over   bool
}

type syncWorker struct {
	crowd *syncCrowd
	task  *Task[struct{}]
	op    *syncOp
}

type syncOp struct{ cancelled bool }

// syncModel runs, for some seeds, a number of workers, each of which calls work again and again. rest is called
// whenever nobody can go on.
func syncModel(t *testing.T, workers int,
	prepare func(c *syncCrowd) (work func(w *syncWorker), rest, end func())) {
	t.Helper()
	seeds := uint64(30)
	if raceEnabled {
		seeds = 6
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			onLoop(t, func(*EventLoop, *reportLog) {
				c := &syncCrowd{T: t, Rand: rand.New(rand.NewPCG(seed, 1)), begun: make(map[string][]*syncOp)}
				work, rest, end := prepare(c)
				for range workers {
					w := &syncWorker{crowd: c}
					w.task = Go(func() error {
						for !c.over {
							work(w)
						}
						return nil
					})
					c.workers = append(c.workers, w)
				}
				giveWay(t, 1)
				for range 300 {
					for range c.IntN(3) {
						c.workers[c.IntN(workers)].cancel()
					}
					// All others sleep for whole milliseconds.
					Sleep(time.Millisecond / 2)
					rest()
					if t.Failed() {
						break
					}
					Sleep(time.Millisecond / 2)
				}
				c.over = true
				for _, w := range c.workers {
					for !w.task.Done() {
						w.cancel()
						Sleep(time.Millisecond)
					}
					if err := w.task.Err(); err != nil && !errors.Is(err, ErrCancelled) { // C16
						t.Error(err)
					}
				}
				for name, begun := range c.begun {
					isSame(t, name+" in progress", len(begun), 0)
				}
				end()
			})
		})
	}
}

func (w *syncWorker) cancel() {
	if w.op != nil {
		w.op.cancelled = true
	}
	w.task.Cancel()
}

// sleep is now and then only giving way, or nothing.
func (w *syncWorker) sleep() {
	switch w.crowd.IntN(4) {
	case 0:
	case 1:
		Sleep(0)
	default:
		Sleep(time.Duration(w.crowd.IntN(4)) * time.Millisecond)
	}
}

// do calls f, which waits for what name says, and reports whether it was successful. It has to be cancelled
// exactly when it was cancelled, and who began before has to be served before.
func (w *syncWorker) do(name string, f func() error) bool {
	c := w.crowd
	op := new(syncOp)
	w.op = op
	c.begun[name] = append(c.begun[name], op)
	err := f()
	w.op = nil
	i := slices.Index(c.begun[name], op)
	if err == nil && !c.nowait {
		for _, earlier := range c.begun[name][:i] {
			if !earlier.cancelled {
				c.Errorf("%s: one that began earlier still waits", name)
			}
		}
	}
	c.begun[name] = slices.Delete(c.begun[name], i, i+1)
	if errors.Is(err, ErrCancelled) != op.cancelled || err != nil && !op.cancelled {
		c.Errorf("%s: cancelled %v, and got the error %v", name, op.cancelled, err)
	}
	return err == nil
}

// waiting returns how many wait for what name says.
func (c *syncCrowd) waiting(name string) int { return len(c.begun[name]) }

func (l *line) isEmpty(t *testing.T, name string) {
	t.Helper()
	if *l != (line{}) {
		t.Errorf("%s: the line is not empty: %+v", name, *l)
	}
}

func TestRandomLock(t *testing.T) {
	syncModel(t, 8, func(c *syncCrowd) (func(*syncWorker), func(), func()) {
		var l Lock
		held := 0
		work := func(w *syncWorker) {
			w.sleep()
			if !w.do("Acquire", l.Acquire) {
				return
			}
			if held++; held != 1 || !l.Locked() {
				c.Error(held, "hold it, locked:", l.Locked())
			}
			w.sleep()
			held--
			l.Release()
		}
		rest := func() {
			if held == 0 && c.waiting("Acquire") > 0 {
				c.Error("it is free, and somebody waits")
			}
		}
		return work, rest, func() {
			isSame(c.T, "locked", l.Locked(), false)
			l.line.isEmpty(c.T, "Acquire")
		}
	})
}

func TestRandomSemaphore(t *testing.T) {
	syncModel(t, 12, func(c *syncCrowd) (func(*syncWorker), func(), func()) {
		n := 1 + c.IntN(4)
		s := NewBoundedSemaphore(n)
		held := 0
		work := func(w *syncWorker) {
			w.sleep()
			if !w.do("Acquire", s.Acquire) {
				return
			}
			if held++; held > n {
				c.Error(held, "hold it, of", n)
			}
			w.sleep()
			held--
			s.Release()
		}
		rest := func() {
			isSame(c.T, "permits", s.permits, n-held)
			if held < n && c.waiting("Acquire") > 0 {
				c.Error("there is a permit, and somebody waits")
			}
		}
		return work, rest, func() {
			isSame(c.T, "permits", s.permits, n)
			s.line.isEmpty(c.T, "Acquire")
		}
	})
}

func TestRandomCondition(t *testing.T) {
	syncModel(t, 10, func(c *syncCrowd) (func(*syncWorker), func(), func()) {
		var cond Condition
		there, held := 0, 0
		enter := func() {
			if held++; held != 1 || !cond.Locked() {
				c.Error(held, "hold the lock, locked:", cond.Locked())
			}
		}
		work := func(w *syncWorker) {
			w.sleep()
			if !w.do("Acquire", cond.Acquire) {
				return
			}
			enter()
			defer func() { held--; cond.Release() }()
			if c.IntN(2) == 0 {
				n := 1 + c.IntN(3)
				there += n
				cond.Notify(n)
				w.sleep()
				return
			}
			for there == 0 {
				held--
				op := new(syncOp)
				w.op = op
				err := cond.Wait()
				w.op = nil
				enter()
				if errors.Is(err, ErrCancelled) != op.cancelled {
					c.Errorf("Wait: cancelled %v, and got the error %v", op.cancelled, err)
				}
				if err != nil {
					return
				}
			}
			there--
			w.sleep()
		}
		rest := func() {
			if held == 0 && (there > 0 && cond.line.waiting > 0 || c.waiting("Acquire") > 0) {
				c.Error("somebody waits who could go on")
			}
		}
		return work, rest, func() {
			isSame(c.T, "locked", cond.Locked(), false)
			cond.line.isEmpty(c.T, "Wait")
			cond.own.line.isEmpty(c.T, "Acquire")
		}
	})
}

func TestRandomBarrier(t *testing.T) {
	syncModel(t, 10, func(c *syncCrowd) (func(*syncWorker), func(), func()) {
		const parties = 4
		b := NewBarrier(parties)
		waiting := 0
		work := func(w *syncWorker) {
			w.sleep()
			op := new(syncOp)
			w.op = op
			waiting++
			i, err := b.Wait()
			waiting--
			w.op = nil
			if (err != nil) != op.cancelled || i < 0 || i >= parties {
				c.Errorf("Wait: %d, %v, cancelled %v", i, err, op.cancelled)
			}
		}
		rest := func() {
			isSame(c.T, "waiting", b.NWaiting(), waiting)
			if waiting >= parties {
				c.Error(waiting, "wait")
			}
		}
		return work, rest, func() { b.line.isEmpty(c.T, "Wait") }
	})
}

// syncAnyQueue is what the queues have in common.
type syncAnyQueue interface {
	Put(int) error
	Get() (int, error)
	PutNowait(int) error
	GetNowait() (int, error)
	Join() error
	TaskDone()
	Shutdown(...bool)
	QSize() int
	MaxSize() int
	Empty() bool
	Full() bool
}

// syncQueueKind is a queue, and what it does with a slice, where the next item stands first.
type syncQueueKind struct {
	name string
	make func(maxsize int) (q syncAnyQueue, getters, putters, joiners *line)
	put  func(items []int, item int) []int
}

var syncQueueKinds = []syncQueueKind{
	{"Queue", func(maxsize int) (syncAnyQueue, *line, *line, *line) {
		q := NewQueue[int](maxsize)
		return q, &q.getters, &q.putters, &q.joiners
	}, func(items []int, item int) []int {
		return append(items, item)
	}},
	{"LifoQueue", func(maxsize int) (syncAnyQueue, *line, *line, *line) {
		q := NewLifoQueue[int](maxsize)
		return q, &q.getters, &q.putters, &q.joiners
	}, func(items []int, item int) []int {
		return slices.Insert(items, 0, item)
	}},
	{"PriorityQueue", func(maxsize int) (syncAnyQueue, *line, *line, *line) {
		// Items are equal if only their last two digits differ.
		q := NewPriorityQueueFunc(maxsize, func(a, b int) int { return a/100 - b/100 })
		return q, &q.getters, &q.putters, &q.joiners
	}, func(items []int, item int) []int {
		i := slices.IndexFunc(items, func(other int) bool { return other/100 > item/100 })
		if i < 0 {
			i = len(items)
		}
		return slices.Insert(items, i, item)
	}},
}

func TestRandomQueue(t *testing.T) {
	for _, kind := range syncQueueKinds {
		t.Run(kind.name, func(t *testing.T) {
			syncModel(t, 12, func(c *syncCrowd) (func(*syncWorker), func(), func()) {
				return syncRandomQueue(c, kind)
			})
		})
	}
}

func syncRandomQueue(c *syncCrowd, kind syncQueueKind) (work func(w *syncWorker), rest, end func()) {
	c.nowait = c.IntN(2) == 0
	maxsize := c.IntN(5)
	q, getters, putters, joiners := kind.make(maxsize)
	var items []int
	unfinished := 0
	put := func(item int) {
		items = kind.put(items, item)
		unfinished++
	}
	got := func(item int) {
		if len(items) == 0 || items[0] != item {
			c.Errorf("got %d, of %v", item, items)
			return
		}
		items = items[1:]
	}
	full := func() bool { return maxsize > 0 && len(items) == maxsize }
	work = func(w *syncWorker) {
		w.sleep()
		item := c.IntN(1000)
		kinds := 8
		if c.nowait {
			kinds = 10
		}
		switch c.IntN(kinds) {
		case 0, 1, 2, 3:
			if w.do("Put", func() error { return q.Put(item) }) {
				put(item)
			}
		case 4, 5, 6, 7:
			if w.do("Get", func() (err error) { item, err = q.Get(); return err }) {
				got(item)
				w.sleep()
				if unfinished--; unfinished < 0 {
					c.Error("more is done than was put in")
				}
				q.TaskDone()
			}
		case 8:
			switch err := q.PutNowait(item); {
			case full():
				isErr(c.T, "PutNowait", err, ErrQueueFull)
			case err != nil:
				c.Errorf("PutNowait, with %v: %v", items, err)
			default:
				put(item)
			}
		case 9:
			switch item, err := q.GetNowait(); {
			case len(items) == 0:
				isErr(c.T, "GetNowait", err, ErrQueueEmpty)
			case err != nil:
				c.Errorf("GetNowait, with %v: %v", items, err)
			default:
				got(item)
				unfinished--
				q.TaskDone()
			}
		}
		isSame(c.T, "QSize", q.QSize(), len(items))
		isSame(c.T, "Empty", q.Empty(), len(items) == 0)
		isSame(c.T, "Full", q.Full(), full())
	}
	rest = func() {
		if c.waiting("Get") > 0 && len(items) > 0 {
			c.Errorf("there is %v, and somebody waits in Get", items)
		}
		if c.waiting("Put") > 0 && !full() {
			c.Errorf("there is only %v, and somebody waits in Put", items)
		}
	}
	end = func() {
		getters.isEmpty(c.T, "Get")
		putters.isEmpty(c.T, "Put")
		for !q.Empty() {
			item, _ := q.GetNowait()
			got(item)
			q.TaskDone()
		}
		isErr(c.T, "Join", q.Join(), nil)
		joiners.isEmpty(c.T, "Join")
	}
	return work, rest, end
}
