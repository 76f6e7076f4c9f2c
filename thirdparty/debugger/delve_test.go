// Delve has no other platforms in common with the tests.
//go:build linux && (amd64 || arm64)

package debugger_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestDelve(t *testing.T) {
	dlv := goCommand(t, "tool", "-n", "dlv")
	program := filepath.Join(t.TempDir(), "program")
	goCommand(t, "build", "-o", program, "./testdata/program")
	core := program + ".core"

	t.Run("live", func(t *testing.T) {
		wantLabels(t, debug(t, dlv, []string{"exec", program},
			"break main.reached", "continue", "goroutines -l", "dump "+core, "exit"))
	})
	t.Run("core dump", func(t *testing.T) {
		if _, err := os.Stat(core); err != nil {
			t.Skip("there is no core dump, because the test before this one was skipped or failed")
		}
		wantLabels(t, debug(t, dlv, []string{"core", program, core}, "goroutines -l", "exit"))
	})
}

func goCommand(t *testing.T, args ...string) (output string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	return strings.TrimSpace(string(out))
}

// debug runs dlv with args and has it carry out commands.
func debug(t *testing.T, dlv string, args []string, commands ...string) (output string) {
	t.Helper()
	home := t.TempDir()
	script := filepath.Join(home, "script")
	if err := os.WriteFile(script, []byte(strings.Join(commands, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), dlv, append(args, "--allow-non-terminal-interactive", "--init", script)...)
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home)
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "operation not permitted") {
		t.Skipf("this machine does not permit ptrace:\n%s", out)
	}
	if err != nil || strings.Contains(string(out), "Command failed") || strings.Contains(string(out), "unreadable") {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return string(out)
}

// goroutine matches what "goroutines -l" prints of one: the function, and the
// labels if there are any.
var goroutine = regexp.MustCompile(`(?m)^[* ] Goroutine \d+ - User: \S+ main\.(\w+) .*\n(?:\tLabels: (.*)\n)?`)

func wantLabels(t *testing.T, output string) {
	t.Helper()
	got := map[string]string{}
	for _, match := range goroutine.FindAllStringSubmatch(output, -1) {
		got[match[1]] = match[2]
	}
	want := map[string]string{
		"reached":            ``,
		"withNone":           ``,
		"withPlain":          ``,
		"withInheritedLabel": `"tenant":"acme"`,
		"withMany":           `"tenant":"globex"`,
		"withLabelsOfBoth":   `"job":"mail", "tenant":"initech"`,
		"withLent":           ``,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got the labels %q, want %q, in\n%s", got, want, output)
	}
}
