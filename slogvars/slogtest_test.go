package slogvars_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/slogvars"
)

var (
	suiteRequest = contextvars.New[string]("request_id")
	suiteZone    = contextvars.NewDefault("zone", "north")
	suiteUnset   = contextvars.New[int]("never_set")
)

// TestSlogtest runs the standard library's conformance suite.
func TestSlogtest(t *testing.T) {
	defer suiteRequest.Set("r-1").Restore()

	inner := map[string]struct {
		handler func(io.Writer) slog.Handler
		parse   func(*testing.T, string) map[string]any
	}{
		"JSON": {func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) }, parseJSON},
		"Text": {func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) }, parseText},
	}
	vars := map[string][]contextvars.Variable{
		"no variables": nil,
		"unset":        {suiteUnset},
		"variables":    {suiteRequest, suiteUnset, suiteZone},
	}
	for format, in := range inner {
		for name, vars := range vars {
			t.Run(format+"/"+name, func(t *testing.T) {
				var out bytes.Buffer
				slogtest.Run(t, func(t *testing.T) slog.Handler {
					out.Reset()
					return slogvars.NewHandler(in.handler(&out), vars...)
				}, func(t *testing.T) map[string]any {
					record := in.parse(t, out.String())
					want := map[string]any{}
					if len(vars) == 3 {
						want = map[string]any{"request_id": "r-1", "zone": "north"}
					}
					for _, key := range []string{"request_id", "zone", "never_set"} {
						if record[key] != want[key] {
							t.Errorf("%s is %v at the top level, want %v, in %s", key, record[key], want[key], &out)
						}
					}
					return record
				})
			})
		}
	}
}

func parseJSON(t *testing.T, line string) map[string]any {
	t.Helper()
	m := map[string]any{}
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	return m
}

// parseText reads what the suite writes: keys and values without any space or dot
// in them, but for time.
func parseText(t *testing.T, line string) map[string]any {
	t.Helper()
	top := map[string]any{}
	words := bufio.NewScanner(strings.NewReader(line))
	words.Split(bufio.ScanWords)
	for words.Scan() {
		key, value, ok := strings.Cut(words.Text(), "=")
		if !ok {
			t.Fatalf("no = in %q of %q", words.Text(), line)
		}
		m := top
		path := strings.Split(key, ".")
		for _, name := range path[:len(path)-1] {
			inner, _ := m[name].(map[string]any)
			if inner == nil {
				inner = map[string]any{}
				m[name] = inner
			}
			m = inner
		}
		m[path[len(path)-1]] = value
	}
	return top
}
