package main

import (
	"errors"
	"time"

	"github.com/gocontextvars/contextvars"
)

// An operation is one that this package has to do so many times as fast as CPython.
type operation struct {
	name       string // in loops.py
	title      string
	least, aim float64
}

var operations = []operation{
	{"call_soon", "CallSoon, context captured, until it has run", 9, 20},
	{"create_task", "CreateTask and Await", 7, 15},
	{"sleep", "Sleep(0) among 100 tasks, a switch", 7, 12},
	{"gather", "Gather of 1000, per task", 7, 17},
	{"queue", "queue, there and back between two tasks", 15, 30},
	{"call_soon_threadsafe", "CallSoonThreadsafe from another goroutine, until it has run", 12, 25},
	{"call_later", "CallLater(0), until it has run", 10, 20},
}

// These are loops.py's, too.
const (
	batch    = 100_000 // callbacks, and timers, that are ready at once
	tasks    = 100     // that give way to each other
	gathered = 1000
)

// A participant does the operations that it can do.
type participant struct {
	name string
	note string
	does map[string]work
}

// work does an operation about n times, and returns how often, and how long that took. It is an
// error if a function was not called as often as it was scheduled, or in
// another context, where the participant is said to keep that.
type work func(n int) (times int, took time.Duration, err error)

var participants = []*participant{ours, funcs, funcsBound, gojaLoop, gojaBound, goroutines}

// timed is work for a function that does something n times or somewhat more often, on a goroutine of
// its own, whose context is empty.
func timed(f func(n int) (times int, err error)) work {
	return func(n int) (times int, took time.Duration, err error) {
		done := make(chan struct{})
		go func() {
			defer close(done)
			start := time.Now()
			times, err = f(n)
			took = time.Since(start)
		}()
		<-done
		return times, took, err
	}
}

// batches calls f with batch, until that is n in all.
func batches(n int, f func(n int) error) (times int, err error) {
	for ; times < n && err == nil; times += min(batch, n-times) {
		err = f(min(batch, n-times))
	}
	return times, err
}

// user is set where functions are scheduled, and only there.
var user = contextvars.New[string]("user")

const somebody = "somebody"

var errContext = errors.New("a function was called in another context than that it was scheduled in")

// seen returns an error if the context is another one.
func seen() error {
	if user.Get() != somebody {
		return errContext
	}
	return nil
}

// counter counts the calls of a function that is scheduled n times.
type counter struct {
	left int
	all  func(error) // called with what check returns, by the last one
	// check looks whether the context is the right one.
	check func() error
}

func (c *counter) call() {
	if c.left--; c.left == 0 {
		c.all(c.check())
	}
}

// ignored is the check of a counter where contexts do not follow.
func ignored() error { return nil }

// waiting returns a counter, and a function that waits for the last call.
func waiting(n int, check func() error) (c *counter, wait func() error) {
	done := make(chan error, 1)
	return &counter{left: n, all: func(err error) { done <- err }, check: check}, func() error { return <-done }
}
