package asyncio

import (
	"fmt"
	"time"
)

const stuckDuration = 5 * time.Second

// SetStuckDuration sets after how long debug mode reports that the loop has tasks and nothing scheduled: no
// callback, no timer, no ToThread function, no network operation and no server. Only another goroutine can wake
// such a loop, and nobody can know whether one will. The report has the loop's graph, and is made once, until
// a task goes on. 0 is the default, 5 s, and [NoTimeout] is for ever. It is real time that
// counts, whatever clock the loop has.
func (l *EventLoop) SetStuckDuration(d time.Duration) { l.patience.Store(int64(d)) }

// StuckDuration returns what SetStuckDuration set, or the default.
func (l *EventLoop) StuckDuration() time.Duration {
	if d := l.patience.Load(); d > 0 {
		return time.Duration(d)
	}
	return stuckDuration
}

// stuck is how long nothing was scheduled, in debug mode.
type stuck struct {
	since time.Time
	told  bool
}

// waitOrTell waits for wake, but not too long without a report.
func (l *EventLoop) waitOrTell(wake <-chan struct{}) {
	patience := l.StuckDuration()
	if l.stuck.told || patience == NoTimeout || l.operations > 0 || l.registry.empty() || l.openings.serve() {
		<-wake
		return
	}
	if l.stuck.since.IsZero() {
		l.stuck.since = time.Now()
	}
	enough := time.NewTimer(patience - time.Since(l.stuck.since))
	defer enough.Stop()
	select {
	case <-wake:
	case <-enough.C:
		l.stuck.told = true
		l.schedule(nil, l.tellStuck)
	}
}

func (l *EventLoop) tellStuck() {
	c := newCapture(nil)
	g := l.graph(c)
	c.finish()
	l.report(ErrorContext{Graph: g, Message: fmt.Sprintf("nothing has been scheduled for %v, and %d tasks wait; "+
		"only another goroutine can wake them", time.Since(l.stuck.since).Round(time.Millisecond), len(g.Tasks))})
}
