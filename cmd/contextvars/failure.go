package main

import (
	"errors"
	"flag"
	"fmt"
)

// Exit statuses; the usage text says what they mean.
const (
	exitOK          = 0
	exitFound       = 1
	exitUsage       = 2
	exitUnreachable = 3
	exitPartial     = 4
)

// errHelp asks for the usage text.
var errHelp = flag.ErrHelp

// A failure is an error with an exit status.
type failure struct {
	status int
	err    error // nil: all has been said
}

func (f *failure) Error() string {
	if f.err == nil {
		return ""
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

func fail(status int, format string, args ...any) error {
	return &failure{status, fmt.Errorf(format, args...)}
}

// wrong is for what the user has given; command is empty if it is about the command itself.
func wrong(command, format string, args ...any) error {
	more := "contextvars help"
	if command != "" {
		more += " " + command
	}
	return fail(exitUsage, "%w (see %q)", fmt.Errorf(format, args...), more)
}

// report prints what went wrong, if anything, and returns the exit status.
func (t *terminal) report(err error) int {
	if err == nil {
		return exitOK
	}
	if text := err.Error(); text != "" {
		t.note(text)
	}
	var f *failure
	if errors.As(err, &f) {
		return f.status
	}
	return exitUnreachable
}
