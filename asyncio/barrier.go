package asyncio

import (
	"errors"
	"fmt"
	"sync"
)

// ErrBrokenBarrier is what Wait of a Barrier returns after Abort, and to those who wait at a Reset.
var ErrBrokenBarrier = errors.New("asyncio: the barrier is broken")

// Barrier lets tasks wait for each other: when as many wait as it has parties, all go on, and it
// can be used for the next round. Any goroutine may use it, in a loop or not. It is made by NewBarrier and must not be
// copied.
type Barrier struct {
	mutex   sync.Mutex
	parties int
	broken  bool
	line    line
}

// NewBarrier returns a Barrier. It panics if parties is less than 1.
func NewBarrier(parties int) *Barrier {
	if parties < 1 {
		panic(fmt.Sprintf("asyncio: NewBarrier was given %d parties; it takes 1 or more", parties))
	}
	return &Barrier{parties: parties}
}

// brokenAnswer is for those who wait when the barrier breaks.
const brokenAnswer = -1

// Wait waits until the barrier is full. It returns a number from 0 to parties-1, another one to each of the
// round, in the order in which they came; the last one does not suspend. A task that is
// cancelled while it waits gets a *CancelledError, and the barrier waits for another one in its place. The
// error is ErrBrokenBarrier if the barrier is broken, or is reset meanwhile; in a callback of a loop it is
// ErrNotInTask, if it would have to wait.
func (b *Barrier) Wait() (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.parties == 0 {
		panic("asyncio: Wait of a zero Barrier; use NewBarrier")
	}
	if b.broken {
		return 0, ErrBrokenBarrier
	}
	if b.line.waiting+1 == b.parties {
		for i := 0; b.line.waiting > 0; i++ {
			b.line.call(i)
		}
		return b.parties - 1, nil
	}
	v, err := b.line.join()
	if err != nil {
		return 0, err
	}
	defer b.line.leave(v)
	if err := v.wait(&b.mutex); err != nil {
		return 0, err
	}
	if v.answer == brokenAnswer {
		return 0, ErrBrokenBarrier
	}
	return v.answer, nil
}

// Reset makes the barrier as new. Those who wait get ErrBrokenBarrier.
func (b *Barrier) Reset() { b.breakUp(false) }

// Abort breaks the barrier: those who wait and those who come get ErrBrokenBarrier, until Reset.
func (b *Barrier) Abort() { b.breakUp(true) }

func (b *Barrier) breakUp(broken bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.broken = broken
	for b.line.waiting > 0 {
		b.line.call(brokenAnswer)
	}
}

// Parties returns how many the barrier waits for.
func (b *Barrier) Parties() int { return b.parties }

// NWaiting returns how many wait.
func (b *Barrier) NWaiting() int {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.line.waiting
}

// Broken reports whether Abort was called, and not Reset since.
func (b *Barrier) Broken() bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.broken
}
