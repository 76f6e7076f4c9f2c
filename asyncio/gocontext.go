package asyncio

import "context"

// Context returns a context.Context that is done when the running task is cancelled, with the
// *CancelledError as its cause, or ends: for functions that take one, called with [ToThread] as a rule. It is one and
// the same until the task is cancelled and all requests to cancel are taken back; the next one is
// new. Where no task runs it is context.Background.
//
// It carries no deadline and no values; the running goroutine has the variables. Tasks that never call it
// pay nothing.
func Context() context.Context {
	w := here()
	if w == nil || w.task == nil {
		return context.Background()
	}
	t := w.task
	if t.goContext == nil {
		r := t.own()
		r.goContext, r.stopContext = context.WithCancelCause(context.Background())
		if t.cancels > 0 {
			t.stop(t.cancelled())
		}
	}
	return t.goContext
}

// stop makes what Context has returned done.
func (t *task) stop(cause error) {
	t.stopContext(cause)
	t.stopContext = nil
}
