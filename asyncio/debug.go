package asyncio

import (
	"fmt"
	"reflect"
	"runtime"
	"time"

	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// SetDebug turns debug mode on or off. In debug mode the loop records where callbacks and tasks are
// created, and reports to the exception handler
//
//   - a callback, or a task between two waits, that takes long ([EventLoop.SetSlowCallbackDuration]);
//   - calls by goroutines that are not the loop's of what belongs to the loop (116);
//   - once, which tasks wait for what, if nothing is scheduled for long ([EventLoop.SetStuckDuration]).
//
// It also says on standard error that a task waits with its goroutine locked to a thread
// (runtime.LockOSThread): the Go runtime ends the program as soon as anything else is to run.
//
// Debug mode costs about 1 µs for each callback and task, and 6 µs for each wait; while it is off, a
// comparison. Any goroutine may turn it on or off, at any time; what was created before that has no
// creation site.
func (l *EventLoop) SetDebug(on bool) {
	l.debug.Store(on)
	l.debugTurns.Add(1)
}

// Debug reports whether debug mode is on. Any goroutine may ask.
func (l *EventLoop) Debug() bool { return l.debug.Load() }

// SlowCallback is the default of SetSlowCallbackDuration (116).
const SlowCallback = 100 * time.Millisecond

// SetSlowCallbackDuration sets how long a callback, or a task between two waits, may take before debug
// mode reports it; 0 is SlowCallback, and [NoTimeout] is for ever. It is real time that
// counts, whatever clock the loop has.
func (l *EventLoop) SetSlowCallbackDuration(d time.Duration) { l.slow.Store(int64(d)) }

// SlowCallbackDuration returns what SetSlowCallbackDuration set, or [SlowCallback].
func (l *EventLoop) SlowCallbackDuration() time.Duration {
	if d := l.slow.Load(); d > 0 {
		return time.Duration(d)
	}
	return SlowCallback
}

// observed is what debug mode knows of a task; nil is nothing. Only made is for any goroutine to see.
type observed struct {
	made []uintptr // where
	// step is when the task went on after its last wait, and turn how often debug mode had been turned on
	// or off by then.
	step time.Time
	turn uint32
}

// execWatched calls the task's function.
func (t *task) execWatched() {
	t.stepBegins()
	t.self.exec()
	if d, slow := t.slowStep(); slow {
		t.loop.report(ErrorContext{Message: fmt.Sprintf("a task took %v before it ended", d), Task: t.self.(AnyTask)})
	}
}

// stepBegins notes when the running task begins, or goes on after a wait.
func (t *task) stepBegins() {
	l := t.loop
	l.stuck = stuck{}
	l.noteThread()
	o := t.observed.Load()
	if o == nil {
		o = new(observed)
		t.observed.Store(o)
	}
	o.step, o.turn = time.Now(), l.debugTurns.Load()
}

// stepEnds is called when the running task is about to wait. The handler must not be called right here,
// since it might wait, too.
func (t *task) stepEnds() {
	t.checkThread()
	if d, slow := t.slowStep(); slow {
		at := ""
		if calls, in := framesOf(callers(2)); len(calls) > 0 {
			at = fmt.Sprintf(" in %s, called by %s", in, calls[0].short())
		}
		t.loop.schedule(current.Shared(), func() {
			t.loop.report(ErrorContext{
				Message: fmt.Sprintf("a task took %v before it waited%s", d, at), Task: t.self.(AnyTask)})
		})
	}
}

// slowStep tells how long the step has taken, and whether that is to be reported.
func (t *task) slowStep() (d time.Duration, slow bool) {
	o := t.observed.Load()
	if o == nil || o.step.IsZero() || o.turn != t.loop.debugTurns.Load() {
		return 0, false // debug mode was off in between
	}
	d = time.Since(o.step)
	o.step = time.Time{}
	return d, d >= t.loop.SlowCallbackDuration()
}

// timed calls f, and in debug mode reports if that takes long.
func (l *EventLoop) timed(f func(), h *Handle) {
	if !l.debug.Load() {
		f()
		return
	}
	l.stuck.since = time.Time{}
	start := time.Now()
	f()
	if d := time.Since(start); d >= l.SlowCallbackDuration() {
		l.report(ErrorContext{Message: fmt.Sprintf("the callback %s took %v", nameOf(f), d), Handle: h})
	}
}

func nameOf(f func()) string {
	fn := runtime.FuncForPC(reflect.ValueOf(f).Pointer())
	file, line := fn.FileLine(fn.Entry())
	return Frame{fn.Name(), file, line}.short()
}

// strange reports, in debug mode, a call by a goroutine that is not the loop's while the loop
// runs.
func (l *EventLoop) strange(call, instead string) {
	if !l.debug.Load() || !l.running.Load() {
		return
	}
	by := fmt.Sprintf("goroutine %d", slot.ID())
	if calls, _ := framesOf(callers(2)); len(calls) > 0 {
		by += " in " + calls[0].short()
	}
	l.postCall(current.Shared(), func() {
		l.report(ErrorContext{
			Message: fmt.Sprintf("%s was called by %s, which is not the loop's; use %s", call, by, instead)})
	})
}

// callers returns the calls above, but for skip.
func callers(skip int) []uintptr {
	pcs := make([]uintptr, 32)
	return pcs[:runtime.Callers(skip, pcs)]
}

// made returns where f was created, if it is a task and that is known.
func (f *future) made() []uintptr {
	if t := f.self.asTask(); t != nil {
		if o := t.observed.Load(); o != nil {
			return o.made
		}
	}
	return nil
}

// created returns where what c is about was created, if that is known.
func (c *ErrorContext) created() []Frame {
	var made []uintptr
	switch {
	case c.Task != nil:
		made = c.Task.core().made()
	case c.Future != nil:
		made = c.Future.core().made()
	case c.Handle != nil && c.Handle.more != nil:
		made = c.Handle.more.made
	}
	calls, _ := framesOf(made)
	return calls
}
