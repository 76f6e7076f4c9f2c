// Command bench measures this project's context variables beside everything else that
// gives a goroutine its variables, in one process and on the same work, and the figures
// that the project has set itself.
//
//	go run .             tables for people
//	go run . -markdown   the tables of the README
//	go run . -json       for tools
//	go run . -quick      one short pass: does everything run, are all values right?
//	go run . -run Get/8  the cases whose names match
//
// It exits with 0 if everything ran and this package's values were right, 1 if one was
// wrong, 2 if it was not called right, 3 with -strict if a figure was missed, and 130
// if it was interrupted, after printing what it had.
package main

import (
	"context"
	"io"

	"github.com/gocontextvars/contextvars/bench/internal/command"
)

func main() { command.Main(bench) }

func bench(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c := command.New("bench", "Get/8 or Figures", stderr)
	strict := c.Flags.Bool("strict", false, "exit with 3 if a figure is missed")
	if status, end := c.Parse(args); end {
		return status
	}
	s := session{effort: full, heap: c.Heap, pattern: c.Pattern, progress: stderr}
	if c.Quick {
		s.effort = quick
	}
	r := s.measure(ctx)
	if s.steps == 0 {
		return c.NoMatch()
	}
	if err := command.Print(c, stdout, r, writeTable, writeMarkdown); err != nil {
		return c.Fail(command.ExitWrong, "writing the tables: %v", err)
	}
	return exitStatus(c, r, *strict)
}

func exitStatus(c *command.Command, r *report, strict bool) int {
	status := c.Status(r.faults(), r.Interrupted)
	if n := r.missed(); strict && n > 0 && status == command.ExitOK {
		return c.Fail(command.ExitMissed, "%d figures missed", n)
	}
	return status
}
