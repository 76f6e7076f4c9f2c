package asyncio

import (
	"errors"
	"runtime"
	"time"
)

// Close ends the loop for good. Tasks that still wait are unwound as by runtime.Goexit: their
// deferred functions run, and end at their next wait. What is scheduled is not called any more. Close
// waits for functions that ToThread has started. More than once is harmless. While the loop runs it returns
// ErrLoopRunning.
//
// A task whose context another goroutine has entered ends outside of it; but where it has entered another
// context on top, or lent it, Close waits until that goroutine leaves.
func (l *EventLoop) Close() error {
	if l.closed.Load() && !l.running.Load() {
		return nil
	}
	switch err := l.begin("Close"); {
	case errors.Is(err, ErrLoopClosed): // somebody else was quicker
		return nil
	case err != nil:
		return err
	}
	l.closing = true
	l.doom()
	l.drain()
	for _, m := range l.inbox.close() {
		if m.do != nil {
			m.do()
		}
	}
	defer l.closeLast() // also if the exception handler calls runtime.Goexit
	l.failures.reportAll()
	return nil
}

func (l *EventLoop) closeLast() {
	for o := range l.outsiders {
		o.leave()
		close(o.told)
	}
	clear(l.outsiders)
	l.signals.endAll()
	l.openings.endAll(l)
	l.aside.Wait()
	l.timers.clear()
	l.ready, l.slab = ready{}, nil
	l.closed.Store(true)
	l.end()
}

// drain runs the loop until there are no tasks.
func (l *EventLoop) drain() {
	l.draining = true
	for !l.registry.empty() {
		l.stop, l.first = false, true
		l.run()
	}
	l.draining = false
}

// doom has all tasks end at their next wait, or in the one they are in.
func (l *EventLoop) doom() {
	l.grace.past = l.grace.begun
	for t := range l.registry.all {
		t.doomed = true
		if t.worker == nil {
			t.cancel("the event loop has ended")
		} else {
			t.wake()
			t.unblock()
		}
	}
}

// unwind ends a doomed task: its deferred functions run, and the task is done after the
// last one.
func (t *task) unwind() {
	t.status = running
	late := !t.doomed || !t.loop.closing
	t.doomed = true
	if late {
		t.loop.report(ErrorContext{
			Message: "a task went on waiting after Run had cancelled it, and was ended",
			Err:     &CancelledError{}, Task: t.self.(AnyTask),
		})
	}
	runtime.Goexit()
}

// grace is the time that tasks have for cleaning up after Run has cancelled them.
type grace struct {
	begun bool
	end   time.Duration // on the loop's clock
	past  bool          // doom was called: what tasks make now has no time at all
	real  time.Time     // since a virtual clock stands still while tasks are ready
}

const graceTime = time.Second

func (g *grace) over() bool { return g.past || g.longOver() }

// longOver is also true of tasks that do nothing but make others, and never wait.
func (g *grace) longOver() bool { return g.begun && time.Since(g.real) > graceTime }

// cancelAll cancels all tasks and runs the loop until they have ended. They may wait for cleaning
// up, but not for long, so that a task that takes no notice does not keep the program from ending.
func (l *EventLoop) cancelAll() {
	if l.registry.empty() {
		return
	}
	l.sweeping = true
	for t := range l.registry.all {
		t.cancel("")
	}
	l.sweeping = false
	l.grace = grace{begun: true, end: l.in(graceTime), real: time.Now()}
	last := &TimerHandle{Handle: Handle{loop: l}}
	last.timer.handle, last.f = last, l.doom
	l.timers.add(&last.timer, l.grace.end)
	l.drain()
	last.cancel()
	l.grace = grace{}
}
