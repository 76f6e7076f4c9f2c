package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// installed puts a script in the place of python3.
func installed(t *testing.T, script string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for python3 is a shell script")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "python3"), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
}

func TestNoPython(t *testing.T) {
	t.Setenv("PATH", "")
	if p := findPython(t.Context()); p.path != "" || p.missing != "there is no python3" {
		t.Errorf("found %+v", p)
	}
}

func TestPythonThatFails(t *testing.T) {
	tests := map[string]struct{ script, says string }{
		"an old one":           {"echo no module named asyncio >&2; exit 1", "no module named asyncio"},
		"prints something":     {"echo hello", `printed "hello`},
		"leaves something out": {`echo '{"python": "3", "nsPerOp": {}}'`, "did not measure call_soon"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			installed(t, test.script)
			if p := findPython(t.Context()); p.path != "" || !strings.Contains(p.missing, test.says) {
				t.Errorf("found %+v", p)
			}
		})
	}
}

func TestPythonIsMeasuredInEachRound(t *testing.T) {
	installed(t, `echo '{"python": "3.0", "nsPerOp": {"call_soon": 40}}'`)
	p := findPython(t.Context())
	if p.version != "3.0" || p.missing != "" {
		t.Fatalf("found %+v", p)
	}
	_, pythonNS := interleave(t.Context(), effort{rounds: 3, count: 1}, operations[0], &p)
	if len(pythonNS) != 3 || pythonNS[0] != 40 {
		t.Errorf("the samples are %v, want three of 40 ns", pythonNS)
	}
}

func TestPythonIsEndedByAnInterrupt(t *testing.T) {
	installed(t, "exec sleep 60")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p := findPython(ctx); p.path != "" {
		t.Errorf("found %+v", p)
	}
}
