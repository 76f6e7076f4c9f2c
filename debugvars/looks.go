package debugvars

import (
	"sync"
	"time"
)

// looks shares looks at the goroutines among requests: however many clients ask, and however often, the world is stopped
// once in an interval.
type looks struct {
	interval time.Duration
	take     func() *look

	mu   sync.Mutex
	last *look // nil when it is too old
}

// get returns a look that is no older than the interval. Those who come meanwhile wait for one that is being taken.
func (l *looks) get() *look {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last != nil {
		return l.last
	}
	taken := l.take()
	if l.interval > 0 {
		l.last = taken
		time.AfterFunc(l.interval, l.forget)
	}
	return taken
}

// forget lets go of the last look, also if nobody asks again.
func (l *looks) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = nil
}
