package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// These tests run the program as a user does.

var (
	buildDir string
	build    = sync.OnceValues(func() (string, error) {
		path := filepath.Join(buildDir, "fleet.exe")
		out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
		if err != nil {
			return "", errors.New(string(out))
		}
		return path, nil
	})
)

func TestMain(m *testing.M) {
	// The tests in fleet_test.go run fleets in this process, whose workers are this
	// program.
	if text, ok := os.LookupEnv(workerEnv); ok {
		os.Exit(workerMain(text, os.Stdin, os.Stdout, os.Stderr))
	}
	var err error
	if buildDir, err = os.MkdirTemp("", "fleet"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		os.RemoveAll(buildDir)
		os.Exit(code)
	}))
}

// A process is the program while it runs. What it leaves behind is in dir.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
	dir            string
}

func program(t *testing.T, args ...string) *process {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.CommandContext(t.Context(), path, args...), dir: t.TempDir()}
	p.Cmd.Stdout, p.Cmd.Stderr = &p.stdout, &p.stderr
	p.Env = append(os.Environ(), "TMPDIR="+p.dir)
	return p
}

func exitStatus(t *testing.T, err error) int {
	t.Helper()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0
}

// checkGone fails if a process of the program is still there, or a file of its server.
func (p *process) checkGone(t *testing.T) {
	t.Helper()
	if left, err := os.ReadDir(p.dir); err != nil || len(left) > 0 {
		t.Errorf("the program has left %v, %v", left, err)
	}
	p.checkNoProcess(t)
}

func (p *process) checkNoProcess(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return // there is no other way to see all processes
	}
	// A worker whose front was killed has to notice.
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		left := running(p.Path)
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("still running: %v", left)
		}
	}
}

// running returns the processes of the program at path.
func running(path string) (all []string) {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil && to == path {
			all = append(all, link)
		}
	}
	return all
}

func TestFlags(t *testing.T) {
	for _, test := range []struct {
		args   string
		status int
		stderr string // a part of it
	}{
		{"-n 0", exitUsage, "-n is 0; it must be 1 to 10000000"},
		{"-n -5", exitUsage, "-n is -5"},
		{"-n many", exitUsage, `invalid value "many" for flag -n`},
		{"-c 0", exitUsage, "-c is 0; it must be 1 to 1000"},
		{"-c 1001", exitUsage, "-c is 1001"},
		{"-workers 1", exitUsage, "-workers is 1; it must be 2 to 100, since one of them is killed"},
		{"-workers 101", exitUsage, "-workers is 101"},
		{"-fast", exitUsage, "flag provided but not defined: -fast"},
		{"-n 5 more", exitUsage, `unexpected argument "more"`},
		{"-nats=", exitUsage, "-nats is empty"},
		{"-temporal=", exitUsage, "-temporal is empty"},
		{"-nats nats://127.0.0.1:1 -temporal 127.0.0.1:1", exitUsage, "do not go together"},
		{"-nats nats://127.0.0.1:1", exitWrong, "cannot connect to NATS"},
		{"-nats ://", exitWrong, "cannot connect to NATS"},
		{"-temporal 127.0.0.1:1", exitWrong, "cannot connect to Temporal"},
	} {
		t.Run(test.args, func(t *testing.T) {
			p := program(t, strings.Fields(test.args)...)
			if got := exitStatus(t, p.Run()); got != test.status {
				t.Errorf("exit status %d, should be %d", got, test.status)
			}
			if text := p.stderr.String(); !strings.HasPrefix(text, "fleet: ") || !strings.Contains(text, test.stderr) {
				t.Errorf("standard error is %q, should contain %q", text, test.stderr)
			}
			if p.stdout.Len() > 0 {
				t.Errorf("standard output is %q", &p.stdout)
			}
			p.checkGone(t)
		})
	}
}

func TestHelp(t *testing.T) {
	p := program(t, "-h")
	if got := exitStatus(t, p.Run()); got != exitOK || p.stderr.Len() > 0 || p.stdout.String() != usage {
		t.Errorf("exit status %d, standard output %q, standard error %q", got, &p.stdout, &p.stderr)
	}
}

