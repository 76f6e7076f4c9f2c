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
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
)

const (
	exitOK          = 0
	exitWrong       = 1
	exitUsage       = 2
	exitMissed      = 3
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	go func() {
		<-ctx.Done()
		stop() // a second interrupt ends the program at once
	}()
	os.Exit(bench(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func bench(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print JSON")
	asMarkdown := flags.Bool("markdown", false, "print the tables of the README")
	isQuick := flags.Bool("quick", false, "run everything once, to see that it is right; speed is not judged")
	strict := flags.Bool("strict", false, "exit with 3 if a figure is missed")
	heap := flags.Int("heap", 32, "hold so many `MB`, as a service does; with 0 garbage is collected after "+
		"every 4 MB, and the collector's fixed costs are in a third of the samples")
	pattern := flags.String("run", "", "run only what has a name that matches this `regexp`, such as Get/8 or Figures")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitOK
	} else if err != nil {
		return exitUsage
	}
	usage := func(message string) int {
		fmt.Fprintln(stderr, "bench: "+message)
		return exitUsage
	}
	if flags.NArg() > 0 {
		return usage(fmt.Sprintf("unknown argument %q; see -help", flags.Arg(0)))
	}
	if *asJSON && *asMarkdown {
		return usage("-json and -markdown exclude each other")
	}
	if *heap < 0 {
		return usage(fmt.Sprintf("-heap %d: it is a number of megabytes", *heap))
	}
	re, err := regexp.Compile(*pattern)
	if err != nil {
		return usage("-run: " + err.Error())
	}
	s := session{effort: full, heap: *heap << 20, pattern: re, progress: stderr}
	if *isQuick {
		s.effort = quick
	}
	r := s.measure(ctx)
	if s.steps == 0 {
		return usage(fmt.Sprintf("-run %q matches no case", *pattern))
	}
	write := writeTable
	switch {
	case *asJSON:
		write = writeJSON
	case *asMarkdown:
		write = writeMarkdown
	}
	if err := write(stdout, r); err != nil {
		fmt.Fprintln(stderr, "bench: writing the table: "+err.Error())
		return exitWrong
	}
	return exitCode(r, *strict, stderr)
}

func exitCode(r *report, strict bool, stderr io.Writer) int {
	faults := r.faults()
	for _, f := range faults {
		fmt.Fprintln(stderr, "bench: "+f)
	}
	switch {
	case len(faults) > 0:
		return exitWrong
	case r.Interrupted:
		return exitInterrupted
	case strict && r.missed() > 0:
		fmt.Fprintf(stderr, "bench: %d figures missed\n", r.missed())
		return exitMissed
	}
	return exitOK
}

func writeJSON(w io.Writer, r *report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
