package asyncio

import (
	"fmt"
	"time"

	"github.com/gocontextvars/contextvars/internal/callbacks"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// CallSoon has f called in the next iteration of the loop, after what was scheduled before
// (106), in a copy of the current context as it is now, or in the one of WithContext
// (101-103). A panic in f goes to the exception handler, and the loop goes on (109).
//
// It costs about one allocation for 64 calls, and a pointer for the context. On a closed loop it
// panics with ErrLoopClosed (115).
func (l *EventLoop) CallSoon(f func(), opts ...CallOption) *Handle {
	checkFunc(f == nil, "CallSoon")
	if !l.mine() {
		l.strange("CallSoon", "CallSoonThreadsafe")
		return l.callFromOutside("CallSoon", f, opts)
	}
	h := l.slab.take()
	l.prepare(h, f, opts)
	l.ready.push(entry{handle: h})
	return h
}

// CallSoonThreadsafe is [EventLoop.CallSoon] for any goroutine; the context is the calling
// goroutine's (105).
func (l *EventLoop) CallSoonThreadsafe(f func(), opts ...CallOption) *Handle {
	checkFunc(f == nil, "CallSoonThreadsafe")
	if l.mine() {
		h := l.slab.take()
		l.prepare(h, f, opts)
		l.ready.push(entry{handle: h})
		return h
	}
	return l.callFromOutside("CallSoonThreadsafe", f, opts)
}

func (l *EventLoop) callFromOutside(call string, f func(), opts []CallOption) *Handle {
	h := new(Handle)
	l.prepare(h, f, opts)
	if !l.post(letter{handle: h}) {
		panicClosed(call)
	}
	return h
}

// CallLater has f called after d, on the loop's clock, in a copy of the context as it is now (104). With d
// of 0 or less that is in the next iteration. Two that are due at one instant are called in the
// order they were scheduled in. Scheduling, firing and cancelling cost log n, for n pending
// timers.
func (l *EventLoop) CallLater(d time.Duration, f func(), opts ...CallOption) *TimerHandle {
	return l.callAt("CallLater", l.in(d), f, opts)
}

// CallAt is [EventLoop.CallLater] for a time on the loop's clock, as Time returns it.
func (l *EventLoop) CallAt(when time.Duration, f func(), opts ...CallOption) *TimerHandle {
	return l.callAt("CallAt", when, f, opts)
}

func (l *EventLoop) callAt(call string, when time.Duration, f func(), opts []CallOption) *TimerHandle {
	checkFunc(f == nil, call)
	h := &TimerHandle{when: when}
	h.timer.handle = h
	l.prepare(&h.Handle, f, opts)
	h.frame = callbacks.Noted(call, h.frame, callbacks.NoTime)
	if l.mine() {
		l.timers.add(&h.timer, when)
		return h
	}
	l.strange(call, "CallSoonThreadsafe, and call it there")
	arm := func() {
		if h.f != nil {
			l.timers.add(&h.timer, when)
		}
	}
	if !l.post(letter{do: arm}) {
		panicClosed(call)
	}
	return h
}

// in returns the time that is d away, also if that is further away than times can be.
func (l *EventLoop) in(d time.Duration) time.Duration {
	now := l.clock.Now()
	if d <= 0 {
		return now
	}
	if when := now + d; when > now {
		return when
	}
	return NoTimeout
}

func (l *EventLoop) prepare(h *Handle, f func(), opts []CallOption) {
	h.loop, h.f, h.frame = l, f, current.Shared()
	if len(opts) > 0 {
		if c := merged(opts).context; c != nil {
			h.particulars().context = c
		}
	}
	if l.debug.Load() {
		h.particulars().made = callers(3)
	}
}

// schedule has f, which is the package's own, called in a copy of a context with that content.
func (l *EventLoop) schedule(content *frame.Frame, f func()) {
	l.ready.push(entry{handle: &Handle{f: f, frame: content}})
}

// postCall is schedule for goroutines that are not the loop's. If the loop is closed, it does nothing.
func (l *EventLoop) postCall(content *frame.Frame, f func()) {
	l.post(letter{handle: &Handle{f: f, frame: content}})
}

func checkFunc(isNil bool, call string) {
	if isNil {
		panic("asyncio: " + call + " was given a nil func")
	}
}

func panicClosed(call string) { panic(fmt.Errorf("%s: %w", call, ErrLoopClosed)) }
