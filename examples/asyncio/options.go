package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"time"
)

// Exit statuses.
const (
	exitOK      = 0
	exitWrong   = 1
	exitUsage   = 2
	exitStopped = 130
)

const usage = `Asyncio runs four small programs on an event loop, whose tasks have context variables of
their own, and checks every value that they see.

Usage: go run ./examples/asyncio [flags]

  -run NAMES   run these parts only, such as call,echo

The parts:
  call   a value set in main, changed in an awaited call, seen by main again
  tasks  eight tasks that each keep their own count across a sleep of a second
  echo   a TCP echo server with 1,000 clients, a task with variables for each connection
  crawl  a crawler: producer and consumer with queues, timeouts and a task group

Exit status (go run itself makes 1 of any but 0):
  0    all values were right
  1    there were wrong values, or a part failed
  2    the flags were wrong
  130  stopped by SIGINT; all values until then were right
`

type options struct {
	parts   []part
	sizes   sizes
	mistake mistake
}

// sizes say how much the parts do.
type sizes struct {
	tasks          int           // of tasks: how many
	pause          time.Duration // its sleep
	clients, lines int           // of echo: how many, and how many lines each sends
	pages, workers int           // of crawl: the site, and how many pages are fetched at a time
	patience       time.Duration // how long the first attempt to fetch a page may take
}

var fullSizes = sizes{
	tasks: 8, pause: time.Second,
	clients: 1000, lines: 5,
	pages: 255, workers: 16, patience: 200 * time.Millisecond,
}

// A mistake is one that a user of the library can make. The tests make each, to show that
// this program finds it.
type mistake int

const (
	noMistake     mistake = iota
	callsInTasks          // a task for what should have been a call: its sets do not come back
	sharedContext         // one context for tasks that should have had one each
)

// parseOptions returns flag.ErrHelp for -h.
func parseOptions(args []string) (options, error) {
	o := options{parts: parts, sizes: fullSizes}
	fs := flag.NewFlagSet("asyncio", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // run prints
	names := fs.String("run", "", "")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; there are only flags", fs.Arg(0))
	}
	given := false
	fs.Visit(func(*flag.Flag) { given = true })
	if !given {
		return o, nil
	}
	o.parts = nil
	for name := range strings.SplitSeq(*names, ",") {
		p, ok := partNamed(name)
		if !ok {
			return o, fmt.Errorf("-run names the part %q; there are call, tasks, echo and crawl", name)
		}
		o.parts = append(o.parts, p)
	}
	return o, nil
}

func partNamed(name string) (part, bool) {
	for _, p := range parts {
		if p.name == name {
			return p, true
		}
	}
	return part{}, false
}
