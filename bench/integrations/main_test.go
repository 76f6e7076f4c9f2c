package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/gocontextvars/contextvars/bench/internal/command"
	"github.com/gocontextvars/contextvars/bench/internal/command/commandtest"
)

// The default pool of ants is there from the beginning.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

func TestQuickRunOfEverything(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := bench(t.Context(), []string{"-quick", "-json"}, &stdout, &stderr); status != command.ExitOK {
		t.Fatalf("exit status %d:\n%s", status, stderr.String())
	}
	var r report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if !r.Quick || r.Interrupted || len(r.Comparisons) != len(comparisons) {
		t.Errorf("quick %v, interrupted %v, %d comparisons", r.Quick, r.Interrupted, len(r.Comparisons))
	}
	for _, c := range r.Comparisons {
		for i, row := range c.Rows {
			if row.Fault != "" || row.NS <= 0 || (row.Ratio == nil) != (i == 0) {
				t.Errorf("%s: %+v", c.Name, row)
			}
		}
	}
	for _, f := range r.Figures {
		if f.Verdict != unjudged {
			t.Errorf("%s: %s", f.What, f.Verdict)
		}
	}
	if !strings.Contains(stderr.String(), "[1/") {
		t.Errorf("no progress on stderr: %q", stderr.String())
	}
}

func TestUsage(t *testing.T) { commandtest.Usage(t, bench) }

func TestRunSelects(t *testing.T) {
	var stdout bytes.Buffer
	if status := bench(t.Context(), []string{"-quick", "-run", "^sync/"}, &stdout, io.Discard); status != command.ExitOK {
		t.Fatalf("exit status %d", status)
	}
	got := stdout.String()
	if !strings.Contains(got, "sync/OnceValue:") || !strings.Contains(got, "sync/Group:") || strings.Contains(got, "slog") {
		t.Errorf("-run ^sync/ printed\n%s", got)
	}
}

func TestInterruptedRunPrintsWhatItHas(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var stdout bytes.Buffer
	status := bench(ctx, []string{"-quick", "-run", "slog|zap|zerolog"}, &stdout, commandtest.Interrupter(stop))
	if status != command.ExitInterrupted {
		t.Errorf("exit status %d, want %d", status, command.ExitInterrupted)
	}
	got := stdout.String()
	if !strings.Contains(got, "interrupted") || !strings.Contains(got, "slog:") || strings.Contains(got, "zerolog:") {
		t.Errorf("it printed\n%s", got)
	}
}

// noSpace is a disk that is full.
type noSpace struct{}

func (noSpace) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestTablesCannotBeWritten(t *testing.T) {
	var stderr strings.Builder
	status := bench(t.Context(), []string{"-quick", "-run", "sync/OnceValue"}, noSpace{}, &stderr)
	if status != command.ExitWrong || !strings.Contains(stderr.String(), "no space") {
		t.Errorf("exit status %d: %s", status, stderr.String())
	}
}

func TestExitStatus(t *testing.T) {
	lost := []result{{Rows: []row{{Name: "plain"}, {Name: "ours", Fault: "wrong"}}}}
	baseLost := []result{{Rows: []row{{Name: "plain", Fault: "wrong"}, {Name: "ours"}}}}
	tests := []struct {
		what   string
		report report
		want   int
	}{
		{"nothing to complain of", report{Figures: []figure{{Verdict: met}, {Verdict: unlimited}}}, command.ExitOK},
		{"a limit is missed", report{Figures: []figure{{Verdict: met}, {Verdict: missed}}}, command.ExitMissed},
		{"-quick", report{Quick: true, Figures: []figure{{Verdict: unjudged}}}, command.ExitOK},
		{"a value is lost", report{Comparisons: lost}, command.ExitWrong},
		{"the call without goes wrong", report{Comparisons: baseLost}, command.ExitWrong},
		{"lost and missed", report{Comparisons: lost, Figures: []figure{{Verdict: missed}}}, command.ExitWrong},
		{"interrupted", report{Interrupted: true}, command.ExitInterrupted},
		{"lost and interrupted", report{Interrupted: true, Comparisons: lost}, command.ExitWrong},
	}
	for _, test := range tests {
		var stderr strings.Builder
		if got := exitStatus(command.New("integrations", "", &stderr), &test.report); got != test.want {
			t.Errorf("%s: exit status %d, want %d (%s)", test.what, got, test.want, stderr.String())
		}
	}
}
