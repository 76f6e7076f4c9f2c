// Command asyncio measures this project's event loop beside CPython's asyncio, which it has to be so
// many times as fast as, and beside what Go programs use in place of one.
//
//	go run ./asyncio             tables for people
//	go run ./asyncio -markdown   the same for a README
//	go run ./asyncio -json       for tools
//	go run ./asyncio -quick      one short pass: does everything run, are all values right?
//	go run ./asyncio -run queue  the parts whose names match
//
// It exits with 0 if everything ran, 1 if a value was wrong or a limit was missed, 2 if it was not called
// right, and 130 if it was interrupted, after printing what it had. Without a python3 it
// says so, and there is nothing to compare this package's times with: only what
// does not depend on that is judged. With -quick no speed is judged.
package main

import (
	"context"
	"io"
	"os"

	"github.com/gocontextvars/contextvars/bench/internal/command"
)

func main() {
	if status, sent := runErrand(os.Stdout, os.Stderr); sent {
		os.Exit(status)
	}
	command.Main(bench)
}

func bench(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c := command.New("asyncio", "queue or Timers", stderr)
	if status, end := c.Parse(args); end {
		return status
	}
	s := session{effort: full, heap: c.Heap, pattern: c.Pattern, progress: stderr}
	if c.Quick {
		s.effort = quick
	}
	r := s.measure(ctx)
	if s.step == 0 && !r.Interrupted {
		return c.NoMatch()
	}
	if err := command.Print(c, stdout, r, writeText, writeMarkdown); err != nil {
		return c.Fail(command.ExitWrong, "writing the tables: %v", err)
	}
	return c.Status(r.complaints(), r.Interrupted)
}
