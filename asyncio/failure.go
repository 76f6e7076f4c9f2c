package asyncio

import (
	"errors"
	"runtime"
	"sync"
	"weak"

	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// failure is the error of a task or future that nobody has asked for yet. If nobody ever does, it is
// reported when the task is collected, at the latest when the loop is closed.
type failure struct {
	loop    *EventLoop
	of      weak.Pointer[future]
	about   string
	err     error
	content *frame.Frame // of the context that it failed in (142)
	made    []uintptr    // where the task was made, in debug mode
}

// failures are those of a loop.
type failures struct {
	lock sync.Mutex
	open map[*failure]struct{}
}

// note remembers how f failed, without keeping f alive.
func (s *failures) note(f *future) {
	r := &failure{f.loop, weak.Make(f), f.name(), f.err, current.Shared(), f.made()}
	f.failure = r
	s.lock.Lock()
	if s.open == nil {
		s.open = make(map[*failure]struct{})
	}
	s.open[r] = struct{}{}
	s.lock.Unlock()
	runtime.AddCleanup(f, (*failure).collected, r)
}

func (f *future) name() string {
	if t := f.self.asTask(); t != nil {
		return "task " + t.Name()
	}
	return "a future"
}

// asked forgets a failure that somebody has seen; false if that was done before.
func (r *failure) asked() bool {
	s := &r.loop.failures
	s.lock.Lock()
	defer s.lock.Unlock()
	_, open := s.open[r]
	delete(s.open, r)
	return open
}

// collected reports r, of a task or future that is garbage.
func (r *failure) collected() {
	if r.asked() {
		r.loop.post(letter{entry: entry{handle: &Handle{f: r.report, frame: r.content}}})
	}
}

func (r *failure) report() {
	c := ErrorContext{Message: r.about + " failed, and nobody asked", Err: r.err}
	c.Created, _ = framesOf(r.made)
	if f := r.of.Value(); f != nil {
		if c.Task, _ = f.self.(AnyTask); c.Task == nil {
			c.Future = f.self
		}
	}
	if p := (*PanicError)(nil); errors.As(r.err, &p) {
		c.Stack = p.Stack
	}
	r.loop.report(c)
}

// reportAll reports what is left.
func (s *failures) reportAll() {
	s.lock.Lock()
	left := s.open
	s.open = nil
	s.lock.Unlock()
	for r := range left {
		current.Do(r.content, r.report)
	}
}
