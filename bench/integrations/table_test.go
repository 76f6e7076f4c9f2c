package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/bench/internal/machine"
)

func TestJudge(t *testing.T) {
	sides := []measured{
		{name: "plain", ns: []float64{100, 100}},
		{name: "ours", ns: []float64{150, 150}},
		{name: "broken", ns: []float64{150}, fault: "wrong"},
		{name: "not measured"},
	}
	judged := effort{length: time.Millisecond}
	tests := []struct {
		what  string
		limit limit
		e     effort
		want  verdict
	}{
		{"at the limit", limit{of: 1, ratio: 1.5}, judged, met},
		{"above it", limit{of: 1, ratio: 1.49}, judged, missed},
		{"above it, but -quick", limit{of: 1, ratio: 1.49}, effort{}, unjudged},
		{"there is none", limit{of: 1}, judged, unlimited},
		{"there is none, -quick", limit{of: 1}, effort{}, unjudged},
		{"a wrong value", limit{of: 2, ratio: 9}, judged, incorrect},
		{"compared with a wrong value", limit{of: 1, to: 2, ratio: 9}, judged, incorrect},
		{"a wrong value, -quick", limit{of: 2, ratio: 9}, effort{}, incorrect},
		{"interrupted before", limit{of: 3, ratio: 9}, judged, unjudged},
		{"ns at the limit", limit{of: 1, ns: 150}, judged, met},
		{"ns above it", limit{of: 1, ns: 149}, judged, missed},
		{"ns above it, but -quick", limit{of: 1, ns: 149}, effort{}, unjudged},
		{"ns of a wrong value", limit{of: 2, ns: 1000}, judged, incorrect},
		{"ns, interrupted before", limit{of: 3, ns: 1000}, judged, unjudged},
	}
	for _, test := range tests {
		if got := test.limit.judge(sides, test.e).Verdict; got != test.want {
			t.Errorf("%s: %q, want %q", test.what, got, test.want)
		}
	}
}

// sampleReport has one of everything that a table can show.
func sampleReport() *report {
	sides := []measured{
		{name: "plain", ns: []float64{100, 110, 120}, allocs: 2.01, bytes: 64},
		{name: "ours", ns: []float64{150, 165, 180}, allocs: 5, bytes: 256},
		{name: "broken", fault: "lost"},
	}
	judged := effort{length: time.Millisecond}
	return &report{
		Machine: machine.Machine{Go: "go1.0", Platform: "plan9/386", CPU: "abacus", Procs: 2},
		Figures: []figure{
			limit{what: "a ratio", of: 1, ratio: 1.5}.judge(sides, judged),
			limit{what: "a time", of: 1, ns: 100}.judge(sides, judged),
			limit{what: "a fact", of: 1}.judge(sides, judged),
			limit{what: "a loss", of: 2, ratio: 2}.judge(sides, judged),
		},
		Comparisons: []result{newResult(comparison{name: "call", title: "a call"}, sides)},
	}
}

func TestText(t *testing.T) {
	var b strings.Builder
	if err := writeText(&b, sampleReport()); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	for _, want := range []string{
		"go1.0, plan9/386, GOMAXPROCS=2, abacus",
		"a ratio 1.500 1.50-1.50 1.5 met",
		"a time 165 ns - 100 ns MISSED",
		"a fact 1.500 1.50-1.50 - no limit",
		"a loss - - 2 WRONG",
		"call: a call",
		"plain 110 - - - 2 64",
		"ours 165 1.500 1.50-1.50 55 5 256",
		"broken lost",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("there is no line %q in\n%s", want, b.String())
		}
	}
}

func TestMarkdown(t *testing.T) {
	r := sampleReport()
	r.Quick, r.Interrupted = true, true
	var b strings.Builder
	if err := writeMarkdown(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\n-quick: ", "\ninterrupted: ",
		"\n| a time | 165 ns | - | 100 ns | MISSED |\n",
		"\n| a call | ours | 110 | 165 | 1.500 | 1.50-1.50 | 55 | 5 | 3 | 192 |\n",
		"\n| a call | broken | **lost** |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("there is no %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "| a call | plain |") {
		t.Errorf("the call without has a row of its own:\n%s", b.String())
	}
}

// Where the call without an integration goes wrong, the table has to say so.
func TestMarkdownShowsAWrongBase(t *testing.T) {
	r := &report{Comparisons: []result{{Title: "a call", Rows: []row{{Name: "plain", Fault: "lost"}, {Name: "ours", NS: 1}}}}}
	var b strings.Builder
	if err := writeMarkdown(&b, r); err != nil || !strings.Contains(b.String(), "| a call | plain | **lost** |") ||
		!strings.Contains(b.String(), "| a call | ours | - | 1.00 | - | - |") || strings.Contains(b.String(), "Figures") {
		t.Errorf("%v:\n%s", err, b.String())
	}
}