func TestTable(t *testing.T) {
	p := program(t, "-n", "200", "-workers", "3")
	if got := exitStatus(t, p.Run()); got != exitOK {
		t.Errorf("exit status %d: %s", got, &p.stderr)
	}
	for _, row := range []string{
		`(?m)^ *worker processes +3$`,
		`(?m)^ *killed in the middle +worker-[1-3]$`,
		`(?m)^ *jobs sent +200$`,
		`(?m)^ *jobs answered +200$`,
		`(?m)^ *failed requests +0$`,
		`(?m)^ *published twice, taken once +20$`,
		`(?m)^ *jobs delivered again +[1-9]\d*$`,
		`(?m)^ *of these done already, without effect now +[1-9]\d*$`,
		`(?m)^ *done once in effect +200$`,
		`(?m)^ *done more than once +0$`,
		`(?m)^ *lost +0$`,
		`(?m)^ *values checked +[1-9][\d,]*$`,
		`(?m)^ *wrong values +0$`,
		`(?m)^all log lines of request r-000100, whose worker was killed:$`,
		`(?m)^  \{.*"msg":"held".*"request":"r-000100","tenant":"tenant-00".*\}$`,
		`(?m)^  \{.*"msg":"repeated".*"request":"r-000100","tenant":"tenant-00".*\}$`,
	} {
		if !regexp.MustCompile(row).Match(p.stdout.Bytes()) {
			t.Errorf("nothing matches %s in:\n%s", row, &p.stdout)
		}
	}
	if want := regexp.MustCompile(`200 of 200 jobs answered by 2 workers, worker-\d was killed; \d+ delivered again, 0 wrong values, 0 failed\n$`); !want.Match(p.stderr.Bytes()) {
		t.Errorf("progress is %q, should end like %s", &p.stderr, want)
	}
	p.checkGone(t)
}

func decode(t *testing.T, from io.Reader) (r report) {
	t.Helper()
	d := json.NewDecoder(from)
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestJSON(t *testing.T) {
	p := program(t, "-n", "100", "-workers", "2", "-c", "4", "-json")
	if got := exitStatus(t, p.Run()); got != exitOK {
		t.Errorf("exit status %d", got)
	}
	r := decode(t, &p.stdout)
	if r.Engine != "nats" || r.Sent != 100 || r.Once != 100 || r.Wrong != 0 || r.Checked == 0 || r.Redelivered == 0 || r.Sample != "r-000050" || len(r.SampleLines) < 6 {
		t.Errorf("got %+v", r)
	}
	p.checkGone(t)
}

// started returns the running program when its standard error has had a line that matches.
func started(t *testing.T, line string, args ...string) (p *process, stderr io.Reader) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no way to send a process SIGINT or SIGTERM")
	}
	p = program(t, args...)
	p.Cmd.Stderr = nil
	pipe, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	re, r := regexp.MustCompile(line), bufio.NewReader(pipe)
	for {
		text, err := r.ReadString('\n')
		if re.MatchString(text) {
			return p, r
		}
		if err != nil {
			t.Fatalf("standard error ended before a line matched %s: %v", line, p.Wait())
		}
	}
}

func TestSignalLeavesNothingBehind(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			p, stderr := started(t, `^[1-9].* of 1,000,000 jobs answered by 3 workers`, "-n", "1000000", "-workers", "3", "-json")
			if runtime.GOOS == "linux" {
				if n := len(running(p.Path)); n != 4 {
					t.Errorf("%d processes, should be 4", n)
				}
			}
			if err := p.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, stderr)
			if got := exitStatus(t, p.Wait()); got != exitStopped {
				t.Errorf("exit status %d, should be %d", got, exitStopped)
			}
			if r := decode(t, &p.stdout); !r.Stopped || r.Answered == 0 || r.Wrong != 0 || r.Failed != 0 || r.Lost != 0 {
				t.Errorf("got %+v", r)
			}
			p.checkGone(t)
		})
	}
}

// The front has no chance to tell the workers.
func TestWorkersNoticeThatTheFrontIsGone(t *testing.T) {
	p, stderr := started(t, `^[1-9].* jobs answered`, "-n", "1000000")
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.Wait()
	io.Copy(io.Discard, stderr)
	if p.checkNoProcess(t); runtime.GOOS == "linux" { // elsewhere nothing tells when they have ended
		p.checkGone(t)
	}
}
