package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/bench/internal/machine"
	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// sampleReport has one of everything that a table can show.
func sampleReport() *report {
	cpu := 0.00012
	r := &report{
		Machine: machine.Machine{Go: "go1.0", Platform: "plan9/386", CPU: "abacus", Procs: 2},
		Python:  "3.0",
		Operations: []operationResult{{
			Name: "call_soon", Title: "CallSoon", PythonNS: 1000, Least: 9, Aim: 20,
			Rows: []row{
				{Name: ours.name, NS: 50, Allocs: 0.016, Bytes: 24, Faster: &stat.Ratio{Median: 20, Low: 19, High: 21}},
				{Name: funcs.name, NS: 25, Allocs: 1},
				{Name: gojaLoop.name, Fault: "lost"},
			},
		}},
		Memory: []memoryRow{{Name: "task", Count: 100, footprint: footprint{2048, 1000}},
			{Name: "timer", Count: 9, Fault: "no memory"}},
		Timers: []pendingCosts{
			{Name: timerKinds[0].name, Costs: []pendingCost{{1000, 100, 110}, {10_000, 200, 330}}},
			{Name: timerKinds[1].name, Costs: []pendingCost{{1000, 400, 150}}, Fault: "lost"},
		},
		Rest: []restRow{{Name: resters[0].name, Fault: "lost"}, {Name: resters[1].name, idleness: idleness{&cpu}}},
	}
	r.judge()
	return r
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
		"go1.0, plan9/386, GOMAXPROCS=2, abacus, CPython 3.0",
		"CPython asyncio times quartiles at least aim allocs bytes",
		"CallSoon 1000 50.0 20.0 19.0-21.0 9 20 met, aim too 0.02 24",
		"CPython asyncio channel channel, Bind goja_nodejs goja_nodejs, Bind goroutines",
		"CallSoon 1000 50.0 25.0 (0.50; 1) lost",
		"asyncio: this package",
		"task 100 2048 1000 3048",
		"timer 9 no memory",
		"pending 1000 10000 growth at most",
		"asyncio CallLater 100 / 110 200 / 330 x3.0 x20 met",
		"time.AfterFunc 400 / 150 lost -",
		"an asyncio loop, one task in Await and one in Sleep 0.012 % 0.1 % met",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("there is no line %q in\n%s", want, b.String())
		}
	}
}

func TestMarkdown(t *testing.T) {
	r := sampleReport()
	r.Python, r.PythonMissing, r.Interrupted, r.Quick = "", "there is no python3", true, true
	var b strings.Builder
	if err := writeMarkdown(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\nno comparison with CPython: there is no python3\n-quick: ", "\ninterrupted: ",
		"\n| CallSoon | 1000 | 50.0 | 20.0 | 19.0-21.0 | 9 | 20 | met, aim too | 0.02 | 24 |\n",
		"\n| task | 100 | 2048 | 1000 | 3048 |\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("there is no %q in\n%s", want, b.String())
		}
	}
}

func TestEmptyReport(t *testing.T) {
	var b strings.Builder
	if err := writeText(&b, new(report)); err != nil || strings.Contains(b.String(), "Figures") {
		t.Errorf("%v:\n%s", err, b.String())
	}
}
