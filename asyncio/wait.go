package asyncio

import (
	"fmt"
	"time"
)

// ReturnWhen says when Wait is to return.
type ReturnWhen int

const (
	// AllCompleted is when all are done.
	AllCompleted ReturnWhen = iota
	// FirstCompleted is when one is done.
	FirstCompleted
	// FirstException is when one has failed, otherwise than by being cancelled, or all are done.
	FirstException
	// firstFailure is FirstException, but being cancelled counts.
	firstFailure
)

// Wait waits until those that are done are enough, or for the timeout, and returns which are
// done and which are pending, each once, in the order of the arguments. That the time ran out is no
// error. With a timeout of 0 or less the loop has one turn.
//
// Wait never cancels any of them, also if the waiting task is cancelled: then it returns a
// *CancelledError at once. It asks none how it ended: that a task failed is reported to the
// exception handler if nobody else does. Given none it returns ErrInvalidState (152). Else it is as [Gather].
func Wait(when ReturnWhen, timeout time.Duration, all ...Awaitable) (done, pending []Awaitable, err error) {
	switch {
	case when < AllCompleted || when > FirstException:
		return nil, nil, fmt.Errorf("%w: Wait was given %d, which is no ReturnWhen", ErrInvalidState, when)
	case len(all) == 0:
		return nil, nil, fmt.Errorf("%w: Wait was given nothing to wait for", ErrInvalidState)
	}
	s := several{futures: distinct(collect("Wait", all)), until: when}
	if err := s.wait(timeout); err != nil {
		return nil, nil, err
	}
	for _, f := range s.futures {
		if f.Done() {
			done = append(done, f.self)
		} else {
			pending = append(pending, f.self)
		}
	}
	return done, pending, nil
}
