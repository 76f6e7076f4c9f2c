package asyncio

import (
	"context"
	"sync/atomic"
	"time"
)

// observe calls look, once, on a goroutine of the loop, where what belongs to the loop may be read. If the loop
// does not run, or ctx ends before it is look's turn, look is not called; the errors are
// ErrLoopStopped and ctx's. A goroutine of another loop, which must not wait for this one, gets
// ErrOtherLoop.
func (l *EventLoop) observe(ctx context.Context, look func()) error {
	switch w := here(); {
	case w != nil && w.loop == l:
		look()
		return nil
	case w != nil:
		return ErrOtherLoop
	case !l.running.Load():
		return ErrLoopStopped
	}
	var taken atomic.Bool // by the loop, or by who gives up
	var looked bool
	done := make(chan struct{})
	if !l.post(letter{do: func() {
		if !taken.CompareAndSwap(false, true) {
			return
		}
		if here() != nil { // and not Close, which empties the inbox
			look()
			looked = true
		}
		close(done)
	}}) {
		return ErrLoopStopped
	}
	again := time.NewTicker(10 * time.Millisecond) // the loop does not tell when it stops
	defer again.Stop()
	for {
		var err error
		select {
		case <-done:
			if !looked {
				return ErrLoopStopped
			}
			return nil
		case <-ctx.Done():
			err = context.Cause(ctx)
		case <-again.C:
			if l.running.Load() {
				continue
			}
			err = ErrLoopStopped
		}
		if taken.CompareAndSwap(false, true) {
			return err
		}
		<-done
		if looked {
			return nil
		}
		return ErrLoopStopped
	}
}

// atRest calls look if the loop does not run, and keeps it from beginning meanwhile.
func (l *EventLoop) atRest(look func()) bool {
	l.rest.Lock()
	defer l.rest.Unlock()
	if l.running.Load() {
		return false
	}
	look()
	return true
}
