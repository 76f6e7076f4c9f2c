package asyncio

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// observe calls look, once, on a goroutine of the loop, where what belongs to the loop may be read. If it cannot,
// the error is ErrLoopStopped where the loop does not run, ErrLoopClosed where it is being closed, and
// ctx's where that has ended before it is look's turn. A goroutine of another loop, which must not wait for this
// one, gets ErrOtherLoop.
func (l *EventLoop) observe(ctx context.Context, look func()) error {
	switch {
	case l.crew.find(slot.ID()) != nil:
		look()
		return nil
	case here() != nil:
		return ErrOtherLoop
	case !l.running.Load():
		return ErrLoopStopped
	case ctx.Err() != nil:
		return context.Cause(ctx) // a loop that is held up would only gather letters
	}
	var taken atomic.Bool // by the loop, or by who gives up
	var looked bool
	done := make(chan struct{})
	if !l.post(letter{do: func() {
		if !taken.CompareAndSwap(false, true) {
			return
		}
		if l.crew.find(slot.ID()) != nil { // and not Close, which empties the inbox
			look()
			looked = true
		}
		close(done)
	}}) {
		return ErrLoopClosed
	}
	answer := func() error {
		<-done
		if !looked {
			return ErrLoopClosed
		}
		return nil
	}
	again := time.NewTicker(10 * time.Millisecond) // the loop does not tell when it stops
	defer again.Stop()
	for {
		var err error
		select {
		case <-done:
			return answer()
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
		return answer()
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
