package main

import (
	"bytes"
	"encoding/json"
	"sync"
)

// A logbook keeps the lines that the servers log, until they are taken out and checked.
type logbook struct {
	mu   sync.Mutex
	text []byte
}

func (b *logbook) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, line...)
	return len(line), nil
}

// take empties the logbook.
func (b *logbook) take() (lines [][]byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := b.text
	b.text = nil
	for line := range bytes.Lines(text) {
		lines = append(lines, bytes.TrimSuffix(line, []byte("\n")))
	}
	return lines
}

// An entry is a line of the logbook as JSON has it.
type entry struct {
	Place string `json:"msg"`
	Line  int64  `json:"line"`
	request
}

// checkLog checks that the lines are those claimed, each with its request's values, and
// returns the ones that say that they are of request id.
func (t *tally) checkLog(lines [][]byte, claims []claim, id string) (gathered []json.RawMessage) {
	claimed := make(map[int64]claim, len(claims))
	for _, c := range claims {
		claimed[c.line] = c
	}
	for _, line := range lines {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			t.unexpected("log line is not JSON: %v: %s", err, line)
			continue
		}
		if e.ID == id {
			gathered = append(gathered, line)
		}
		c, ok := claimed[e.Line]
		delete(claimed, e.Line)
		switch {
		case ok && c.place == e.Place:
			t.check("log line of "+e.Place, c.want, e.request)
		case t.failed.Load() == 0: // who fails has no trail, and claims nothing
			t.unexpected("log line of no request, or twice: %s", line)
		}
	}
	for _, c := range claimed {
		t.unexpected("request %s: no log line of %s", c.want.ID, c.place)
	}
	return gathered
}
