package asyncio

import (
	"runtime"
	"sync"

	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// failure is the error of a task or future that nobody has asked for yet. If nobody ever does, it is
// reported when the task is collected, at the latest when the loop is closed.
type failure struct {
	loop    *EventLoop
	about   string
	err     error
	content *frame.Frame // of the context that it failed in (142)
}

// failures are those of a loop.
type failures struct {
	lock sync.Mutex
	open map[*failure]struct{}
}

// note remembers how f failed, without keeping f alive.
func (s *failures) note(f *future) {
	r := &failure{f.loop, f.self.String(), f.err, current.Shared()}
	f.failure = r
	s.lock.Lock()
	if s.open == nil {
		s.open = make(map[*failure]struct{})
	}
	s.open[r] = struct{}{}
	s.lock.Unlock()
	runtime.AddCleanup(f, (*failure).collected, r)
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
	r.loop.report(ErrorContext{Message: "nobody asked how this ended: " + r.about, Err: r.err})
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
