package asyncio

import (
	"fmt"
	"sync"
)

// Semaphore is a number of permits. Who waits first gets one first, and who comes while others are about to go
// on with theirs goes on after them. Any goroutine may use it, in a loop or not. The zero Semaphore has
// no permit until Release is called. It must not be copied after first use.
type Semaphore struct {
	mutex   sync.Mutex
	permits int // those included that somebody was called for and has not taken yet
	bound   int
	bounded bool
	line    line
}

// NewSemaphore returns a Semaphore with n permits. It panics if n is negative.
func NewSemaphore(n int) *Semaphore {
	checkPermits("NewSemaphore", n)
	return &Semaphore{permits: n}
}

// BoundedSemaphore is a Semaphore that never has more permits than it was made with: Release of one
// more panics, also where it is used as the Semaphore that it is. It is made by NewBoundedSemaphore.
type BoundedSemaphore struct{ Semaphore }

// NewBoundedSemaphore returns a BoundedSemaphore with n permits. It panics if n is negative.
func NewBoundedSemaphore(n int) *BoundedSemaphore {
	checkPermits("NewBoundedSemaphore", n)
	return &BoundedSemaphore{Semaphore{permits: n, bound: n, bounded: true}}
}

func checkPermits(call string, n int) {
	if n < 0 {
		panic(fmt.Sprintf("asyncio: %s was given %d permits; it takes 0 or more", call, n))
	}
}

// Acquire waits until there is a permit, and takes it. If there is one for the caller, Acquire does not
// suspend. The error is a *CancelledError if the task was cancelled while it waited; then it has not
// got a permit. In a callback of a loop it is ErrNotInTask, if Acquire would have to wait.
func (s *Semaphore) Acquire() error {
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

func (s *Semaphore) leave(v *visit) {
	s.line.leave(v)
	s.line.admit(s.permits)
}

// Release gives a permit back, or adds one.
func (s *Semaphore) Release() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.bounded && s.permits == s.bound {
		panic("asyncio: Release of a BoundedSemaphore that has all its permits; " +
			"call it once for each Acquire that returned nil")
	}
	s.permits++
	s.line.admit(s.permits)
}

// Locked reports whether Acquire would have to wait.
func (s *Semaphore) Locked() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.locked()
}

func (s *Semaphore) locked() bool { return s.permits == 0 || s.line.called > 0 }

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
