package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gocontextvars/contextvars"
)

// A tally counts what happens in a run. The servers and the clients write in the same one.
type tally struct {
	requests   atomic.Int64 // answered rightly or wrongly
	failed     atomic.Int64 // not answered, or with an error
	lines      atomic.Int64 // log lines written
	operations atomic.Int64 // on variables
	checked    atomic.Int64 // values
	wrong      atomic.Int64 // of those

	mu       sync.Mutex
	findings []string
}

// maxFindings is how many findings are kept in words. The first ones tell most.
const maxFindings = 10

func (t *tally) note(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.findings) < maxFindings {
		t.findings = append(t.findings, fmt.Sprintf(format, args...))
	}
}

// found returns the first findings.
func (t *tally) found() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.findings)
}

func (t *tally) fail(id string, err error) {
	t.failed.Add(1)
	t.note("request %s failed: %v", id, err)
}

// ended is how many requests are over, in whichever way.
func (t *tally) ended() int64 { return t.requests.Load() + t.failed.Load() }

// check compares the three values that were seen at a place with those that the request has.
func (t *tally) check(place string, want, got request) {
	t.checked.Add(3)
	differ := 0
	if got.ID != want.ID {
		differ++
	}
	if got.Tenant != want.Tenant {
		differ++
	}
	if !got.Deadline.Equal(want.Deadline) {
		differ++
	}
	if differ > 0 {
		t.wrong.Add(int64(differ))
		t.note("%s: is %v, should be %v", place, got, want)
	}
}

// checkEmpty is for a place where a request arrives: the one before it has to be gone.
func (t *tally) checkEmpty(place string, c *contextvars.Context) {
	t.operations.Add(1)
	t.checked.Add(1)
	for v, value := range c.All() {
		t.wrong.Add(1)
		t.note("%s: %s is still %v", place, v.Name(), value)
	}
}

// unexpected counts a place or a log line that is missing, or should not be there.
func (t *tally) unexpected(format string, args ...any) {
	t.wrong.Add(1)
	t.note(format, args...)
}
