package asyncio

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
)

// A switch from a goroutine that is locked to a thread (runtime.LockOSThread) ends the program, with an error that
// speaks of coroutines. Debug mode says before which task it was. Where the loop's caller was
// locked when it called Run, all the loop's goroutines are, and that is fine, as long as no task locks it once
// more; that cannot be seen.

// thread is whether the loop runs locked to a thread.
type thread struct {
	caller uint64 // the loop's caller then
	locked bool
}

// noteThread looks whether the loop runs locked to a thread, at a moment when nothing else can be the
// reason.
func (l *EventLoop) noteThread() {
	if l.thread.caller != l.callerID {
		l.thread = thread{l.callerID, lockedToThread()}
	}
}

// checkThread is called by the running task before it waits.
func (t *task) checkThread() {
	l := t.loop
	if l.thread.caller == l.callerID && !l.thread.locked && lockedToThread() {
		calls, in := framesOf(callers(2))
		fmt.Fprintf(os.Stderr, "asyncio: %v waits in %s while its goroutine is locked to a thread; the Go runtime "+
			"ends the program as soon as anything else is to run; call runtime.UnlockOSThread before\n", t.self, in)
		for _, f := range calls {
			fmt.Fprintf(os.Stderr, "    %v\n", f)
		}
	}
}

// lockedToThread reports whether the running goroutine is locked to a thread. Only a traceback's first
// line tells; that costs 2 µs.
func lockedToThread() bool {
	var buf [128]byte
	header, _, _ := bytes.Cut(buf[:runtime.Stack(buf[:], false)], []byte("\n"))
	return bytes.Contains(header, []byte(", locked to thread"))
}
