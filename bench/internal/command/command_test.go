package command_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/bench/internal/command"
	"github.com/gocontextvars/contextvars/bench/internal/command/commandtest"
)

// report is about nothing but how it was asked for.
type report struct{ Quick, Loud bool }

func sample(_ context.Context, args []string, stdout, stderr io.Writer) int {
	c := command.New("sample", "Tea or Coffee", stderr)
	loud := c.Flags.Bool("loud", false, "a flag of this program's own")
	if status, end := c.Parse(args); end {
		return status
	}
	if !c.Pattern.MatchString("Tea") {
		return c.NoMatch()
	}
	r := report{c.Quick, *loud}
	form := func(name string) func(io.Writer, report) error {
		return func(w io.Writer, r report) error {
			_, err := fmt.Fprintf(w, "%s %v, %d bytes", name, r, c.Heap)
			return err
		}
	}
	if err := command.Print(c, stdout, r, form("text"), form("markdown")); err != nil {
		return c.Fail(command.ExitWrong, "writing: %v", err)
	}
	return command.ExitOK
}

func TestUsage(t *testing.T) { commandtest.Usage(t, sample) }

func TestHelpHasTheProgramsOwn(t *testing.T) {
	var stderr strings.Builder
	sample(t.Context(), []string{"-help"}, io.Discard, &stderr)
	for _, want := range []string{"Usage of sample", "such as Tea or Coffee", "-loud"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("there is no %q in\n%s", want, stderr.String())
		}
	}
}

func TestPrint(t *testing.T) {
	tests := []struct{ args, want string }{
		{"-run T.a", "text {false false}, 33554432 bytes"},
		{"-markdown -quick -heap 0", "markdown {true false}, 0 bytes"},
		{"-json -loud", "{\n  \"Quick\": false,\n  \"Loud\": true\n}\n"},
	}
	for _, test := range tests {
		var stdout, stderr strings.Builder
		if status := sample(t.Context(), strings.Fields(test.args), &stdout, &stderr); status != command.ExitOK {
			t.Errorf("%s: exit status %d: %s", test.args, status, stderr.String())
		}
		if stdout.String() != test.want {
			t.Errorf("%s prints %q, not %q", test.args, stdout.String(), test.want)
		}
	}
}

// full is a disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space") }

func TestPrintCannot(t *testing.T) {
	for _, flag := range []string{"-quick", "-json", "-markdown"} {
		var stderr strings.Builder
		if status := sample(t.Context(), []string{flag}, full{}, &stderr); status != command.ExitWrong {
			t.Errorf("%s: exit status %d", flag, status)
		}
		if got, want := stderr.String(), "sample: writing: no space\n"; got != want {
			t.Errorf("%s says %q, not %q", flag, got, want)
		}
	}
}

func TestStatus(t *testing.T) {
	tests := []struct {
		faults      []string
		interrupted bool
		want        int
		says        string
	}{
		{nil, false, command.ExitOK, ""},
		{nil, true, command.ExitInterrupted, ""},
		{[]string{"1 is 2", "100% lost"}, false, command.ExitWrong, "sample: 1 is 2\nsample: 100% lost\n"},
		{[]string{"1 is 2"}, true, command.ExitWrong, "sample: 1 is 2\n"},
	}
	for _, test := range tests {
		var stderr strings.Builder
		c := command.New("sample", "", &stderr)
		if got := c.Status(test.faults, test.interrupted); got != test.want {
			t.Errorf("%q, interrupted %v: exit status %d, want %d", test.faults, test.interrupted, got, test.want)
		}
		if stderr.String() != test.says {
			t.Errorf("%q: says %q, not %q", test.faults, stderr.String(), test.says)
		}
	}
}
