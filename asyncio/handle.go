package asyncio

import (
	"time"
	"weak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// Handle is a callback that is scheduled. Its methods belong to what its loop runs. Another goroutine may call
// them, too: the loop does what Cancel wants as soon as it can, and the other methods block until it has
// answered.
type Handle struct {
	loop *EventLoop // nil: it was made by the loop itself
	f    func()     // nil: it was called, or cancelled
	// frame is the content of the context that f is called in a copy of.
	frame *frame.Frame
	more  *particulars
}

// particulars are what few handles have.
type particulars struct {
	context   *contextvars.Context              // to be called in that one
	ended     weak.Pointer[contextvars.Context] // the same, after the call
	cancelled bool
	made      []uintptr // where, in debug mode
	waiter    *waiter   // of a done callback: what it waits with
}

// Cancel keeps the callback from being called, and lets go of its function and
// context at once (107, 175). More than once is harmless.
func (h *Handle) Cancel() {
	if !h.handOn("Handle.Cancel", h.cancel) {
		h.cancel()
	}
}

// handOn has the loop do what another goroutine wants; false if it can be done here.
func (h *Handle) handOn(call string, do func()) bool {
	l := h.loop
	if l == nil || !l.running.Load() || l.mine() {
		return false
	}
	l.strange(call, "CallSoonThreadsafe, and call it there")
	return l.post(letter{do: do})
}

func (h *Handle) cancel() {
	if h.f == nil {
		return
	}
	if h.more != nil && h.more.waiter != nil {
		h.more.waiter.leave()
	}
	h.f, h.frame = nil, nil
	h.more = &cancelledHandle
}

var cancelledHandle = particulars{cancelled: true}

// Cancelled reports whether Cancel was called in time.
func (h *Handle) Cancelled() (cancelled bool) {
	h.ask("Handle.Cancelled", func() { cancelled = h.more != nil && h.more.cancelled })
	return cancelled
}

func (h *Handle) ask(call string, f func()) {
	if h.loop == nil {
		f()
		return
	}
	h.loop.ask(call, f)
}

// Context returns the very context that the callback is called in (108); nil if it was cancelled, or was
// called in a copy that nobody asked for before. It keeps no context alive after the call.
func (h *Handle) Context() (c *contextvars.Context) {
	h.ask("Handle.Context", func() { c = h.givenContext() })
	return c
}

func (h *Handle) givenContext() *contextvars.Context {
	if h.f != nil && (h.more == nil || h.more.context == nil) {
		c := contextvars.NewContext()
		current.StateOf(c).Top.Store(h.frame)
		h.particulars().context = c
	}
	switch {
	case h.more == nil:
		return nil
	case h.more.context == nil:
		return h.more.ended.Value()
	}
	return h.more.context
}

func (h *Handle) particulars() *particulars {
	if h.more == nil {
		h.more = new(particulars)
	}
	return h.more
}

// take returns the function, for its only call.
func (h *Handle) take() (f func(), content *frame.Frame) {
	f, content = h.f, h.frame
	h.f, h.frame = nil, nil
	return f, content
}

// TimerHandle is a callback that is scheduled for a time.
type TimerHandle struct {
	Handle
	timer timer
	when  time.Duration
}

// When returns the time of the callback, on the loop's clock.
func (h *TimerHandle) When() time.Duration { return h.when }

// Cancel is [Handle.Cancel]. It costs log n, for n pending timers.
func (h *TimerHandle) Cancel() {
	if !h.handOn("TimerHandle.Cancel", h.cancel) {
		h.cancel()
	}
}

func (h *TimerHandle) cancel() {
	h.Handle.cancel()
	h.loop.timers.remove(&h.timer)
}

// slab hands out handles from arrays of them, which costs half of what single ones
// cost. An array lives as long as one of its handles is held.
type slab []Handle

const slabSize = 64 // 2 KB

func (s *slab) take() *Handle {
	if len(*s) == 0 {
		*s = make([]Handle, slabSize)
	}
	h := &(*s)[0]
	*s = (*s)[1:]
	return h
}
