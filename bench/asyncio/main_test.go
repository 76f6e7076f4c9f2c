package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/bench/internal/command"
	"github.com/gocontextvars/contextvars/bench/internal/command/commandtest"
	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// In a process of its own the test program is what send starts.
func TestMain(m *testing.M) {
	if status, sent := runErrand(os.Stdout, os.Stderr); sent {
		os.Exit(status)
	}
	os.Exit(m.Run())
}

func TestQuickRunOfEverything(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := bench(t.Context(), []string{"-quick", "-json"}, &stdout, &stderr); status != command.ExitOK {
		t.Fatalf("exit status %d:\n%s", status, stderr.String())
	}
	var r report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if !r.Quick || len(r.Operations) != len(operations) || len(r.Memory) != len(holders) ||
		len(r.Timers) != len(timerKinds) || len(r.Rest) != len(resters) {
		t.Errorf("something is not there: %s", stdout.String())
	}
	if (r.Python == "") == (r.PythonMissing == "") {
		t.Errorf("python is %q, and missing because %q", r.Python, r.PythonMissing)
	}
	for _, o := range r.Operations {
		if o.Rows[0].Name != ours.name {
			t.Errorf("%s: the first row is %s's", o.Name, o.Rows[0].Name)
		}
		for _, row := range o.Rows {
			if row.Fault != "" || row.NS <= 0 {
				t.Errorf("%s: %s took %v: %s", o.Name, row.Name, row.NS, row.Fault)
			}
		}
	}
	if !strings.Contains(stderr.String(), "[1] call_soon\n") {
		t.Errorf("no progress on stderr: %q", stderr.String())
	}
}

func TestUsage(t *testing.T) { commandtest.Usage(t, bench) }

func TestInterruptedRunPrintsWhatItHas(t *testing.T) {
	t.Setenv("PATH", "")
	ctx, stop := context.WithCancel(t.Context())
	var stdout bytes.Buffer
	if status := bench(ctx, []string{"-quick"}, &stdout, commandtest.Interrupter(stop)); status != command.ExitInterrupted {
		t.Errorf("exit status %d, want %d", status, command.ExitInterrupted)
	}
	got := stdout.String()
	if !strings.Contains(got, "interrupted") || !strings.Contains(got, operations[0].title) ||
		strings.Contains(got, operations[2].title) {
		t.Errorf("it printed\n%s", got)
	}
}

func TestExitStatus(t *testing.T) {
	cpu := func(share float64) []restRow {
		return []restRow{{Name: resters[0].name}, {Name: resters[1].name, idleness: idleness{&share}}}
	}
	timers := func(last float64) []pendingCosts {
		return []pendingCosts{{Name: timerKinds[0].name, Costs: []pendingCost{{1000, 100, 100}, {1_000_000, last, 100}}}}
	}
	operation := func(own row, others ...row) []operationResult {
		return []operationResult{{Name: "queue", Least: 15, Aim: 30, Rows: append([]row{own}, others...)}}
	}
	times := func(x float64) row { return row{Name: ours.name, NS: 1, Faster: &stat.Ratio{Median: x}} }
	wrong := row{Name: ours.name, Fault: "wrong"}
	tests := []struct {
		what   string
		report report
		want   int
	}{
		{"at the limit", report{Operations: operation(times(15))}, command.ExitOK},
		{"below the limit", report{Operations: operation(times(14.9))}, command.ExitWrong},
		{"below the limit, but -quick", report{Quick: true, Operations: operation(times(1))}, command.ExitOK},
		{"below the limit, but interrupted", report{Interrupted: true, Operations: operation(times(1))}, command.ExitInterrupted},
		{"nothing to compare with", report{Operations: operation(row{NS: 1})}, command.ExitOK},
		{"a wrong value", report{Operations: operation(wrong)}, command.ExitWrong},
		{"a wrong value, -quick", report{Quick: true, Operations: operation(wrong)}, command.ExitWrong},
		{"a rival's wrong value", report{Operations: operation(times(30), row{Name: funcs.name, Fault: "wrong"})}, command.ExitOK},
		{"nothing at rest", report{Rest: cpu(0.0001)}, command.ExitOK},
		{"too much at rest", report{Rest: cpu(0.01)}, command.ExitWrong},
		{"timers that cost log n", report{Timers: timers(500)}, command.ExitOK},
		{"timers that cost n", report{Timers: timers(100_000)}, command.ExitWrong},
		{"tasks that cannot be parked", report{Memory: []memoryRow{{Fault: "out of memory"}}}, command.ExitWrong},
	}
	for _, test := range tests {
		test.report.judge()
		var stderr strings.Builder
		c := command.New("asyncio", "", &stderr)
		if got := c.Status(test.report.complaints(), test.report.Interrupted); got != test.want {
			t.Errorf("%s: exit status %d, want %d (%s)", test.what, got, test.want, stderr.String())
		}
	}
}
