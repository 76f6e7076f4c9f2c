package asyncio

import (
	"context"
	"runtime/debug"
	"sync"

	"github.com/gocontextvars/contextvars/internal/current"
)

// beside calls f on a goroutine of its own, and then done with the error. A panic in f is a *PanicError,
// runtime.Goexit ErrGoexit. The goroutine has an empty context: it outlives the call that starts it, and must
// not hold what that has set. l, which may be nil, waits for it when it is closed.
func beside(l *EventLoop, f func() error, done func(error)) {
	run := func() {
		current.Detach()
		err := ErrGoexit
		defer func() {
			if p := recover(); p != nil {
				err = &PanicError{p, debug.Stack()}
			}
			done(err)
		}()
		err = f()
	}
	if l != nil {
		l.aside.Go(run)
	} else {
		go run()
	}
}

// stayBusy is line.stay for what happens outside of the loop: a virtual clock stands still meanwhile.
func (l *line) stayBusy(mutex *sync.Mutex) error {
	if w := here(); w != nil {
		w.loop.operations++
		defer func() { w.loop.operations-- }()
	}
	return l.stay(mutex)
}

// operation is a call of a function that blocks, beside the loop, while a task waits for it.
type operation[T any] struct {
	mutex     sync.Mutex
	line      line
	done      bool
	abandoned bool // nobody waits any more
	value     T
	err       error
	drop      func(T)
}

// operate calls f beside the running task's loop and waits for its result. If the task is cancelled or
// unwound meanwhile, then f's context is done, nobody waits for f any more, and drop is called with
// what it may return all the same. Where no loop runs, f is simply called; in a callback the error is
// ErrNotInTask.
func operate[T any](f func(context.Context) (T, error), drop func(T)) (T, error) {
	var none T
	w := here()
	switch {
	case w == nil:
		return f(context.Background())
	case w.task == nil:
		return none, ErrNotInTask
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o := &operation[T]{drop: drop}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	defer o.abandon()
	beside(w.loop, func() (err error) {
		o.value, err = f(ctx)
		return err
	}, o.finish)
	for !o.done {
		if err := o.line.stayBusy(&o.mutex); err != nil {
			return none, err
		}
	}
	o.drop = nil
	return o.value, o.err
}

// finish says that the function has returned.
func (o *operation[T]) finish(err error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.done, o.err = true, err
	if o.abandoned {
		o.dispose()
	}
	o.line.callAll()
}

// abandon says that nobody waits any more.
func (o *operation[T]) abandon() {
	if o.abandoned = true; o.done {
		o.dispose()
	}
}

// dispose drops a result that nobody has taken.
func (o *operation[T]) dispose() {
	if o.drop != nil && o.err == nil {
		o.drop(o.value)
	}
}
