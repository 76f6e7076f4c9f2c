package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestQuickRunOfEverything(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := bench(t.Context(), []string{"-quick", "-json"}, &stdout, &stderr); code != exitOK {
		t.Fatalf("exit code %d:\n%s", code, stderr.String())
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

func TestUsage(t *testing.T) {
	tests := []struct {
		args []string
		code int
		says string
	}{
		{[]string{"-help"}, exitOK, "-quick"},
		{[]string{"-nonsense"}, exitUsage, "not defined"},
		{[]string{"Get"}, exitUsage, `unknown argument "Get"`},
		{[]string{"-run", "("}, exitUsage, "missing closing"},
		{[]string{"-run", "NoSuchCase"}, exitUsage, `"NoSuchCase" matches no case`},
		{[]string{"-json", "-markdown"}, exitUsage, "exclude"},
		{[]string{"-heap", "-1"}, exitUsage, "megabytes"},
	}
	for _, test := range tests {
		var stderr bytes.Buffer
		if code := bench(t.Context(), test.args, io.Discard, &stderr); code != test.code {
			t.Errorf("%v: exit code %d, want %d", test.args, code, test.code)
		}
		if !strings.Contains(stderr.String(), test.says) {
			t.Errorf("%v says %q, not %q", test.args, stderr.String(), test.says)
		}
	}
}

func TestRunSelects(t *testing.T) {
	var stdout bytes.Buffer
	if code := bench(t.Context(), []string{"-quick", "-run", "^Get/8/"}, &stdout, io.Discard); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	got := stdout.String()
	if !strings.Contains(got, "Get/8/first:") || !strings.Contains(got, "Get/8/last:") || strings.Contains(got, "Set/8") {
		t.Errorf("-run ^Get/8/ printed\n%s", got)
	}
}

// interrupter ends a run at its second step.
type interrupter struct{ stop context.CancelFunc }

func (i interrupter) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("[2/")) {
		i.stop()
	}
	return len(p), nil
}

func TestInterruptedRunPrintsWhatItHas(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var stdout bytes.Buffer
	if code := bench(ctx, []string{"-quick"}, &stdout, interrupter{stop}); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	got := stdout.String()
	if !strings.Contains(got, "interrupted") || !strings.Contains(got, allCases()[0].name+":") || strings.Contains(got, "Kept/") {
		t.Errorf("it printed\n%s", got)
	}
}

func TestInterruptedWhileCountingWhatIsKept(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	s := session{effort: tiny, pattern: regexp.MustCompile("Kept"), progress: interrupter{stop}}
	r := s.measure(ctx)
	if len(r.Kept) != 2 || len(r.Kept[0].Rows) == 0 || len(r.Kept[1].Rows) != 0 || r.Kept[1].Verdict != unjudged {
		t.Errorf("kept is %+v", r.Kept)
	}
}

func TestExitCode(t *testing.T) {
	right := row{Name: ours.name}
	tests := []struct {
		what   string
		report report
		strict bool
		want   int
	}{
		{"all right", report{Cases: []caseResult{{Rows: []row{right}}}}, true, exitOK},
		{"a rival lost its value", report{Cases: []caseResult{{Rows: []row{right, {Name: glsStack.name, Fault: lost}}}}}, true, exitOK},
		{"this package lost one", report{Cases: []caseResult{{Rows: []row{{Name: ours.name, Fault: lost}}}}}, false, exitWrong},
		{"a floor is wrong", report{Cases: []caseResult{{Rows: []row{{Name: call.name, Fault: "wrong", floor: true}}}}}, false, exitWrong},
		{"a figure's values are wrong", report{Figures: []figureResult{{Verdict: incorrect}}}, false, exitWrong},
		{"a figure is missed", report{Figures: []figureResult{{Verdict: missed}}}, false, exitOK},
		{"a figure is missed, -strict", report{Figures: []figureResult{{Verdict: missed}}}, true, exitMissed},
		{"bytes are kept, -strict", report{Kept: []keptResult{{Verdict: missed}}}, true, exitMissed},
		{"interrupted", report{Interrupted: true}, true, exitInterrupted},
		{"wrong and interrupted", report{Interrupted: true, Figures: []figureResult{{Verdict: incorrect}}}, false, exitWrong},
	}
	for _, test := range tests {
		var stderr strings.Builder
		if got := exitCode(&test.report, test.strict, &stderr); got != test.want {
			t.Errorf("%s: exit code %d, want %d (%s)", test.what, got, test.want, stderr.String())
		}
	}
}
