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
	s, data, err := l.client.fetch(context.Background(), l.query)
	if err != nil {
		return err
	}
	if err := l.write(t.out, s, data, l.width(t)); err != nil {
		return err
	}
	if l.filtered() && s.Matching == 0 {
		return fail(exitFound, "nothing matches the filters")
	}
	return nil
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
