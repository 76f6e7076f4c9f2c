package vettool

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const mistaken = `package main

import (
	"time"

	"github.com/gocontextvars/contextvars"
	"example.com/program/users"
)

var tenant = contextvars.New[string]("tenant")

func main() {
	handlers["acme"]("acme")
	time.AfterFunc(time.Second, remind)
}

var handlers = map[string]func(string){"acme": handle}

func handle(name string) {
	tenant.Set(name)
	remind()
}

func remind() { println(users.Current()) }
`

const library = `package users

import "github.com/gocontextvars/contextvars"

var user = contextvars.New[string]("user")

func Current() string { return user.Get() }
`

// module writes a program with two mistakes, of which one can be told only by what another
// package does, and one that has nothing to do with context variables.
func module(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"go.mod": "module example.com/program\n\ngo 1.26.0\n\nrequire github.com/gocontextvars/contextvars v0.0.0\n\n" +
			"replace github.com/gocontextvars/contextvars => " + root + "\n",
		"main.go":        mistaken,
		"users/users.go": library,
		"plain/plain.go": "package plain\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc Print(name string) { fmt.Fprintf(os.Stdout, \"%d\", name) }\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// run runs a command in dir and returns what it prints.
func run(t *testing.T, dir string, command ...string) (out string, ok bool) {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	text, err := cmd.CombinedOutput()
	return string(text), err == nil
}

func wantLines(t *testing.T, out string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(out, part) {
			t.Errorf("there is no %q in\n%s", part, out)
		}
	}
	n := 0
	for line := range strings.Lines(out) {
		if strings.Contains(line, ".go:") {
			n++
		}
	}
	if n != len(parts) {
		t.Errorf("%d findings instead of %d:\n%s", n, len(parts), out)
	}
}

const (
	first  = "main.go:20:2: what tenant.Set sets stays behind"
	second = "main.go:14:30: a timer's function sees nothing, and this one reads user"
	third  = "plain.go:8:51: fmt.Fprintf format %d has arg name of wrong type string"
)

func TestGoVet(t *testing.T) {
	out, ok := run(t, module(t), "go", "vet", "-vettool="+tool, "./...")
	wantLines(t, out, first, second)
	if ok {
		t.Error("it succeeds")
	}
}

func TestGoVetWithItsOwnChecks(t *testing.T) {
	out, _ := run(t, module(t), "go", "vet", "-vettool="+tool, "-govet", "./...")
	wantLines(t, out, first, second, third)
}

func TestGoVetWithoutACheck(t *testing.T) {
	out, _ := run(t, module(t), "go", "vet", "-vettool="+tool, "-job=false", "./...")
	wantLines(t, out, first)
}

func TestGoVetFix(t *testing.T) {
	dir := module(t)
	if out, ok := run(t, dir, "go", "vet", "-vettool="+tool, "-fix", "./..."); !ok {
		t.Fatal(out)
	}
	out, ok := run(t, dir, "go", "vet", "-vettool="+tool, "./...")
	wantLines(t, out)
	if !ok {
		t.Error("there is something left")
	}
	text, err := os.ReadFile(filepath.Join(dir, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, fixed := range []string{"contextvars.AfterFunc(time.Second, remind)", "defer tenant.Set(name).Restore()"} {
		if !strings.Contains(string(text), fixed) {
			t.Errorf("there is no %q in\n%s", fixed, text)
		}
	}
}

func TestByItself(t *testing.T) {
	out, ok := run(t, module(t), tool, "./...")
	wantLines(t, out, first, second)
	if ok {
		t.Error("it succeeds")
	}
}

// Programs without context variables: no finding, by the way that people take.
func TestPublicModules(t *testing.T) {
	for dir, pattern := range map[string]string{
		"..":                     "golang.org/x/tools/go/...",
		"../../contrib/grpcvars": "google.golang.org/grpc",
		"../../contrib/natsvars": "github.com/nats-io/nats-server/v2/server",
		".":                      "net/http",
	} {
		if _, err := os.Stat(dir); err != nil {
			t.Skipf("not in the repository of contextvars: %v", err)
		}
		if out, ok := run(t, dir, "go", "vet", "-vettool="+tool, pattern); !ok || out != "" {
			t.Errorf("%s:\n%s", pattern, out)
		}
	}
}

func TestAsked(t *testing.T) {
	for _, tt := range []struct {
		args string
		want bool
	}{
		{"-V=full", true}, {"-flags", true}, {"-token=false /tmp/vet.cfg", true}, {"/tmp/vet.cfg", true},
		{"", false}, {"./...", false}, {"vet ./...", false}, {"-help", false},
	} {
		if got := Asked(strings.Fields(tt.args)); got != tt.want {
			t.Errorf("Asked(%q) = %v", tt.args, got)
		}
	}
}
