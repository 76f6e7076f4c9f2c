package asyncio

import "github.com/gocontextvars/contextvars"

// chosen is where Python has a variable of the thread.
var chosen = contextvars.New[*EventLoop]("asyncio.event_loop")

// GetEventLoop returns the loop that runs the calling goroutine; where none does, the one of
// SetEventLoop, also if that is closed; and where there is none, a new one, which it sets. New
// programs use Run and RunningLoop.
func GetEventLoop() *EventLoop {
	if w := here(); w != nil {
		return w.loop
	}
	l := chosen.Get()
	if l == nil {
		l = NewEventLoop()
		SetEventLoop(l)
	}
	return l
}

// SetEventLoop sets what GetEventLoop returns where no loop runs: in the current context, and so
// also in goroutines that are started from now on. nil is fine: there is none then (182).
//
//contextvars:ignore token the policy is chosen for good, as with set_event_loop
func SetEventLoop(l *EventLoop) { chosen.Set(l) }
