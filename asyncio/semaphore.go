package asyncio

import (
	"fmt"
	"math"
	"sync"
)

// Semaphore is a number of permits. Who waits first gets one first, and who comes while others are about to go
// on with theirs goes on after them. Any goroutine may use it, in a loop or not. The zero Semaphore has
// no permit until Release is called. It must not be copied after first use.
type Semaphore struct{ semaphore }

// NewSemaphore returns a Semaphore with n permits. It panics if n is negative.
func NewSemaphore(n int) *Semaphore {
	checkPermits("NewSemaphore", n)
	return &Semaphore{semaphore{permits: n}}
}

// Release gives a permit back, or adds one.
func (s *Semaphore) Release() { s.release(math.MaxInt) }

// With calls f with a permit, as Python's async with does. It returns the error of Acquire, and then has not
// called f, or else that of f. The permit is released also if f panics or calls runtime.Goexit.
func (s *Semaphore) With(f func() error) error {
	checkFunc(f == nil, "Semaphore.With")
	if err := s.Acquire(); err != nil {
		return err
	}
	defer s.Release()
	return f()
}

// BoundedSemaphore is a Semaphore that never has more permits than at first. The zero BoundedSemaphore
// has none for ever.
type BoundedSemaphore struct {
	semaphore
	bound int
}

// NewBoundedSemaphore returns a BoundedSemaphore with n permits. It panics if n is negative.
func NewBoundedSemaphore(n int) *BoundedSemaphore {
	checkPermits("NewBoundedSemaphore", n)
	return &BoundedSemaphore{semaphore{permits: n}, n}
}

// Release gives a permit back. If all are there, it panics.
func (s *BoundedSemaphore) Release() { s.release(s.bound) }

// With is [Semaphore.With].
func (s *BoundedSemaphore) With(f func() error) error {
	checkFunc(f == nil, "BoundedSemaphore.With")
	if err := s.Acquire(); err != nil {
		return err
	}
	defer s.Release()
	return f()
}

func checkPermits(call string, n int) {
	if n < 0 {
		panic(fmt.Sprintf("asyncio: %s was given %d permits; it takes 0 or more", call, n))
	}
}

type semaphore struct {
	mutex   sync.Mutex
	permits int // those included that somebody was called for and has not taken yet
	line    line
}

// Acquire waits until there is a permit, and takes it. If there is one for the caller, Acquire does not
// suspend. The error is a *CancelledError if the task was cancelled while it waited; then it has not
// got a permit. In a callback of a loop it is ErrNotInTask, if it would have to wait.
func (s *semaphore) Acquire() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.locked() {
		v, err := s.line.join()
		if err != nil {
			return err
		}
		defer s.leave(v)
		s.line.admit(s.permits)
		if err := v.wait(&s.mutex); err != nil {
			return err
		}
	}
	s.permits--
	return nil
}

func (s *semaphore) leave(v *visit) {
	s.line.leave(v)
	s.line.admit(s.permits)
}

func (s *semaphore) release(bound int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.permits >= bound {
		panic("asyncio: Release of a semaphore that has all its permits; call it once for each Acquire that returned nil")
	}
	s.permits++
	s.line.admit(s.permits)
}

// Locked reports whether Acquire would have to wait.
func (s *semaphore) Locked() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.locked()
}

func (s *semaphore) locked() bool { return s.permits == 0 || s.line.called > 0 }
