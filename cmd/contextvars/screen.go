package main

import (
	"bytes"
	"fmt"
	"os"
	"time"
)

// What a terminal is told; all of them since the VT100 know it.
const (
	clearAll = "\x1b[2J"
	home     = "\x1b[H"
	restLine = "\x1b[K" // clears what is right of the cursor
	restAll  = "\x1b[J" // and below
	wrapOff  = "\x1b[?7l"
	wrapOn   = "\x1b[?7h"
	boldOn   = "\x1b[1m"
	boldOff  = "\x1b[m"
)

// A screen shows snapshots in place.
type screen struct {
	*terminal
	title   string
	last    []byte // the frame that is on it
	status  string // why it is not newer
	started bool
}

func (s *screen) show(frame []byte) error {
	s.last, s.status = frame, ""
	return s.draw()
}

func (s *screen) lost(err error) error {
	s.status = err.Error() + "; trying again"
	return s.draw()
}

// draw writes everything at once, so that it does not flicker. Lines that are too long end at the right border,
// whatever the width of their characters: only so it is known how many fit.
func (s *screen) draw() error {
	_, height := s.size()
	lines := bytes.Split(bytes.TrimRight(s.last, "\n"), []byte("\n"))
	more := 0
	if room := max(height-3, 1); height > 0 && len(lines) > room {
		more = len(lines) - room
		lines = lines[:room]
	}
	var b bytes.Buffer
	if !s.started {
		s.started = true
		b.WriteString(clearAll)
	}
	b.WriteString(wrapOff + home)
	fmt.Fprintf(&b, "%s%s\n", bold(visible(s.title)+"  "+time.Now().Format(time.TimeOnly)), restLine)
	for _, line := range lines {
		fmt.Fprintf(&b, "%s%s\n", line, restLine)
	}
	switch {
	case s.status != "":
		b.WriteString(bold(visible(s.status)))
	case more > 0:
		fmt.Fprintf(&b, "and %d lines more: filters make it less", more)
	}
	b.WriteString(restAll + wrapOn)
	_, err := s.out.Write(b.Bytes())
	return err
}

// end leaves the last frame where it is, and what the shell writes below.
func (s *screen) end() {
	if s.started {
		fmt.Fprint(s.out, "\n")
	}
}

// bold is the only decoration there is; see no-color.org.
func bold(text string) string {
	if os.Getenv("NO_COLOR") != "" {
		return text
	}
	return boldOn + text + boldOff
}
