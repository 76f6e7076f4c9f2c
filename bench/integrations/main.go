// Command integrations measures what each integration adds to the call that it is about:
// the same call without it and with it, in one process, sample by sample in turns.
//
//	go run .             tables for people
//	go run . -markdown   the tables of the README
//	go run . -json       for tools
//	go run . -quick      one short pass: does everything run, do all values arrive?
//	go run . -run slog   the comparisons whose names match
//
// It exits with 0 if everything ran, 1 if a value did not arrive or a call failed, 2 if it
// was not called right, 3 if a limit was missed, and 130 if it was interrupted, after
// printing what it had. With -quick no speed is judged.
package main

import (
	"context"
	"io"

	"github.com/gocontextvars/contextvars/bench/internal/command"
)

func main() { command.Main(bench) }

func bench(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c := command.New("integrations", "http or nats", stderr)
	if status, end := c.Parse(args); end {
		return status
	}
	s := session{effort: full, heap: c.Heap, pattern: c.Pattern, progress: stderr}
	if c.Quick {
		s.effort = quick
	}
	r := s.measure(ctx, comparisons)
	if s.steps == 0 {
		return c.NoMatch()
	}
	if err := command.Print(c, stdout, r, writeText, writeMarkdown); err != nil {
		return c.Fail(command.ExitWrong, "writing the tables: %v", err)
	}
	return exitStatus(c, r)
}

func exitStatus(c *command.Command, r *report) int {
	status := c.Status(r.faults(), r.Interrupted)
	if n := r.missed(); n > 0 && status == command.ExitOK {
		return c.Fail(command.ExitMissed, "%d limits missed", n)
	}
	return status
}
