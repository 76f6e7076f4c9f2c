package asyncio

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// Debug mode costs some hundred nanoseconds for each callback and task. It records where they were
// created, and reports to the exception handler what takes long and what is called
// from the wrong goroutine.

// SetDebug turns debug mode on or off.
func (l *EventLoop) SetDebug(on bool) { l.debug.Store(on) }

// Debug reports whether debug mode is on.
func (l *EventLoop) Debug() bool { return l.debug.Load() }

// SlowCallback is how long a callback, or a task between two waits, may take before debug mode
// reports it (116).
const SlowCallback = 100 * time.Millisecond

// timed calls f, and in debug mode reports if that takes long.
func (l *EventLoop) timed(f func(), h *Handle) {
	if !l.debug.Load() {
		f()
		return
	}
	start := time.Now()
	f()
	if d := time.Since(start); d >= SlowCallback {
		l.report(ErrorContext{Message: fmt.Sprintf("a callback took %v", d), Handle: h})
	}
}

// strange reports, in debug mode, a call by a goroutine that is not the loop's while the loop
// runs.
func (l *EventLoop) strange(call, instead string) {
	if l.debug.Load() && l.running.Load() {
		l.post(letter{entry: entry{handle: &Handle{f: func() {
			l.report(ErrorContext{Message: fmt.Sprintf(
				"%s was called by a goroutine that is not the loop's; use %s", call, instead)})
		}}}})
	}
}

func (t *task) recordStack() {
	pcs := make([]uintptr, 16)
	t.stack = pcs[:runtime.Callers(4, pcs)]
}

// made tells where h was made, if that is known.
func (h *Handle) made() string {
	if h.more == nil || len(h.more.stack) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n  created by")
	frames := runtime.CallersFrames(h.more.stack)
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		fmt.Fprintf(&b, "\n    %s\n        %s:%d", f.Function, f.File, f.Line)
	}
	return b.String()
}
