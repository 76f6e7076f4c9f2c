package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/bench/internal/command"
	"github.com/gocontextvars/contextvars/bench/internal/command/commandtest"
)

func TestQuickRunOfEverything(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := bench(t.Context(), []string{"-quick", "-json"}, &stdout, &stderr); status != command.ExitOK {
		t.Fatalf("exit status %d:\n%s", status, stderr.String())
	}
	var r report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if !r.Quick || len(r.Cases) != len(allCases()) || len(r.Kept) != len(keepings) {
		t.Errorf("quick %v, %d cases, %d of what is kept", r.Quick, len(r.Cases), len(r.Kept))
	}
	if !strings.Contains(stderr.String(), "[1/") {
		t.Errorf("no progress on stderr: %q", stderr.String())
	}
}

func TestUsage(t *testing.T) { commandtest.Usage(t, bench) }

func TestRunSelects(t *testing.T) {
	var stdout bytes.Buffer
	if status := bench(t.Context(), []string{"-quick", "-run", "^Get/8/"}, &stdout, io.Discard); status != command.ExitOK {
		t.Fatalf("exit status %d", status)
	}
	got := stdout.String()
	if !strings.Contains(got, "Get/8/first:") || !strings.Contains(got, "Get/8/last:") || strings.Contains(got, "Set/8") {
		t.Errorf("-run ^Get/8/ printed\n%s", got)
	}
}

func TestInterruptedRunPrintsWhatItHas(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var stdout bytes.Buffer
	if status := bench(ctx, []string{"-quick"}, &stdout, commandtest.Interrupter(stop)); status != command.ExitInterrupted {
		t.Errorf("exit status %d, want %d", status, command.ExitInterrupted)
	}
	got := stdout.String()
	if !strings.Contains(got, "interrupted") || !strings.Contains(got, allCases()[0].name+":") || strings.Contains(got, "Kept/") {
		t.Errorf("it printed\n%s", got)
	}
}

func TestInterruptedWhileCountingWhatIsKept(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s := session{effort: tiny, pattern: regexp.MustCompile("Kept"), progress: commandtest.Interrupter(stop)}
	r := s.measure(ctx)
	if len(r.Kept) != 2 || len(r.Kept[0].Rows) == 0 || len(r.Kept[1].Rows) != 0 || r.Kept[1].Verdict != unjudged {
		t.Errorf("kept is %+v", r.Kept)
	}
}

func TestExitStatus(t *testing.T) {
	right := row{Name: ours.name}
	tests := []struct {
		what   string
		report report
		strict bool
		want   int
	}{
		{"all right", report{Cases: []caseResult{{Rows: []row{right}}}}, true, command.ExitOK},
		{"a rival lost its value", report{Cases: []caseResult{{Rows: []row{right, {Name: glsStack.name, Fault: lost}}}}}, true, command.ExitOK},
		{"this package lost one", report{Cases: []caseResult{{Rows: []row{{Name: ours.name, Fault: lost}}}}}, false, command.ExitWrong},
		{"a floor is wrong", report{Cases: []caseResult{{Rows: []row{{Name: call.name, Fault: "wrong", floor: true}}}}}, false, command.ExitWrong},
		{"a figure's values are wrong", report{Figures: []figureResult{{Verdict: incorrect}}}, false, command.ExitWrong},
		{"a figure is missed", report{Figures: []figureResult{{Verdict: missed}}}, false, command.ExitOK},
		{"a figure is missed, -strict", report{Figures: []figureResult{{Verdict: missed}}}, true, command.ExitMissed},
		{"bytes are kept, -strict", report{Kept: []keptResult{{Verdict: missed}}}, true, command.ExitMissed},
		{"interrupted", report{Interrupted: true}, true, command.ExitInterrupted},
		{"wrong and interrupted", report{Interrupted: true, Figures: []figureResult{{Verdict: incorrect}}}, false, command.ExitWrong},
	}
	for _, test := range tests {
		var stderr strings.Builder
		if got := exitStatus(command.New("bench", "", &stderr), &test.report, test.strict); got != test.want {
			t.Errorf("%s: exit status %d, want %d (%s)", test.what, got, test.want, stderr.String())
		}
	}
}
