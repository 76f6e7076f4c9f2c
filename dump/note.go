package dump

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Note says what was not read, or not with certainty: Lines lines from Line on.
type Note struct {
	Line  int  `json:"line"`
	Lines int  `json:"lines"`
	Kind  Kind `json:"kind"`
	// Text is the beginning of the first of these lines.
	Text string `json:"text,omitempty"`
}

// A Kind is what a [Note] is about.
type Kind string

const (
	Foreign   Kind = "foreign text"            // not part of a dump: other lines of a log
	Registers Kind = "registers"               // of the processor, after a signal
	Race      Kind = "race report"             // of the race detector
	Signal    Kind = "signal to a thread"      // in a crash: each thread is sent SIGQUIT in turn
	TooLong   Kind = "line too long"           // the rest of the line was skipped
	TooMany   Kind = "too many frames"         // of one goroutine; the others were skipped
	Truncated Kind = "the text ends too early" // or there is less than it says itself
	Odd       Kind = "not fully understood"    // a header or labels, of which a part was read
)

// String is for people: "lines 3-5: foreign text: \"listening on :8080\"".
func (n Note) String() string {
	at := fmt.Sprintf("line %d", n.Line)
	if n.Lines > 1 {
		at = fmt.Sprintf("lines %d-%d", n.Line, n.Line+n.Lines-1)
	}
	if n.Text == "" {
		return at + ": " + string(n.Kind)
	}
	return fmt.Sprintf("%s: %s: %q", at, n.Kind, n.Text)
}

const (
	maxNotes    = 1000
	maxNoteText = 200
)

// A notebook has room for so many notes.
type notebook struct {
	notes   []Note
	omitted int
}

func (b *notebook) add(line int, kind Kind, text string) {
	if last := len(b.notes) - 1; last >= 0 {
		// Lines of one kind that follow one another are one note.
		n := &b.notes[last]
		if n.Kind == kind && kind != Odd && line >= n.Line && line <= n.Line+n.Lines {
			n.Lines = line - n.Line + 1
			return
		}
	}
	if len(b.notes) == maxNotes {
		b.omitted++
		return
	}
	b.notes = append(b.notes, Note{line, 1, kind, strings.Clone(cut(text, maxNoteText))})
}

// cut shortens a text, not inside of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for range utf8.UTFMax - 1 {
		if utf8.RuneStart(s[n]) {
			break
		}
		n--
	}
	return s[:n]
}
