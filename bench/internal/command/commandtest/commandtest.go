// Package commandtest tests what package command has all benchmarks do, for each of them.
package commandtest

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/bench/internal/command"
)

// Usage tests how p takes flags that only ask for help, or are wrong.
func Usage(t *testing.T, p command.Program) {
	tests := []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"-help"}, command.ExitOK, "-quick"},
		{[]string{"-nonsense"}, command.ExitUsage, "not defined"},
		{[]string{"queue"}, command.ExitUsage, `: unknown argument "queue"`},
		{[]string{"-run", "("}, command.ExitUsage, "missing closing"},
		{[]string{"-run", "NoSuchThing"}, command.ExitUsage, `"NoSuchThing" matches nothing`},
		{[]string{"-json", "-markdown"}, command.ExitUsage, "exclude"},
		{[]string{"-heap", "-1"}, command.ExitUsage, "megabytes"},
	}
	for _, test := range tests {
		var stdout, stderr strings.Builder
		if status := p(t.Context(), test.args, &stdout, &stderr); status != test.status {
			t.Errorf("%v: exit status %d, want %d", test.args, status, test.status)
		}
		if !strings.Contains(stderr.String(), test.says) {
			t.Errorf("%v says %q, not %q", test.args, stderr.String(), test.says)
		}
		if stdout.Len() > 0 {
			t.Errorf("%v prints %q", test.args, stdout.String())
		}
	}
}

// Interrupter is a stderr that calls stop when a program begins its second step.
func Interrupter(stop func()) io.Writer { return interrupter(stop) }

type interrupter func()

func (stop interrupter) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("[2]")) || bytes.HasPrefix(p, []byte("[2/")) {
		stop()
	}
	return len(p), nil
}
