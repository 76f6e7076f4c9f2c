// Package command is what the benchmarks have in common as programs: flags, messages, exit statuses, and
// what an interrupt does.
package command

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
)

// Exit statuses.
const (
	ExitOK          = 0
	ExitWrong       = 1
	ExitUsage       = 2
	ExitMissed      = 3 // for programs that tell it from ExitWrong
	ExitInterrupted = 130
)

// A Program is one of the benchmarks. It returns its exit status.
type Program func(ctx context.Context, args []string, stdout, stderr io.Writer) int

// Main is what p's main does. An interrupt ends ctx, so that p prints what it has.
func Main(p Program) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	go func() {
		<-ctx.Done()
		stop() // a second interrupt ends the program at once
	}()
	os.Exit(p(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// A Command is one call of a program.
type Command struct {
	// Flags is for those that only this program has.
	Flags *flag.FlagSet

	// What follows is known after Parse.

	Quick   bool
	Heap    int            // bytes that the program is to hold all the time
	Pattern *regexp.Regexp // of the names of what is to run

	asJSON, asMarkdown bool
	megabytes          int
	pattern            string
	stderr             io.Writer
}

// New returns the call of a program of that name, with the flags that all of them have. The help text has examples of
// what -run may be.
func New(name, examples string, stderr io.Writer) *Command {
	c := &Command{Flags: flag.NewFlagSet(name, flag.ContinueOnError), stderr: stderr}
	c.Flags.SetOutput(stderr)
	c.Flags.BoolVar(&c.asJSON, "json", false, "print JSON")
	c.Flags.BoolVar(&c.asMarkdown, "markdown", false, "print the tables as Markdown")
	c.Flags.BoolVar(&c.Quick, "quick", false, "run everything once, to see that it is right; speed is not judged")
	c.Flags.IntVar(&c.megabytes, "heap", 32, "hold so many `MB`, as a service does; with 0 garbage is collected after "+
		"every 4 MB, and the collector's fixed costs are in many of the samples")
	c.Flags.StringVar(&c.pattern, "run", "", "run only what has a name that matches this `regexp`, such as "+examples)
	return c
}

// Parse is for args without the program's name. If the program is to end, it has said why, and returns the exit status
// and true.
func (c *Command) Parse(args []string) (status int, end bool) {
	if err := c.Flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return ExitOK, true
	} else if err != nil {
		return ExitUsage, true
	}
	var err error
	c.Heap = c.megabytes << 20
	c.Pattern, err = regexp.Compile(c.pattern)
	switch {
	case c.Flags.NArg() > 0:
		return c.Fail(ExitUsage, "unknown argument %q; see -help", c.Flags.Arg(0)), true
	case c.asJSON && c.asMarkdown:
		return c.Fail(ExitUsage, "-json and -markdown exclude each other"), true
	case c.megabytes < 0:
		return c.Fail(ExitUsage, "-heap %d: it is a number of megabytes", c.megabytes), true
	case err != nil:
		return c.Fail(ExitUsage, "-run: %v", err), true
	}
	return ExitOK, false
}

// NoMatch is for a Pattern that selects nothing.
func (c *Command) NoMatch() int {
	return c.Fail(ExitUsage, "-run %q matches nothing", c.pattern)
}

// Print writes a report in the form that the flags ask for.
func Print[R any](c *Command, stdout io.Writer, report R, text, markdown func(io.Writer, R) error) error {
	switch {
	case c.asJSON:
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		return e.Encode(report)
	case c.asMarkdown:
		return markdown(stdout, report)
	}
	return text(stdout, report)
}

// Status returns the exit status of a program that has printed its report. It says what the faults are.
func (c *Command) Status(faults []string, interrupted bool) int {
	for _, f := range faults {
		c.Fail(ExitWrong, "%s", f)
	}
	switch {
	case len(faults) > 0:
		return ExitWrong
	case interrupted:
		return ExitInterrupted
	}
	return ExitOK
}

// Fail says what is wrong, and returns status.
func (c *Command) Fail(status int, format string, args ...any) int {
	fmt.Fprintf(c.stderr, c.Flags.Name()+": "+format+"\n", args...)
	return status
}
