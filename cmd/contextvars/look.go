package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/gocontextvars/contextvars/debugvars"
)

// A look is what ps and pstree have been asked for.
type look struct {
	client   *client
	query    debugvars.Query
	tree     bool
	wide     bool
	json     bool
	watch    bool
	interval time.Duration
}

func (l *look) once(t *terminal) error {
	s, data, err := l.fetch(context.Background())
	if err != nil {
		return err
	}
	if err := l.write(t.out, s, data, l.width(t)); err != nil {
		return err
	}
	if l.filtered() && l.empty(s) {
		return fail(exitFound, "nothing matches the filters")
	}
	return nil
}

// fetch returns a snapshot and its JSON. A snapshot in which nobody can have what is asked for, since it is not known, is
// an error: that nothing is in it says nothing.
func (l *look) fetch(ctx context.Context) (*debugvars.Snapshot, []byte, error) {
	s, data, err := l.client.fetch(ctx, l.query)
	if err == nil && s.Summarised && (l.query.State != "" || l.query.Goroutine != 0) {
		err = fail(exitUnreachable, "the program has %d goroutines, too many to know their states; raise debugvars.MaxGoroutines", s.Total)
	}
	return s, data, err
}

// empty reports whether nothing is shown that the filters choose.
func (l *look) empty(s *debugvars.Snapshot) bool {
	if l.query.View == debugvars.ViewEnded {
		return len(s.Ended) == 0
	}
	return s.Matching == 0
}

// width is how long lines may be; 0 is no limit.
func (l *look) width(t *terminal) int {
	if l.wide {
		return 0
	}
	width, _ := t.size()
	return width
}

// write writes a snapshot as the user wants it.
func (l *look) write(w io.Writer, s *debugvars.Snapshot, data []byte, width int) error {
	switch {
	case l.json:
		return writeJSON(w, data, l.watch)
	case !l.tree:
		return s.WriteTable(w, width)
	case l.query.View == debugvars.ViewLoops:
		return writeTaskTree(w, s, width)
	default:
		return s.WriteTree(w, width)
	}
}

// writeJSON writes a JSON text, with all that it has, in one line or for people.
func writeJSON(w io.Writer, data []byte, oneLine bool) error {
	var b bytes.Buffer
	format := func() error { return json.Indent(&b, data, "", "  ") }
	if oneLine {
		format = func() error { return json.Compact(&b, data) }
	}
	if err := format(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s\n", visibleJSON(bytes.TrimSpace(b.Bytes())))
	return err
}

// filtered reports whether less than all goroutines with variables are asked for.
func (l *look) filtered() bool {
	q := l.query
	return len(q.Vars) > 0 || q.State != "" || q.Search != "" || q.Goroutine != 0
}
