package main

import (
	"bytes"
	"io"
	"strings"
)

// vetErrors is what go vet says, line by line. Of wrong usage it says that the tool is to be run for help, which is this command
// under its path, and would know nothing of checks: in place of that stands what does.
type vetErrors struct {
	out  io.Writer
	tool string
	line []byte // the beginning of one, until its end comes
}

func (v *vetErrors) Write(data []byte) (int, error) {
	v.line = append(v.line, data...)
	for {
		i := bytes.IndexByte(v.line, '\n')
		if i < 0 {
			return len(data), nil
		}
		if err := v.write(v.line[:i+1]); err != nil {
			return 0, err
		}
		v.line = v.line[i+1:]
	}
}

// flush writes a last line that has no end.
func (v *vetErrors) flush() { _ = v.write(v.line) } // whoever cannot be told of errors cannot be told of this one

func (v *vetErrors) write(line []byte) error {
	advice, ours := strings.CutPrefix(string(line), "Run '"+v.tool+" ")
	switch {
	case ours && strings.HasPrefix(advice, "help'"):
		line = []byte("Run 'contextvars help vet' for the flags of the checks.\n")
	case ours:
		return nil // the same, for an overview
	}
	_, err := v.out.Write(line)
	return err
}
