package asyncio

import (
	"context"
	"fmt"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

// realWorld is a loop.
type realWorld struct {
	e    *execution
	l    *EventLoop
	vars [modelVars]*contextvars.ContextVar[string]
}

func runOnLoop(t *testing.T, program []step, lent bool) []string {
	l := NewEventLoop()
	l.clock = NewVirtualClock()
	w := &realWorld{l: l}
	e := &execution{world: w}
	w.e = e
	l.SetExceptionHandler(func(_ *EventLoop, c ErrorContext) {
		if c.Handle != nil {
			e.trace = append(e.trace, fmt.Sprintf("%v %q reported: %s", l.Time(), ctxValues(w), outcomeOf(c.Err)))
		}
	})
	for v := range w.vars {
		w.vars[v] = contextvars.New[string](fmt.Sprint("v", v))
	}
	for range 3 {
		e.places = append(e.places, contextvars.NewContext())
	}
	main := e.main(program)
	run := func() {
		_, err := RunUntilComplete(l, func() (int, error) { return 0, errorOf(main()) })
		isErr(t, "RunUntilComplete", err, nil)
	}
	if lent {
		w.run(e.places[0], run)
	} else {
		run()
	}
	for v := range w.vars {
		e.trace = append(e.trace, fmt.Sprint("afterwards ", w.get(v)))
	}
	for i, c := range e.places {
		for v := range w.vars {
			value, ok := w.vars[v].In(c.(*contextvars.Context))
			e.trace = append(e.trace, fmt.Sprint("context ", i, " has ", v, " ", value, ok))
		}
	}
	e.trace = append(e.trace, fmt.Sprint(len(l.AllTasks()), " tasks are left"))
	trace := e.trace
	l.SetExceptionHandler(func(*EventLoop, ErrorContext) {})
	isErr(t, "Close", l.Close(), nil)
	for i, c := range e.places {
		if !w.run(c, func() {}) {
			t.Errorf("context %d was not left", i)
		}
	}
	return trace
}

func ctxValues(w *realWorld) (values []string) {
	for v := range w.vars {
		values = append(values, w.get(v))
	}
	return values
}

func (w *realWorld) now() time.Duration { return w.l.Time() }

func (w *realWorld) get(v int) string { return w.vars[v].GetOr("-") }

func (w *realWorld) set(v int, value string) (restore func() bool) {
	return w.vars[v].Set(value).Restore
}
func (w *realWorld) unset(v int) (restore func() bool) { return w.vars[v].Unset().Restore }

func (w *realWorld) copyContext() place { return contextvars.CopyContext() }

func (w *realWorld) run(c place, f func()) (entered bool) {
	defer func() {
		if entered {
			return
		}
		switch p := recover().(type) {
		case nil:
		case *contextvars.ReentryError:
		default:
			panic(p)
		}
	}()
	c.(*contextvars.Context).Run(func() {
		entered = true
		f()
	})
	return entered
}

func (w *realWorld) detach(f func()) { contextvars.Detach(f) }

func (w *realWorld) labelled(f func()) {
	pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) { f() })
}

func (w *realWorld) sleep(d time.Duration) string { return outcomeOf(Sleep(d)) }

func in(c place) []CallOption {
	if c == nil {
		return nil
	}
	return []CallOption{WithContext(c.(*contextvars.Context))}
}

func (w *realWorld) task(f func() string, c place, eager bool) promise {
	opts := in(c)
	if eager {
		opts = append(opts, Eager())
	}
	listed := false
	list := func(t *Task[string]) {
		if !listed {
			listed = true
			w.e.all = append(w.e.all, realTask{t})
		}
	}
	t := CreateTask(func() (string, error) {
		list(CurrentTask().(*Task[string])) // if it is eager, CreateTask has not returned yet
		return modelOutcome, errorOf(f())
	}, opts...)
	list(t)
	return realTask{t}
}

func (w *realWorld) self() promise {
	if t, ok := CurrentTask().(*Task[string]); ok {
		return realTask{t}
	}
	if t, ok := CurrentTask().(*Task[int]); ok {
		return realMain{t}
	}
	return nil
}

func (w *realWorld) future() promise { return realFuture{NewFuture[string]()} }

func (w *realWorld) call(how string, f func(), c place) (cancel func()) {
	var d int
	switch {
	case how == "soon":
		return w.l.CallSoon(f, in(c)...).Cancel
	case how == "letter":
		onGoroutine(func() { w.l.CallSoonThreadsafe(f, in(c)...) })
		return nil
	}
	fmt.Sscanf(how, "later %d", &d)
	return w.l.CallLater(time.Duration(d)*time.Second, f, in(c)...).Cancel
}

func stateOf(a Awaitable) string {
	switch {
	case !a.Done():
		return "pending"
	case a.Cancelled():
		return "cancelled"
	}
	return "done"
}

func contextOf(c *contextvars.Context) place {
	if c == nil {
		return nil
	}
	return c
}

type realTask struct{ *Task[string] }

func (r realTask) await() string          { _, err := r.Await(); return outcomeOf(err) }
func (r realTask) set(string) bool        { panic("set of a task") }
func (r realTask) cancel(msg string) bool { return r.Cancel(msg) }
func (r realTask) uncancel() int          { return r.Uncancel() }
func (r realTask) context() place         { return contextOf(r.Context()) }
func (r realTask) whenDone(f func(), c place) (cancel func()) {
	return r.AddDoneCallback(func(*Task[string]) { f() }, in(c)...).Cancel
}

func (r realTask) state() string { return fmt.Sprint(stateOf(r.Task), " ", r.Cancelling()) }

// realMain is RunUntilComplete's task.
type realMain struct{ *Task[int] }

func (r realMain) await() string          { panic("await of main") }
func (r realMain) set(string) bool        { panic("set of a task") }
func (r realMain) cancel(msg string) bool { return r.Cancel(msg) }
func (r realMain) uncancel() int          { return r.Uncancel() }
func (r realMain) context() place         { return contextOf(r.Context()) }
func (r realMain) state() string          { return fmt.Sprint(stateOf(r.Task), " ", r.Cancelling()) }
func (r realMain) whenDone(func(), place) (cancel func()) {
	panic("done callback of main")
}

type realFuture struct{ *Future[string] }

func (r realFuture) await() string {
	value, err := r.Await()
	if err == nil {
		return value
	}
	return outcomeOf(err)
}
func (r realFuture) set(outcome string) bool { return r.SetResult(outcome) == nil }
func (r realFuture) cancel(msg string) bool  { return r.Cancel(msg) }
func (r realFuture) uncancel() int           { panic("uncancel of a future") }
func (r realFuture) context() place          { panic("context of a future") }
func (r realFuture) state() string           { return stateOf(r.Future) }
func (r realFuture) whenDone(f func(), c place) (cancel func()) {
	return r.AddDoneCallback(func(*Future[string]) { f() }, in(c)...).Cancel
}
