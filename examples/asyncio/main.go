// Asyncio runs four small programs on an event loop, whose tasks have context variables of their own, and
// checks every value that they see.
//
// Read call.go first, then tasks.go, echo.go and crawl.go: a part each. Run it with -h
// for the flags and exit statuses.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/gocontextvars/contextvars/asyncio"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(stderr, "asyncio: %v\nasyncio: run it with -h to see the flags\n", err)
		return exitUsage
	}
	return o.run(stdout, stderr)
}

// A part is one of the programs.
type part struct {
	name  string
	about string
	run   func(s *show) error
}

var parts = []part{
	{"call", "a value set in main, changed in an awaited call, is seen by main again", call},
	{"tasks", "tasks that each keep their own count across a sleep", tasks},
	{"echo", "a TCP echo server whose connections have variables of their own", echo},
	{"crawl", "a crawler: queues, timeouts, a task group, and variables for each page", crawl},
}

// run runs the parts in one event loop, one after another. Each is a task, so that what it sets is
// gone when the next one begins.
func (o options) run(stdout, stderr io.Writer) int {
	s := &show{options: o, out: stdout}
	main := func() (struct{}, error) {
		for _, p := range o.parts {
			if err := s.part(p); err != nil {
				return struct{}{}, fmt.Errorf("%s: %w", p.name, err)
			}
		}
		return struct{}{}, nil
	}
	// SIGINT cancels main, and with it whatever it waits for; a second one ends the program.
	_, err := asyncio.Run(main, asyncio.WithInterrupt())
	switch {
	case errors.Is(err, asyncio.ErrInterrupted):
		fmt.Fprintln(stdout, "\nstopped by a signal: this is what was done until then")
	case err != nil:
		fmt.Fprintf(stderr, "asyncio: %v\n", err)
		return exitWrong
	}
	s.summary()
	switch {
	case s.wrong > 0:
		return exitWrong
	case err != nil:
		return exitStopped
	}
	return exitOK
}
