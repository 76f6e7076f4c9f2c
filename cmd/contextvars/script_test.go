package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Under the race detector a program waits for a second before it ends, else, and a vet tool is started for each package.
const raceOptions = "atexit_sleep_ms=0"

// The test binary is also the command, and the program that it looks at.
func TestMain(m *testing.M) {
	os.Setenv("GORACE", raceOptions)
	testscript.Main(m, map[string]func(){
		"contextvars": main,
		"program":     program,
	})
}

// Beside testscript's own, the scripts have these commands:
//
//	start [SOCKET]                 starts the program; $URL is where it is
//	serve KIND                     starts a server of servers_test.go; $URL is where it is, $SECRET_URL with a password
//	capture NAME RE                sets a variable to the part of the last output in the expression's parentheses
//	status N COMMAND [args]        runs a command, which has to end with that status
//	interrupt N RE COMMAND [args]  runs a command until its output has N matches, and sends it SIGINT
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			// The go command's cache is that of the user: these scripts build the standard library else.
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GOTOOLCHAIN"} {
				value, err := exec.Command("go", "env", name).Output()
				if err != nil {
					return err
				}
				e.Setenv(name, strings.TrimSpace(string(value)))
			}
			e.Setenv("GOWORK", "off")
			e.Setenv("GORACE", raceOptions)
			e.Setenv("COLUMNS", "")
			e.Setenv("ROOT", root)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":     start,
			"serve":     serve,
			"status":    status,
			"interrupt": interrupt,
			"capture":   capture,
		},
	})
}

func start(ts *testscript.TestScript, neg bool, args []string) {
	cmd := exec.Command("program", args...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	ts.Check(err)
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		stdin.Close() // it ends with its standard input
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	ts.Check(err)
	ts.Setenv("URL", strings.TrimSpace(line))
}

func serve(ts *testscript.TestScript, neg bool, args []string) {
	url, stop := newServer(args[0])
	ts.Defer(stop)
	ts.Setenv("URL", url)
	ts.Setenv("SECRET_URL", strings.Replace(url, "://", "://ops:s3cret@", 1))
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	cmd := scriptCommand(ts, args[1:])
	cmd.Stdout = ts.Stdout()
	ts.Check(cmd.Start())
	ended(ts, cmd, want)
}

func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	matches, err := strconv.Atoi(args[0])
	ts.Check(err)
	re, err := regexp.Compile(args[1])
	ts.Check(err)
	cmd := scriptCommand(ts, args[2:])
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	var seen bytes.Buffer
	chunk := make([]byte, 1<<10)
	for len(re.FindAllIndex(seen.Bytes(), -1)) < matches {
		n, err := out.Read(chunk)
		seen.Write(chunk[:n])
		if err != nil {
			break // it has ended, which its status tells
		}
	}
	ts.Check(cmd.Process.Signal(syscall.SIGINT))
	_, _ = io.Copy(&seen, out)
	_, _ = ts.Stdout().Write(seen.Bytes())
	ended(ts, cmd, 0)
}

func scriptCommand(ts *testscript.TestScript, args []string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Stderr = ts.Stderr()
	for _, name := range []string{"PATH", "HOME", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GOTOOLCHAIN", "GOWORK", "GORACE", "COLUMNS", "NO_COLOR"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	return cmd
}

func ended(ts *testscript.TestScript, cmd *exec.Cmd, want int) {
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("status %d instead of %d", got, want)
	}
}

func capture(ts *testscript.TestScript, neg bool, args []string) {
	match := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if match == nil {
		ts.Fatalf("there is no %s", args[1])
	}
	ts.Setenv(args[0], match[1])
}
