package dump_test

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/dump"
)

var update = flag.Bool("update", false, "write the dumps of the running release to testdata; use with -trimpath")

// The dumps that are checked in come from this test's own program under both releases, so that each release's
// tests read the other's format.
var releases = []struct {
	name, version, labels string
	text                  func(string) string // nil: tracebacks have no labels
}{
	{"go1.26-labels", "go1.26", withLabels, lossy},
	{"go1.26", "go1.26", withoutLabels, nil},
	{"go1.27", "go1.27", withLabels, func(s string) string { return s }},
}

func TestReleases(t *testing.T) {
	for _, r := range releases {
		for _, mode := range []string{"stack", "quit", "panic", "profile1"} {
			t.Run(r.name+" "+mode, func(t *testing.T) {
				file := filepath.Join("testdata", r.name+"-"+mode+".txt")
				if *update && strings.HasPrefix(runtime.Version(), r.version) {
					text := run(t, mode, r.labels, "GOTRACEBACK=crash")
					if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				d := one(t, string(text), dump.Registers, dump.Signal)
				if r.text == nil && mode != "profile1" {
					if keys := d.Keys(); len(keys) > 0 || d.Count() < 2*len(hostile)+3 {
						t.Errorf("%d goroutines, labels %v", d.Count(), keys)
					}
					return
				}
				want := r.text
				if mode == "profile1" {
					want = func(s string) string { return s }
				}
				wantLabels(t, d, want)

				// As written on Windows, and as a pager or a copy may leave it.
				for name, changed := range map[string]string{
					"CRLF":          strings.ReplaceAll(string(text), "\n", "\r\n"),
					"no final line": strings.TrimRight(string(text), "\n"),
					"BOM":           "\ufeff" + string(text),
				} {
					f := parse(t, changed)
					if len(f.Dumps) != 1 {
						t.Fatalf("%s: %d dumps", name, len(f.Dumps))
					}
					wantSame(t, f.Dumps, []*dump.Dump{d}, name)
				}
			})
		}
	}
}
