package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/bench/internal/machine"
	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// sampleReport has one of everything that a table can show.
func sampleReport() *report {
	group := []measured{
		{subject: subject{who: call, name: "call"}, ns: []float64{1, 1, 1}},
		{subject: subject{who: ours, name: "contextvars"}, ns: []float64{2, 2, 3}},
		{subject: subject{who: std, name: "context.Value"}, ns: []float64{5, 4, 4}, allocs: 1.001, bytes: 48},
		{subject: subject{who: glsStack, name: "gls"}, fault: lost},
	}
	interrupted := []measured{{subject: subject{who: ours, name: "contextvars"}}}
	return &report{
		Machine: machine.Machine{Go: "go1.0", Platform: "plan9/386", CPU: "abacus", Procs: 2},
		Cases: []caseResult{
			newCaseResult(sideBySide{name: "Get/1", title: "Get, 1 variable"}, group),
			newCaseResult(sideBySide{name: "Run/1", title: "Run"}, interrupted),
		},
		Figures: []figureResult{{What: "Get / call", Ratio: stat.Ratio{Median: 2, Low: 1.9, High: 2.125}, Limit: 4, Aim: 2, Most: "0 allocs", Verdict: aimMet}},
		Kept: []keptResult{{Name: "Kept/1000", Goroutines: 5000, AtOnce: 1000, Verdict: missed,
			Rows: []keptRow{{"go", 0}, {"contextvars", 131072}}}},
	}
}

func TestTable(t *testing.T) {
	var b strings.Builder
	if err := writeTable(&b, sampleReport()); err != nil {
		t.Fatal(err)
	}
	fields := func(line string) string { return strings.Join(strings.Fields(line), " ") }
	var lines []string
	for line := range strings.Lines(b.String()) {
		lines = append(lines, fields(line))
	}
	for _, want := range []string{
		"go1.0, plan9/386, GOMAXPROCS=2, abacus",
		"Get/1: Get, 1 variable",
		"ns/op B/op allocs/op / floor / contextvars",
		"call 1.00 0 0 1.00 0.50",
		"contextvars 2.00 0 0 2.00 1.00",
		"context.Value 4.00 48 1 4.00 2.00",
		"gls lost",
		"contextvars - 0 0 - -", // interrupted
		"Get / call 2.00 1.90-2.12 4 2 0 0 0 allocs met, aim too",
		"Kept/1000: heap kept after 5000 goroutines that set and ended, 1000 at a time",
		"contextvars 131072 MISSED",
		"gls " + fields(glsStack.note),
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("there is no line %q in\n%s", want, b.String())
		}
	}
}

func TestMarkdown(t *testing.T) {
	var b strings.Builder
	if err := writeMarkdown(&b, sampleReport()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	for _, want := range []string{
		"| Get / call | 2.00 | 4 | 2 | 0, 0 B (at most 0 allocs) | met, aim too |",
		"| heap kept after 5000 goroutines that set and ended, 1000 at a time | 131072 bytes | 0 | - | | MISSED |",
		"| ns (times contextvars; allocations) | call | contextvars | context.Value | gls |",
		"| Get, 1 variable | 1.00 (×0.50) | 2.00 | 4.00 (×2.00; 1) | **lost** |",
		"| Run | - |",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("there is no line %q in\n%s", want, b.String())
		}
	}
	// A table's lines all have as many columns as its head.
	for i, line := range lines {
		if i > 0 && strings.HasPrefix(line, "|") && strings.HasPrefix(lines[i-1], "|") &&
			strings.Count(line, "|") != strings.Count(lines[i-1], "|") {
			t.Errorf("these lines have different columns:\n%s\n%s", lines[i-1], line)
		}
	}
}

func TestJSONIsTheWholeReport(t *testing.T) {
	want := sampleReport()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got report
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for _, c := range want.Cases {
		for i := range c.Rows {
			c.Rows[i].floor = false // is for faults only
		}
	}
	if !reflect.DeepEqual(&got, want) {
		t.Errorf("read back %+v,\nwant %+v", &got, want)
	}
}

func TestHeaderSaysWhatTheFiguresAreWorth(t *testing.T) {
	if got := header(&report{Quick: true}); !strings.Contains(got, "mean nothing") {
		t.Errorf("-quick: %q", got)
	}
	if got := header(&report{Interrupted: true}); !strings.Contains(got, "interrupted") {
		t.Errorf("interrupted: %q", got)
	}
}
