package asyncio

import "time"

// WaitFor waits until t is done, but for d at most: then it cancels t, waits until it has ended, and
// returns ErrTimeout; or t's result, if t did not end by being cancelled (C13). With d of 0
// or less that is at once, unless t is done already; a task that has not begun never will.
//
// If the waiting task is cancelled, then so is t, as with Await: pass Shield's to keep it. WaitFor runs in
// the waiting task (148). Else it is as [Gather].
func WaitFor[T any](t AwaitableOf[T], d time.Duration) (value T, err error) {
	f := collect("WaitFor", []AwaitableOf[T]{t})[0]
	w := here()
	switch {
	case f.Done():
	case w == nil:
		err = f.loop.assist(func() error { value, err = WaitFor(t, d); return err })
		return value, err
	case w.task == nil:
		return value, ErrNotInTask
	case d > 0:
		err = Timeout(d, func() error { value, err = t.Await(); return err })
		return value, err
	case w.loop != f.loop:
		return value, ErrOtherLoop
	case (&ring{t: w.task}).closedBy(f):
		return value, ErrAwaitCycle
	default:
		f.self.cancel("")
		s := several{futures: []*future{f}}
		if err := s.wait(NoTimeout); err != nil {
			return value, err
		}
		if f.Cancelled() {
			return value, ErrTimeout
		}
	}
	return t.Result()
}
