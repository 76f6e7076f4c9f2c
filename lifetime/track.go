package lifetime

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gocontextvars/contextvars/internal/callbacks"
)

// An Option says what [Track] is to do beyond tracking.
type Option func(*tracker)

// Revoke takes the values of a [Work] back when it ends: whoever still has a context of it, or holds one, sees
// defaults or nothing, Len is 0 and All empty. Tokens are still good, and bring nothing back. Set, With, Adopt and
// wire's Extract work as in an empty context, which no longer belongs to the Work.
//
// It is not a lock: who has read a value before has it. A goroutine that has not set anything since keeps the values in
// memory, as without Revoke. Profiler labels of variables with the option Label stay. A Work that goes on keeps
// what it began with, also if that was from one that has ended since.
func Revoke() Option { return func(t *tracker) { t.revoke = true } }

// Report has f called when code reads a variable that has a value in the current context, which belongs to a
// [Work] that has ended: in Get, Lookup, GetOr, MustGet or LookupAny, at most once for each Work, variable and
// place, which is the call with those that led to it. Without [Revoke] the value is still given. Reading a Context that
// is not the current one, with In, Value or All, is not reported.
//
// f runs on a goroutine of its own, which the read waits for, maybe on many at once. So it must not wait for anything that
// the reader may hold: if variables are read inside of a log handler that has locked, a log line of f's waits for ever. What f sets is
// gone afterwards, and what it reads is not reported. Its panics are logged, with log/slog, and go no further. A nil f panics.
func Report(f func(Use)) Option {
	if f == nil {
		panic("lifetime: Report was given a nil func")
	}
	return func(t *tracker) { t.report = append(t.report, f) }
}

// Track has pieces of work that begin from now on marked, until stop is called; only its first call counts. Any number may
// track at once: one option [Revoke] is enough to revoke, and each [Report] is called.
//
// Once nobody tracks, Run marks nothing, and timers and bound functions are forgotten. A Work that has begun stays what
// it is: it ends, it is held, and it is revoked if it was to be; but what was given to Report is not called any more after
// its own stop.
func Track(opts ...Option) (stop func()) {
	t := new(tracker)
	for i, opt := range opts {
		if opt == nil {
			panic(fmt.Sprintf("lifetime: Track was given a nil Option, number %d", i+1))
		}
		opt(t)
	}
	forget := callbacks.Track()
	change(func(all []*tracker) []*tracker { return append(all, t) })
	return sync.OnceFunc(func() {
		change(func(all []*tracker) []*tracker {
			return slices.DeleteFunc(all, func(other *tracker) bool { return other == t })
		})
		t.stopped.Store(true)
		forget()
	})
}

// A tracker is somebody who tracks.
type tracker struct {
	revoke  bool
	report  []func(Use)
	stopped atomic.Bool
}

// A setting is what Run does on behalf of all trackers. It never changes.
type setting struct {
	revoke    bool
	reporters []*tracker
}

var (
	tracking atomic.Pointer[setting] // nil: nobody tracks
	lock     sync.Mutex
	trackers []*tracker
)

func change(how func([]*tracker) []*tracker) {
	lock.Lock()
	defer lock.Unlock()
	trackers = how(trackers)
	if len(trackers) == 0 {
		tracking.Store(nil)
		return
	}
	s := new(setting)
	for _, t := range trackers {
		s.revoke = s.revoke || t.revoke
		if len(t.report) > 0 {
			s.reporters = append(s.reporters, t)
		}
	}
	tracking.Store(s)
}
