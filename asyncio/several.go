package asyncio

import (
	"fmt"
	"slices"
	"time"
)

// AwaitableOf is any *Task[T] or *Future[T]. The functions that take some of them find T by
// themselves: Gather(a, b) and Gather(tasks...) need no type arguments, and a mix of tasks and
// futures goes into an []AwaitableOf[T].
type AwaitableOf[T any] interface {
	Awaitable
	// Await waits until it is done and returns its result.
	Await() (T, error)
	// Result returns what Await would; ErrInvalidState while it is pending.
	Result() (T, error)
}

// several is one wait for several futures.
type several struct {
	futures []*future
	until   ReturnWhen
	// passesOn: a cancellation of the wait cancels the futures that are pending (C3), and whoever waits
	// is going to ask how they end. Else only the wait ends.
	passesOn bool

	task    *task
	waiters []waiter // of those futures that were pending
	left    int      // how many of them still are
	timed   bool     // the wait has an end of its own
	// decisive is the first future that ended the wait before all were done.
	decisive *future
	passed   error // the cancellation that was passed on
}

// collect returns the futures of what users passed to call.
func collect[A Awaitable](call string, all []A) []*future {
	futures := make([]*future, len(all))
	for i, a := range all {
		if any(a) != nil {
			futures[i] = a.core()
		}
		if futures[i] == nil {
			panic(fmt.Sprintf("asyncio: %s was given a nil task or future, number %d", call, i))
		}
	}
	return futures
}

// distinct leaves out those that were there before.
func distinct(futures []*future) []*future {
	seen := make(map[*future]bool, len(futures))
	return slices.DeleteFunc(futures, func(f *future) bool {
		before := seen[f]
		seen[f] = true
		return before
	})
}

// ends reports whether a wait for several futures is over when this one ended.
func (w ReturnWhen) ends(f *future) bool {
	switch s := state(f.state.Load()); w {
	case FirstCompleted:
		return s != pending
	case FirstException:
		return s == failed
	case firstFailure:
		return s == failed || s == cancelled
	}
	return false
}

// over reports whether there is nothing to wait for.
func (s *several) over() bool {
	all := true
	for _, f := range s.futures {
		if s.until.ends(f) {
			s.decisive = f
			return true
		}
		all = all && f.Done()
	}
	return all
}

// wait waits until it is enough. The error is a *CancelledError if the caller was cancelled. If
// the time runs out, there is none.
func (s *several) wait(timeout time.Duration) error {
	if s.over() {
		return nil
	}
	w := here()
	switch {
	case w == nil:
		return s.waitOutside(timeout)
	case w.task == nil:
		return ErrNotInTask
	}
	s.timed = timeout < NoTimeout
	defer s.leave()
	if err := s.join(w.task, s); err != nil {
		return err
	}
	if s.timed {
		t := w.task
		w.loop.timers.add(&t.sleep, w.loop.in(timeout))
		defer w.loop.timers.remove(&t.sleep)
	}
	if err := w.task.park(s); err != nil {
		return err
	}
	if s.decisive == nil {
		return s.passed
	}
	return nil
}

// waitOutside blocks a goroutine that no loop runs, while a task of the futures' loop waits.
func (s *several) waitOutside(timeout time.Duration) error {
	var l *EventLoop
	for _, f := range s.futures {
		if !f.Done() {
			l = f.loop
		}
	}
	if l == nil {
		return nil
	}
	return l.assist(func() error { return s.wait(timeout) })
}

// join makes t wait for those futures that are pending, without suspending it. who is told when one
// of them is done; leave undoes it.
func (s *several) join(t *task, who watcher) error {
	s.task = t
	for _, f := range s.futures {
		if !f.Done() {
			s.left++
		}
	}
	s.waiters = make([]waiter, s.left)
	either, r := s.either(), ring{t: t}
	i := 0
	for _, f := range s.futures {
		switch last := f.waiters.last; {
		case f.Done():
			continue
		case f.loop != t.loop:
			return ErrOtherLoop
		case !either && r.closedBy(f):
			return ErrAwaitCycle
		case last != nil && last.who == who: // a duplicate
			s.left--
			continue
		}
		s.waiters[i].who = who
		f.watch(&s.waiters[i])
		i++
	}
	return nil
}

// leave undoes join.
func (s *several) leave() {
	if s.left == 0 {
		return
	}
	for i := range s.waiters {
		w := &s.waiters[i]
		if w.on != nil && s.passesOn && s.decisive != nil {
			w.on.heard = true
		}
		w.leave()
	}
}

func (s *several) finished(f *future) {
	s.left--
	if s.decisive == nil && s.until.ends(f) {
		s.decisive = f
	}
	if s.left == 0 || s.decisive != nil {
		s.task.wake()
	}
}

func (s *several) waiting() *task { return s.task }

// bystander reports whether it is left to others to ask how the futures ended.
func (s *several) bystander() bool { return !s.passesOn }

// either reports whether the wait may end before all the futures are done, which makes it no
// part of a ring.
func (s *several) either() bool {
	return s.timed || s.left > 1 && (s.until == FirstCompleted || s.until == FirstException)
}

func (s *several) cancelWait(msg string) bool {
	if !s.passesOn {
		return false
	}
	some := false
	for i := range s.waiters {
		if f := s.waiters[i].on; f != nil && f.self.cancel(msg) {
			some = true
		}
	}
	if some {
		s.passed = &CancelledError{msg}
	}
	return some
}

func (s *several) awaited(yield func(*future) bool) {
	for i := range s.waiters {
		if f := s.waiters[i].on; f != nil && !yield(f) {
			return
		}
	}
}
