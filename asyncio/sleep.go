package asyncio

import (
	"math"
	"time"
)

// NoTimeout is a duration that never ends, where Python has None.
const NoTimeout time.Duration = math.MaxInt64

// Sleep suspends the running task for d, on the loop's clock. With d of 0 or less it gives way once:
// all that is ready goes on first. The error is a *CancelledError if the task was cancelled meanwhile. In a
// callback of the loop it returns ErrNotInTask at once; elsewhere it is time.Sleep.
func Sleep(d time.Duration) error {
	w := here()
	switch {
	case w == nil:
		time.Sleep(d)
		return nil
	case w.task == nil:
		return ErrNotInTask
	}
	if d <= 0 {
		w.loop.ready.push(entry{task: w.task})
		return w.task.suspend(nil, scheduled)
	}
	return w.task.sleepFor(d)
}

func (t *task) sleepFor(d time.Duration) error {
	l := t.loop
	when := l.in(d)
	if l.grace.begun && when > l.grace.end {
		t.unwind()
	}
	l.timers.add(&t.sleep, when)
	defer l.timers.remove(&t.sleep)
	return t.park(nil)
}
