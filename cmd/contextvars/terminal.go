package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// A terminal is where the output goes, which may be a file or a pipe as well.
type terminal struct {
	out, err io.Writer
	// fd is that of out, and is only looked at if live.
	fd   int
	live bool // a person looks at it
}

func newTerminal(out, err *os.File) *terminal {
	fd := int(out.Fd())
	return &terminal{out: out, err: err, fd: fd, live: term.IsTerminal(fd) && os.Getenv("TERM") != "dumb"}
}

// size returns columns and lines, 0 if there is no limit. The variable COLUMNS goes
// before what the terminal says.
func (t *terminal) size() (width, height int) {
	if t.live {
		width, height, _ = term.GetSize(t.fd) // both are 0 after an error
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		width = n
	}
	return width, height
}

// note writes a line for people beside the output.
func (t *terminal) note(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintln(t.err, "contextvars: "+visible(line))
	}
}
