package asyncio

import (
	"slices"
	"sync"
)

// Lock is a lock that may be held over waits: who waits for it is suspended, and the loop goes on. Between two
// waits tasks of one loop need none. The lock belongs to nobody: anybody may release it.
//
// Who waits first gets it first. Tasks of several loops may share it, and goroutines that no loop
// runs, which block. The zero Lock is unlocked. It must not be copied after first use.
type Lock struct {
	mutex  sync.Mutex
	locked bool
	line   line
	// excused are tasks that Goexit has ended where they waited to get the lock back: the Release
	// that they have deferred is not for them to do.
	excused []uint64
}

// NewLock returns an unlocked Lock.
func NewLock() *Lock { return new(Lock) }

// Acquire waits until the lock is free, and locks it. If it is free, Acquire does not suspend. The
// error is a *CancelledError if the task was cancelled while it waited; then it has not got the lock. In a
// callback of a loop it is ErrNotInTask, unless the lock is free.
func (l *Lock) Acquire() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.acquire()
}

func (l *Lock) acquire() error {
	if l.locked || l.line.called > 0 {
		v, err := l.line.join()
		if err != nil {
			return err
		}
		defer l.leave(v)
		if err := v.wait(&l.mutex); err != nil {
			return err
		}
	}
	l.locked = true
	return nil
}

func (l *Lock) leave(v *visit) {
	l.line.leave(v)
	l.admit()
}

func (l *Lock) admit() {
	if !l.locked {
		l.line.admit(1)
	}
}

// Release unlocks the lock; the one who has waited longest goes on with it soon. If nobody holds
// the lock, Release panics.
func (l *Lock) Release() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.excused) > 0 && l.excuse() {
		return
	}
	if !l.locked {
		panic("asyncio: Release of a Lock that nobody holds; call it once for each Acquire that returned nil")
	}
	l.locked = false
	l.admit()
}

// Locked reports whether somebody holds the lock.
func (l *Lock) Locked() bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.locked
}

// With calls f with the lock held, as Python's async with does. It returns the error of Acquire, and then
// has not called f, or else that of f. The lock is released also if f panics or calls runtime.Goexit.
func (l *Lock) With(f func() error) error {
	checkFunc(f == nil, "Lock.With")
	if err := l.Acquire(); err != nil {
		return err
	}
	defer l.Release()
	return f()
}

// reclaim is for a task that is ended by Goexit without the lock, where its deferred functions count
// on having it: it gets the lock if that is free, and else its Release is excused.
func (l *Lock) reclaim(t *task) {
	if !l.locked && l.line.called == 0 {
		l.locked = true
		return
	}
	l.excused = append(l.excused, t.number)
}

func (l *Lock) excuse() bool {
	w := here()
	if w == nil || w.task == nil {
		return false
	}
	i := slices.Index(l.excused, w.task.number)
	if i < 0 {
		return false
	}
	l.excused = slices.Delete(l.excused, i, i+1)
	return true
}
