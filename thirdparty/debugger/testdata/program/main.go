// Program is what the debugger is shown: goroutines with variables that are
// labels, with plain ones, with some of both beside labels of runtime/pprof, and
// with none, all of them waiting when reached is called.
package main

import (
	"context"
	"runtime/pprof"

	cv "github.com/gocontextvars/contextvars"
)

var (
	tenant = cv.New[string]("tenant", cv.Label())
	user   = cv.New[string]("user")
	many   [20]*cv.ContextVar[int]

	ready, quit = make(chan bool), make(chan bool)
)

func main() {
	for i := range many {
		many[i] = cv.New[int]("many")
	}
	go withNone()
	user.With("alice", func() { go withPlain() })
	tenant.With("acme", func() { go withInheritedLabel() })
	go func() {
		tenant.Set("globex")
		for i, v := range many {
			v.Set(i)
		}
		withMany()
	}()
	go func() {
		tenant.Set("initech")
		pprof.Do(context.Background(), pprof.Labels("job", "mail"), func(context.Context) {
			user.Set("bob")
			withLabelsOfBoth()
		})
	}()
	go func() {
		tenant.Set("umbrella")
		cv.Lend(withLent)
	}()
	for range 6 {
		<-ready
	}
	reached()
}

// The functions wait in the runtime only, so that a debugger always sees their
// names, not those of what they wait by.

//go:noinline
func withNone() { ready <- true; <-quit }

//go:noinline
func withPlain() { ready <- true; <-quit }

//go:noinline
func withInheritedLabel() { ready <- true; <-quit }

//go:noinline
func withMany() { ready <- true; <-quit }

//go:noinline
func withLabelsOfBoth() { ready <- true; <-quit }

//go:noinline
func withLent() { ready <- true; <-quit }

// reached is where the breakpoint is.
//
//go:noinline
func reached() {}
