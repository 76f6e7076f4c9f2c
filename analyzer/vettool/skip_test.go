package vettool

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis/unitchecker"
)

func TestSkipped(t *testing.T) {
	dir := t.TempDir()
	facts := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return file
	}
	none, some := facts("none", ""), facts("some", "x")
	for name, tt := range map[string]struct {
		imports map[string]string
		facts   map[string]string
		want    bool
	}{
		"nothing":            {nil, nil, true},
		"others":             {map[string]string{"fmt": "fmt"}, map[string]string{"fmt": none}, true},
		"like ours":          {map[string]string{home + "2": home + "2"}, nil, true},
		"ours":               {map[string]string{home: home}, map[string]string{home: none}, false},
		"a package of ours":  {map[string]string{home + "/wire": home + "/wire"}, nil, false},
		"vendored":           {map[string]string{home: "x/vendor/" + home}, nil, false},
		"one with facts":     {map[string]string{"a": "a"}, map[string]string{"a": some}, false},
		"a file that is not": {map[string]string{"a": "a"}, map[string]string{"a": filepath.Join(dir, "missing")}, false},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			cfg, err := json.Marshal(unitchecker.Config{ImportMap: tt.imports, PackageVetx: tt.facts, VetxOutput: out})
			if err != nil {
				t.Fatal(err)
			}
			if got := skipped(facts("vet.cfg", string(cfg))); got != tt.want {
				t.Errorf("skipped: %v", got)
			}
			if _, err := os.Stat(out); (err == nil) != tt.want {
				t.Errorf("the file of facts: %v", err)
			}
		})
	}
	if skipped(filepath.Join(dir, "missing.cfg")) || skipped(facts("bad.cfg", "{")) {
		t.Error("a package that is not described is skipped")
	}
}

// The tool as it is built does not even look for the files of a package that it may skip.
func TestPackagesAreNotRead(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "vet.cfg"), filepath.Join(dir, "out")
	cfg, err := json.Marshal(unitchecker.Config{ImportPath: "a", GoFiles: []string{"missing.go"}, VetxOutput: out})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, cfg, 0o666); err != nil {
		t.Fatal(err)
	}
	if text, ok := run(t, dir, tool, file); !ok {
		t.Errorf("packages without variables are read; is golang.org/x/tools newer than v0.49?\n%s", text)
	}
	if _, ok := run(t, dir, tool, "-govet", file); ok {
		t.Error("they are not read for the checks of go vet either")
	}
}
