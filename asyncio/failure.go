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

// note remembers how f failed, where content was seen, without keeping f alive.
func (s *failures) note(f *future, content *frame.Frame) {
	r := &failure{f.loop, weak.Make(f), f.name(), f.err, content, f.made()}
	f.failure = r
	s.keep(r)
	runtime.AddCleanup(f, (*failure).collected, r)
}

func (s *failures) keep(r *failure) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.open == nil {
		s.open = make(map[*failure]struct{})
	}
	s.open[r] = struct{}{}
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
	r.content = nil // the task holds r
	return open
}

// collected has the loop report r, of a task or future that is garbage. If the loop does not come to
// that, Close does.
func (r *failure) collected() {
	s := &r.loop.failures
	s.lock.Lock()
	_, open := s.open[r]
	content := r.content
	s.lock.Unlock()
	if open {
		r.loop.postCall(content, r.reportOnce)
	}
}

func (r *failure) reportOnce() {
	if r.asked() {
		r.report()
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
	c.Stack = stackOf(r.err)
	r.loop.report(c)
}

// stackOf returns the stack of the panic that err is about, if it is about one.
func stackOf(err error) []byte {
	defer func() { recover() }() // methods of users' may panic
	if p := (*PanicError)(nil); errors.As(err, &p) {
		return p.Stack
	}
	return nil
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
