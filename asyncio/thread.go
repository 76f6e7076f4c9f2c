package asyncio

import (
	"errors"
	"runtime/debug"
	"sync"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// ToThread calls f, which may block, on a goroutine of its own, and waits for its result while the loop goes
// on. f runs in a copy of the current context; what it sets does not come back (158). A panic in f becomes a
// *PanicError, runtime.Goexit ErrGoexit.
//
// If the waiting task is cancelled, ToThread returns a *CancelledError at once, but nothing can
// stop f, unless it heeds a [Context]. Its result is dropped then, but a panic goes to the
// exception handler. Run waits for f in any case; a virtual clock stands still meanwhile.
//
// Where no task runs the calling goroutine is blocked; in a callback the error is ErrNotInTask. It costs
// a goroutine and a letter to the loop.
func ToThread[T any](f func() (T, error)) (T, error) {
	checkFunc(f == nil, "ToThread")
	var value T
	j := new(job)
	call := func() (err error) {
		value, err = f()
		return err
	}
	w := here()
	switch {
	case w == nil:
		j.block(call)
	case w.task == nil:
		return value, ErrNotInTask
	default:
		if err := j.suspend(w.task, call); err != nil {
			var none T // f may be about to set value
			return none, err
		}
	}
	return value, j.err
}

// job is the call of a function on a goroutine of its own.
type job struct {
	err error

	// What follows belongs to the loop.

	waits    *task // nil: nobody, any more
	returned bool
	content  *frame.Frame // of who has given up
}

func (j *job) do(f func() error) {
	j.err = ErrGoexit // if nothing else is said
	defer func() {
		if p := recover(); p != nil {
			j.err = &PanicError{p, debug.Stack()}
		}
	}()
	j.err = f()
}

func (j *job) block(f func() error) {
	done := make(chan struct{})
	contextvars.Go(func() {
		defer close(done)
		j.do(f)
	})
	<-done
}

// suspend suspends t until f has returned. The error is a *CancelledError if t was cancelled.
func (j *job) suspend(t *task, f func() error) error {
	l := t.loop
	j.waits = t
	l.operations++
	l.aside.Add(1)
	contextvars.Go(func() {
		defer l.aside.Done()
		defer j.send(l)
		j.do(f)
	})
	taken := false
	defer func() {
		if j.waits = nil; !taken {
			j.content = current.Shared()
			j.drop(l)
		}
	}()
	err := t.park(nil)
	taken = err == nil
	return err
}

// send tells the loop that the function has returned.
func (j *job) send(l *EventLoop) {
	sent := l.post(letter{do: func() {
		l.operations--
		if j.returned = true; j.waits != nil {
			j.waits.wake()
		} else {
			j.drop(l)
		}
	}})
	if !sent && j.panicked() {
		lastReports.Lock()
		defer lastReports.Unlock()
		j.failure(l).report()
	}
}

// lastReports is held while a loop that is being closed is told of panics, since it has no goroutine for
// that any more.
var lastReports sync.Mutex

// drop is called when the function has returned, and when nobody waits for it any more. With both it has a
// panic reported.
func (j *job) drop(l *EventLoop) {
	if j.returned && j.panicked() {
		r := j.failure(l)
		l.failures.keep(r) // if the loop does not come to the callback, Close reports it
		l.schedule(j.content, r.reportOnce)
	}
}

func (j *job) panicked() bool {
	_, panicked := errors.AsType[*PanicError](j.err)
	return panicked
}

func (j *job) failure(l *EventLoop) *failure {
	return &failure{
		loop: l, about: "a function of ToThread, whose task was cancelled meanwhile,", err: j.err, content: j.content,
	}
}
