// Package callbacks knows the functions that wait to be called in a context of a piece of work: timers, callbacks,
// bound functions. It holds none of them.
package callbacks

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/gocontextvars/contextvars/internal/frame"
)

// A Call is a function that waits to be called, or was and can be again.
type Call struct {
	// Kind is the function that made it wait, such as AfterFunc.
	Kind string
	// Life is the work that it belongs to.
	Life *frame.Life
	// Due is when it is called if that was said; a timer may have been reset since.
	Due time.Time

	made  [12]uintptr
	depth int
	// content is the one that Noted returned for whoever keeps the function.
	content weak.Pointer[frame.Frame]
}

// Made returns the calls that made it wait, the innermost first, without those of this module.
func (c *Call) Made() []runtime.Frame { return frame.Calls(c.made[:c.depth]) }

// The calls are in no order. Those whose function is garbage are taken out when there are twice as many as
// there were then, so that keeping the list costs each call the same.
var (
	trackers atomic.Int32
	lock     sync.Mutex
	calls    []*Call
	enough   = fewest // calls for the next sweep
)

const fewest = 64

// Track has calls noted, until stop has been called as often as Track; of one stop only the first call counts.
// Then all are forgotten.
func Track() (stop func()) {
	trackers.Add(1)
	return sync.OnceFunc(func() {
		if trackers.Add(-1) == 0 {
			forget()
		}
	})
}

func forget() {
	lock.Lock()
	calls, enough = nil, fewest
	lock.Unlock()
}

var started = time.Now().UnixNano()

// Tracking reports whether calls are noted.
func Tracking() bool { return trackers.Load() != 0 }

// NoTime says that it is not known when a function is called.
const NoTime time.Duration = -1

// Noted returns the content f for a function that waits to be called in it: f, or if the call is noted, a copy that
// only this function is to hold. For as long as it is reachable the function is. It is called by what users call.
func Noted(kind string, f *frame.Frame, in time.Duration) *frame.Frame {
	if trackers.Load() == 0 {
		return f
	}
	return noted(kind, f, in)
}

func noted(kind string, f *frame.Frame, in time.Duration) *frame.Frame {
	l := f.Life()
	if l == nil || l.Work == nil {
		return f
	}
	c := &Call{Kind: kind, Life: l}
	if in != NoTime {
		c.Due = time.Now().Add(in)
	}
	c.depth = runtime.Callers(3, c.made[:]) // without itself, noted and Noted
	f = f.Owned(f.Owner, f.Own())
	c.content = weak.Make(f)
	lock.Lock()
	defer lock.Unlock()
	if len(calls) >= enough {
		sweep()
	}
	calls = append(calls, c)
	return f
}

// sweep takes out what is garbage. The lock is held.
func sweep() {
	var living []*Call
	for _, c := range calls {
		if c.content.Value() != nil {
			living = append(living, c)
		}
	}
	calls, enough = living, max(fewest, 2*len(living))
}

// Ended returns the calls of work that has ended, and that are not known to be garbage: those whose work has ended before the
// time, in nanoseconds since 1970, and how many others there are. Among those are all that ended at a time of a
// testing/synctest bubble's, which is long ago, unless the time is the last there is.
func Ended(before int64) (ended []*Call, later int) {
	lock.Lock()
	defer lock.Unlock()
	sweep()
	for _, c := range calls {
		switch at := c.Life.Ended(); {
		case at == 0:
		case at < before && (at > started || before == math.MaxInt64):
			ended = append(ended, c)
		default:
			later++
		}
	}
	return ended, later
}
