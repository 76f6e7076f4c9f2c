package asyncio

import (
	"sync"
	"time"
)

// Clock is a loop's idea of time. All its methods are called by one goroutine of the loop at
// a time; a clock that several loops share has to expect several.
type Clock interface {
	// Now returns the time since some fixed moment. It never goes back.
	Now() time.Duration
	// Wait returns when it is time, or when there is something in wake, which it may take out. Too early
	// is harmless. A loop calls it when nothing is ready. If busy, then functions of
	// ToThread or network operations run, which will make something ready and send to wake then; else only
	// goroutines that the loop knows nothing of may.
	Wait(until time.Duration, busy bool, wake <-chan struct{})
}

// monotonic is the clock of loops that were given none. Inside testing/synctest it is the bubble's.
type monotonic struct {
	start time.Time
	timer *time.Timer // made by the first Wait, used again
}

func (c *monotonic) Now() time.Duration { return time.Since(c.start) }

func (c *monotonic) Wait(until time.Duration, _ bool, wake <-chan struct{}) {
	d := until - c.Now()
	if d <= 0 {
		return
	}
	if c.timer == nil {
		c.timer = time.NewTimer(d)
	} else {
		c.timer.Reset(d)
	}
	select {
	case <-wake:
		c.timer.Stop()
	case <-c.timer.C:
	}
}

// VirtualClock is a clock that stands still while anything is ready, and jumps to the next
// timer when nothing is: with it tests of hours take microseconds and run in one
// exact order. It does not jump while a ToThread function or a network operation of the loop runs,
// since those may make something ready. Other goroutines it knows nothing of.
//
// The zero value starts at 0. It may be shared by loops, each of which makes it jump.
type VirtualClock struct {
	lock sync.Mutex
	now  time.Duration
}

// NewVirtualClock returns a VirtualClock that starts at 0.
func NewVirtualClock() *VirtualClock { return new(VirtualClock) }

// Now returns how far the clock has jumped.
func (c *VirtualClock) Now() time.Duration {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.now
}

// Wait jumps to until, unless busy: then it waits for wake.
func (c *VirtualClock) Wait(until time.Duration, busy bool, wake <-chan struct{}) {
	if busy {
		<-wake
		return
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	c.now = max(c.now, until)
}
