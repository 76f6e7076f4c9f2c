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
	exitInterrupted = 130
)

func main() {
	if code, sent := runErrand(os.Stdout, os.Stderr); sent {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	go func() {
		<-ctx.Done()
		stop() // a second interrupt ends the program at once
	}()
	os.Exit(bench(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func bench(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("asyncio", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print JSON")
	asMarkdown := flags.Bool("markdown", false, "print the tables as Markdown")
	isQuick := flags.Bool("quick", false, "run everything once, to see that it is right; speed is not judged")
	heap := flags.Int("heap", 32, "hold so many `MB`, as a service does; with 0 garbage is collected after every 4 MB")
	pattern := flags.String("run", "", "run only what has a name that matches this `regexp`, such as queue or Timers")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return exitOK
	} else if err != nil {
		return exitUsage
	}
	usage := func(message string) int {
		fmt.Fprintln(stderr, "asyncio: "+message)
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
	if s.step == 0 && !r.Interrupted {
		return usage(fmt.Sprintf("-run %q matches nothing", *pattern))
	}
	write := writeText
	switch {
	case *asJSON:
		write = writeJSON
	case *asMarkdown:
		write = writeMarkdown
	}
	if err := write(stdout, r); err != nil {
		fmt.Fprintln(stderr, "asyncio: writing the tables: "+err.Error())
		return exitWrong
	}
	return exitCode(r, stderr)
}

func exitCode(r *report, stderr io.Writer) int {
	complaints := r.complaints()
	for _, c := range complaints {
		fmt.Fprintln(stderr, "asyncio: "+c)
	}
	switch {
	case len(complaints) > 0:
		return exitWrong
	case r.Interrupted:
		return exitInterrupted
	}
	return exitOK
}

func writeJSON(w io.Writer, r *report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
