package asyncio

import (
	"fmt"
	"time"
)

// Timeout calls f, in the calling task and its context (149), and cancels the task if that takes longer than d. If
// f then returns the *CancelledError that it got from its wait, wrapped or not, Timeout returns ErrTimeout, unless
// somebody else has cancelled the task meanwhile, too: that is not swallowed, and of timeouts inside each other
// it is the outer one that says so if both run out (C9). Whatever else f returns, Timeout
// returns, also nil if f took no notice.
//
// With d of 0 or less it is the first wait of f that is cancelled; with NoTimeout none. Outside of a task the
// error is ErrNotInTask, and f is not called. A panic or runtime.Goexit in f goes on its way. It costs
// three allocations and a timer.
func Timeout(d time.Duration, f func() error) error {
	checkFunc(f == nil, "Timeout")
	w := here()
	if w == nil || w.task == nil {
		return ErrNotInTask
	}
	return newTimeout(w.loop, d).Run(f)
}

// TimeoutAt is [Timeout] with the time on the loop's clock, as EventLoop.Time returns it, when it runs out.
func TimeoutAt(when time.Duration, f func() error) error {
	checkFunc(f == nil, "TimeoutAt")
	w := here()
	if w == nil || w.task == nil {
		return ErrNotInTask
	}
	return (&TimeoutScope{loop: w.loop, when: when}).Run(f)
}

// TimeoutScope is a Timeout that can be moved while it runs, and asked. It belongs to its loop's
// goroutines.
type TimeoutScope struct {
	loop   *EventLoop
	when   time.Duration
	phase  phase
	task   *task
	heeded int
	timer  *TimerHandle
}

type phase uint8

const (
	entered phase = iota + 1 // 0 is before that
	expired
	left
)

// NewTimeout returns a timeout that runs out d from now, also before Run is called; with NoTimeout
// never. Where no loop runs it panics with ErrNoRunningLoop.
func NewTimeout(d time.Duration) *TimeoutScope { return newTimeout(mustRun("NewTimeout"), d) }

func newTimeout(l *EventLoop, d time.Duration) *TimeoutScope {
	return &TimeoutScope{loop: l, when: l.in(d)}
}

// Run calls f; see [Timeout]. It can be called once: after that the error is ErrInvalidState.
func (s *TimeoutScope) Run(f func() error) (err error) {
	checkFunc(f == nil, "TimeoutScope.Run")
	w := here()
	switch {
	case w == nil || w.task == nil:
		return ErrNotInTask
	case w.loop != s.loop:
		return ErrOtherLoop
	case s.phase != 0:
		return fmt.Errorf("%w: a TimeoutScope can be run once", ErrInvalidState)
	}
	s.task, s.heeded, s.phase = w.task, w.task.heeded(), entered
	s.arm()
	defer func() {
		s.timer.cancel()
		if s.phase == entered {
			s.phase = left
		} else if s.task.takeBack(s.heeded) && isCancelled(err) {
			err = ErrTimeout
		}
		s.task = nil
	}()
	return f()
}

func (s *TimeoutScope) arm() {
	s.timer = &TimerHandle{Handle: Handle{loop: s.loop}}
	s.timer.f, s.timer.timer.handle = s.expire, s.timer
	switch {
	case s.when == NoTimeout:
	case s.when <= s.loop.Time():
		s.loop.ready.push(entry{handle: &s.timer.Handle})
	default:
		s.loop.timers.add(&s.timer.timer, s.when)
	}
}

func (s *TimeoutScope) expire() {
	s.phase = expired
	s.task.cancel("")
}

// When returns the time on the loop's clock when it runs out; NoTimeout if never.
func (s *TimeoutScope) When() time.Duration { return s.when }

// Expired reports whether the time ran out while Run was running.
func (s *TimeoutScope) Expired() bool { return s.phase == expired }

// Reschedule moves the end to a time on the loop's clock; NoTimeout is for ever, a time that has passed
// is now. If Run is not running, or the time has run out already, the error is ErrInvalidState; on a goroutine that
// the loop does not run ErrNoRunningLoop.
func (s *TimeoutScope) Reschedule(when time.Duration) error {
	switch {
	case !s.loop.mine():
		return fmt.Errorf("TimeoutScope.Reschedule: %w; use CallSoonThreadsafe", ErrNoRunningLoop)
	case s.phase != entered:
		return fmt.Errorf("%w: a TimeoutScope can be moved while it runs and has not run out", ErrInvalidState)
	}
	s.when = when
	s.timer.cancel()
	s.arm()
	return nil
}
