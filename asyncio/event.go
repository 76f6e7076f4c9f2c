package asyncio

import "sync"

// Event is a flag that tasks can wait for. Any goroutine may use it, in a loop or not. The zero Event
// is not set. It must not be copied after first use.
type Event struct {
	mutex sync.Mutex
	set   bool
	line  line
}

// NewEvent returns an Event that is not set.
func NewEvent() *Event { return new(Event) }

// Set sets the flag. All who wait go on, also if it is cleared before they do.
func (e *Event) Set() {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.set = true
	e.line.callAll()
}

// Clear takes Set back: who waits from now on waits for the next Set.
func (e *Event) Clear() {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.set = false
}

// IsSet reports whether the flag is set.
func (e *Event) IsSet() bool {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.set
}

// Wait waits until the flag is set. If it is, Wait does not suspend. The error is a *CancelledError if
// the task was cancelled while it waited; in a callback of a loop it is ErrNotInTask, unless the
// flag is set.
func (e *Event) Wait() error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.set {
		return nil
	}
	return e.line.stay(&e.mutex)
}
