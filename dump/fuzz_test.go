package dump_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/dump"
)

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text[:min(len(text), 4<<10)])
	}
	for _, text := range handwritten {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := dump.Parse(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, file)
		for _, d := range file.Dumps {
			n := 0
			for _, g := range d.GroupBy("tenant") {
				n += g.Count
			}
			if n != d.Count() {
				t.Fatalf("%d goroutines in groups, %d in all", n, d.Count())
			}
			if err := d.WriteTable(io.Discard, "tenant"); err != nil {
				t.Fatal(err)
			}
			var tree strings.Builder
			if err := d.WriteTree(&tree); err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(tree.String(), "\x1b\x00\r") {
				t.Fatalf("control characters for a terminal: %q", tree.String())
			}
		}
		if len(file.Notes) > 1000 {
			t.Fatalf("%d notes", len(file.Notes))
		}
	})
}

// FuzzLabels gives labels to a goroutine and reads them from its text.
func FuzzLabels(f *testing.F) {
	for _, v := range hostile {
		f.Add("tenant", v)
		f.Add(v, "acme")
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		if key == "github.com/gocontextvars/contextvars" {
			return
		}
		labels := dump.Labels{{Key: key, Value: value}, {Key: "z", Value: value}}
		for _, g := range []*dump.Goroutine{
			{ID: 1, Count: 1, State: "running", Labels: labels},
			{Count: 3, Labels: labels, Carried: true},
		} {
			text := g.String()
			if g.Aggregated() {
				text = "goroutine profile: total 3\n" + text
			}
			d := parse(t, text).Dumps
			if len(d) != 1 || len(d[0].Goroutines) != 1 {
				t.Fatalf("%q: %d dumps", text, len(d))
			}
			if got := d[0].Goroutines[0]; !equalLabels(got.Labels, labels) || got.Carried != g.Carried {
				t.Fatalf("%q: %q", text, got.Labels)
			}
		}
	})
}

func equalLabels(a, b dump.Labels) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
