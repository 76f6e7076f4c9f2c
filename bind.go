package contextvars

import (
	"context"
	"time"

	"github.com/gocontextvars/contextvars/internal/callbacks"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// A plain go statement carries the context by itself. The functions in this
// file are for functions that are kept and called later or elsewhere, by
// goroutines that have a context of their own: pools, timers, queues,
// callbacks.

// Bind returns a function that calls f in a copy of the context as it is now, wherever
// it is called. Each call has a copy of its own: nothing that f sets is
// seen by the next call or by the caller, and any number of calls may run at once.
//
// The function keeps the values alive that it was bound to. A call costs two to three
// times a Set with Restore, and two allocations.
func Bind(f func()) func() {
	checkFunc(f == nil, "Bind")
	c := callbacks.Noted("Bind", current.Shared(), callbacks.NoTime)
	return func() { current.Do(c, f) }
}

// Bind1 is [Bind] for a function with an argument.
func Bind1[A any](f func(A)) func(A) {
	checkFunc(f == nil, "Bind1")
	c := callbacks.Noted("Bind1", current.Shared(), callbacks.NoTime)
	return func(a A) { current.Do(c, func() { f(a) }) }
}

// BindResult is [Bind] for a function with an argument and a result.
func BindResult[A, R any](f func(A) R) func(A) R {
	checkFunc(f == nil, "BindResult")
	c := callbacks.Noted("BindResult", current.Shared(), callbacks.NoTime)
	return func(a A) (r R) {
		current.Do(c, func() { r = f(a) })
		return r
	}
}

// Go starts f in a goroutine whose context is a copy of the current one, as a go
// statement does. In addition the goroutine holds on to that context from the start: it
// keeps it inside and after a pprof.Do with a foreign ctx, where a
// goroutine from a go statement that has set nothing loses it. That
// costs some 150 ns more.
func Go(f func()) {
	checkFunc(f == nil, "Go")
	current.Frame() // so that the slot has it, whatever pprof.Do has put there
	go func() {
		current.Mine()
		f()
	}()
}

// GoDetached starts f in a goroutine with an empty context, which holds on to
// nothing of its creator's: for goroutines that outlive what started them, such as
// workers that the first request starts. Profiler labels of
// the goroutine that are not from variables stay.
func GoDetached(f func()) {
	checkFunc(f == nil, "GoDetached")
	go func() {
		current.Detach()
		f()
	}()
}

// Detach calls f in an empty context: what f starts holds on to nothing of
// the caller's, and what f sets is gone afterwards.
func Detach(f func()) {
	checkFunc(f == nil, "Detach")
	current.Do(nil, f)
}

// Lend calls f in the current context, but lends it to goroutines that f starts:
// from the moment f ends they see nothing of it and keep nothing of it alive. It is
// for calls into code that starts goroutines of its own, lazily and for good, such as the
// connections of an http.Transport or of an sql.DB, while callbacks that f calls on this
// goroutine see its variables as ever.
//
// A goroutine with a lent context sees what the lender has at the time. If it sets
// a variable itself, it holds what it saw until that is restored, the last change
// first. Contexts that are entered inside f are not lent.
//
// While f runs, variables with the option [Label] are not among the goroutine's
// profiler labels, since those cannot be lent.
func Lend(f func()) {
	checkFunc(f == nil, "Lend")
	current.Lend(f)
}

// AfterFunc is time.AfterFunc with f bound to the current context: each firing, also
// after a Reset of the timer, runs in a fresh copy of the context as it was at
// this call. The context is kept alive as long as the Timer is reachable, stopped or
// not.
func AfterFunc(d time.Duration, f func()) *time.Timer {
	checkFunc(f == nil, "AfterFunc")
	c := callbacks.Noted("AfterFunc", current.Shared(), max(d, 0))
	return time.AfterFunc(d, func() { current.Do(c, f) })
}

// AfterDone is context.AfterFunc with f bound to the current context: when ctx is done, f
// runs in a goroutine of its own, in a copy of the context as it was at this call. It sees
// nothing of whoever cancels ctx, and holds nothing of theirs while it runs. The context is
// kept alive until f has run or stop has returned true, or else as long as ctx or stop is
// reachable.
//
// It costs three allocations more than context.AfterFunc.
func AfterDone(ctx context.Context, f func()) (stop func() bool) {
	if ctx == nil {
		panic("contextvars: AfterDone was given a nil context.Context; use context.Background()")
	}
	checkFunc(f == nil, "AfterDone")
	type job struct {
		content *frame.Frame
		f       func()
	}
	waiting := job{callbacks.Noted("AfterDone", current.Shared(), callbacks.NoTime), f}
	cancel := context.AfterFunc(ctx, func() {
		current.Detach() // the goroutine is new, and inherited from the canceller
		j := waiting
		waiting = job{} // whoever keeps stop holds no more than it
		current.Do(j.content, j.f)
	})
	return func() bool {
		stopped := cancel()
		if stopped { // then the function above is never called
			waiting = job{}
		}
		return stopped
	}
}
