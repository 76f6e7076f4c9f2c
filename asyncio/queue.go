package asyncio

import (
	"math"
	"sync"
)

// Queue hands items from those who put to those who get, first in first out. Who waits first is served first.
// Any goroutine may use it: tasks are suspended while they wait, also those of several loops; goroutines that no
// loop runs block; callbacks have PutNowait and GetNowait.
//
// The zero Queue is empty and holds any number of items. It must not be copied after first use. It holds no
// item that was taken out. An operation costs no allocation, apart from room for more items and the first
// wait of a task.
type Queue[T any] struct {
	queue[T, fifo[T], *fifo[T]]
}

// NewQueue returns an empty Queue, which holds at most maxsize items, or any number if that is 0 or less.
func NewQueue[T any](maxsize int) *Queue[T] {
	q := new(Queue[T])
	q.maxsize = maxsize
	return q
}

// queue is what the three kinds of queues have in common. They differ in S, which holds the items.
type queue[T, S any, P store[T, S]] struct {
	mutex            sync.Mutex
	maxsize          int
	shut             bool
	unfinished       int
	getters, putters line
	joiners          line
	store            S
}

// store holds the items of a queue, and knows which one is next.
type store[T, S any] interface {
	*S
	size() int
	push(item T)
	pop() T // there is one
}

// Put puts an item in. While the queue is full it waits. The error is a *CancelledError if the task was
// cancelled while it waited, ErrQueueShutDown after Shutdown, also one while it waited, and ErrNotInTask if it
// would have to wait in a callback of a loop; then the item is not in. Where there is room Put does not
// suspend.
func (q *queue[T, S, P]) Put(item T) error {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if (q.room() == 0 || q.putters.called > 0) && !q.shut {
		v, err := q.putters.join()
		if err != nil {
			return err
		}
		defer q.leave(&q.putters, v)
		q.admit()
		for {
			if err := v.wait(&q.mutex); err != nil {
				return err
			}
			if q.room() > 0 || q.shut {
				break
			}
			q.putters.again(v) // somebody's PutNowait was faster
		}
	}
	return q.put(item)
}

// PutNowait puts an item in without waiting. If the queue is full the error is ErrQueueFull, after Shutdown it is
// ErrQueueShutDown. It may be faster than a Put that has waited and is just about to go on: that
// waits on, where it stood.
func (q *queue[T, S, P]) PutNowait(item T) error {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return q.put(item)
}

func (q *queue[T, S, P]) put(item T) error {
	if q.shut {
		return ErrQueueShutDown
	}
	if q.room() == 0 {
		return ErrQueueFull
	}
	P(&q.store).push(item)
	q.unfinished++
	q.getters.admit(q.size())
	return nil
}

// Get takes the next item out. While the queue is empty it waits. The error is a *CancelledError if the task was
// cancelled while it waited, ErrQueueShutDown if the queue is empty after Shutdown, and ErrNotInTask if it
// would have to wait in a callback of a loop. Where there is an item for the caller Get does
// not suspend.
func (q *queue[T, S, P]) Get() (T, error) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if (q.size() == 0 || q.getters.called > 0) && !q.shut {
		var none T
		v, err := q.getters.join()
		if err != nil {
			return none, err
		}
		defer q.leave(&q.getters, v)
		q.admit()
		for {
			if err := v.wait(&q.mutex); err != nil {
				return none, err
			}
			if q.size() > 0 || q.shut {
				break
			}
			q.getters.again(v) // somebody's GetNowait was faster
		}
	}
	return q.get()
}

// GetNowait takes the next item out without waiting. If the queue is empty the error is ErrQueueEmpty, after
// Shutdown it is ErrQueueShutDown. It may be faster than a Get that has waited and is just about to go
// on: that waits on, where it stood.
func (q *queue[T, S, P]) GetNowait() (T, error) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return q.get()
}

func (q *queue[T, S, P]) get() (item T, err error) {
	if q.size() > 0 {
		item = P(&q.store).pop()
		q.putters.admit(q.room())
		return item, nil
	}
	if q.shut {
		return item, ErrQueueShutDown
	}
	return item, ErrQueueEmpty
}

func (q *queue[T, S, P]) leave(l *line, v *visit) {
	l.leave(v)
	q.admit()
}

// admit calls those who wait and need not any more.
func (q *queue[T, S, P]) admit() {
	q.getters.admit(q.size())
	q.putters.admit(q.room())
}

func (q *queue[T, S, P]) size() int { return P(&q.store).size() }

func (q *queue[T, S, P]) room() int {
	if q.maxsize <= 0 {
		return math.MaxInt
	}
	return q.maxsize - q.size()
}

// TaskDone says that an item that was taken out has been dealt with: see Join. More often than items were put
// in it panics.
func (q *queue[T, S, P]) TaskDone() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.unfinished == 0 {
		panic("asyncio: TaskDone was called more often than items were put in; call it once for each item that was taken out")
	}
	q.done(1)
}

func (q *queue[T, S, P]) done(n int) {
	if q.unfinished -= n; q.unfinished == 0 {
		q.joiners.callAll()
	}
}

// Join waits until TaskDone was called for each item that was put in. The error is a *CancelledError if the task
// was cancelled while it waited, and ErrNotInTask if it would have to wait in a callback of a loop.
func (q *queue[T, S, P]) Join() error {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.unfinished == 0 {
		return nil
	}
	return q.joiners.stay(&q.mutex)
}

// Shutdown has every Put return ErrQueueShutDown from now on, also those that wait, and every Get once the queue is
// empty. With Shutdown(true) it is emptied, and the items count as dealt with. More than once is
// harmless.
func (q *queue[T, S, P]) Shutdown(immediate ...bool) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.shut = true
	q.getters.callAll()
	q.putters.callAll()
	if len(immediate) > 0 && immediate[0] {
		n := min(q.size(), q.unfinished)
		var none S
		q.store = none
		q.done(n)
	}
}

// QSize returns the number of items in the queue, those included that somebody is about to go on with.
func (q *queue[T, S, P]) QSize() int {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return q.size()
}

// MaxSize returns how many items the queue holds at most; 0 or less: any number.
func (q *queue[T, S, P]) MaxSize() int { return q.maxsize }

// Empty reports whether there is no item in the queue.
func (q *queue[T, S, P]) Empty() bool { return q.QSize() == 0 }

// Full reports whether there are MaxSize items in the queue.
func (q *queue[T, S, P]) Full() bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	return q.room() == 0
}
