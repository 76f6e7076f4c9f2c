package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
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

	"github.com/gocontextvars/contextvars/debugvars"
)

// These tests run the program as a user does.

var (
	buildDir string
	build    = sync.OnceValues(func() (string, error) {
		path := filepath.Join(buildDir, "service.exe")
		out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
		if err != nil {
			return "", errors.New(string(out))
		}
		return path, nil
	})
)

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "service"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(buildDir)
	os.Exit(code)
}

func program(t *testing.T, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.CommandContext(t.Context(), path, args...)
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
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

func TestFlags(t *testing.T) {
	taken, err := loopback()
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()

	for _, test := range []struct {
		args   string
		status int
		stderr string // a part of it
	}{
		{"-n 0", exitUsage, "-n is 0; it must be 1 or more"},
		{"-n -5", exitUsage, "-n is -5"},
		{"-n many", exitUsage, `invalid value "many" for flag -n`},
		{"-c 0", exitUsage, "-c is 0; it must be 1 to 1000"},
		{"-c 1001", exitUsage, "-c is 1001"},
		{"-fast", exitUsage, "flag provided but not defined: -fast"},
		{"-n 5 more", exitUsage, `unexpected argument "more"`},
		{"-serve", exitUsage, "flag needs an argument: -serve"},
		{"-serve=", exitUsage, `-serve is ""; it must be host:port`},
		{"-serve 8080", exitUsage, `-serve is "8080"`},
		{"-serve 127.0.0.1:99999", exitUsage, `-serve is "127.0.0.1:99999"`},
		{"-serve 127.0.0.1:0 -json", exitUsage, "-serve or -debug alone compares nothing"},
		{"-serve 127.0.0.1:0 -c 3", exitUsage, "-serve or -debug alone compares nothing"},
		{"-debug=", exitUsage, `-debug is ""; it must be host:port`},
		{"-debug 6060", exitUsage, `-debug is "6060"`},
		{"-debug 127.0.0.1:0 -json", exitUsage, "-serve or -debug alone compares nothing"},
		{"-debug " + taken.Addr().String(), exitWrong, "cannot serve the page at " + taken.Addr().String()},
		{"-serve " + taken.Addr().String(), exitWrong, "cannot serve at " + taken.Addr().String()},
	} {
		t.Run(test.args, func(t *testing.T) {
			cmd, stdout, stderr := program(t, strings.Fields(test.args)...)
			if got := exitStatus(t, cmd.Run()); got != test.status {
				t.Errorf("exit status %d, should be %d", got, test.status)
			}
			if !strings.HasPrefix(stderr.String(), "service: ") || !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("standard error is %q, should contain %q", stderr, test.stderr)
			}
			if stdout.Len() > 0 {
				t.Errorf("standard output is %q", stdout)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	cmd, stdout, stderr := program(t, "-h")
	if got := exitStatus(t, cmd.Run()); got != exitOK || stderr.Len() > 0 || stdout.String() != usage {
		t.Errorf("exit status %d, standard output %q, standard error %q", got, stdout, stderr)
	}
}

func TestTable(t *testing.T) {
	cmd, stdout, stderr := program(t, "-n", "200", "-c", "4")
	if got := exitStatus(t, cmd.Run()); got != exitOK {
		t.Errorf("exit status %d", got)
	}
	for _, row := range []string{
		`(?m)^ *requests +200$`,
		`(?m)^ *goroutines started, .* +[1-9][\d,]+$`,
		`(?m)^ *operations on variables +17,000$`,
		`(?m)^ *values checked +14,200$`,
		`(?m)^ *wrong values +0$`,
		`(?m)^ *failed requests +0$`,
		`(?m)^ *requests per second with variables +[1-9][\d,]*$`,
		`(?m)^ *requests per second with parameters +[1-9][\d,]*$`,
		`(?m)^all log lines of request r-000100:$`,
		`(?m)^  \{.*"msg":"confirm".*"request":"r-000100".*\}$`,
	} {
		if !regexp.MustCompile(row).Match(stdout.Bytes()) {
			t.Errorf("nothing matches %s in:\n%s", row, stdout)
		}
	}
	if want := "200 of 200 requests with variables, 200 with parameters; 0 wrong values, 0 failed\n"; !strings.HasSuffix(stderr.String(), want) {
		t.Errorf("progress is %q, should end with %q", stderr, want)
	}
}

func TestJSON(t *testing.T) {
	cmd, stdout, _ := program(t, "-n", "100", "-json")
	if got := exitStatus(t, cmd.Run()); got != exitOK {
		t.Errorf("exit status %d", got)
	}
	var r report
	d := json.NewDecoder(stdout)
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	if r.Requests != 100 || r.Wrong != 0 || r.Checked == 0 || r.Sample != "r-000000" || len(r.Lines) != len(places) {
		t.Errorf("got %+v", r)
	}
}

// started runs the program, and returns its standard error after the first line
// that matches, and the match.
func started(t *testing.T, line string, args ...string) (cmd *exec.Cmd, stdout *bytes.Buffer, stderr io.Reader, match string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no way to send a process SIGINT or SIGTERM")
	}
	cmd, stdout, _ = program(t, args...)
	cmd.Stderr = nil
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	re, r := regexp.MustCompile(line), bufio.NewReader(pipe)
	for {
		text, err := r.ReadString('\n')
		if m := re.FindString(text); m != "" {
			return cmd, stdout, r, m
		}
		if err != nil {
			t.Fatalf("standard error ended before a line matched %s: %v", line, cmd.Wait())
		}
	}
}

func TestInterrupt(t *testing.T) {
	cmd, stdout, stderr, _ := started(t, `^[1-9].* of 10,000,000 requests`, "-n", "10000000", "-json")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, stderr)
	if got := exitStatus(t, cmd.Wait()); got != exitStopped {
		t.Errorf("exit status %d, should be %d", got, exitStopped)
	}
	var r report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if !r.Stopped || r.Requests == 0 || r.Wrong != 0 || r.Failed != 0 {
		t.Errorf("got %+v", r)
	}
}

const serverURL = `http://[0-9.:]+`

func TestServe(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			cmd, _, stderr, url := started(t, serverURL, "-serve", "127.0.0.1:0")
			sent := request{"me-1", "acme", time.Now().UTC().Round(0).Add(time.Minute)}
			req, err := http.NewRequest(http.MethodPost, url+"/orders", nil)
			if err != nil {
				t.Fatal(err)
			}
			sent.writeTo(req.Header)
			trail, err := send(http.DefaultClient, req)
			if err != nil {
				t.Fatal(err)
			}
			tl := new(tally)
			claims := tl.checkTrail(sent, trail, nil)

			http.DefaultClient.CloseIdleConnections()
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			log, err := io.ReadAll(stderr)
			if err != nil {
				t.Fatal(err)
			}
			if got := exitStatus(t, cmd.Wait()); got != exitOK {
				t.Errorf("exit status %d", got)
			}
			var lines [][]byte
			for line := range bytes.Lines(log) {
				if line[0] == '{' {
					lines = append(lines, line)
				}
			}
			if n := len(tl.checkLog(lines, claims, "me-1")); n != len(places) || tl.wrong.Load() != 0 {
				t.Errorf("%d log lines, %d wrong: %q", n, tl.wrong.Load(), tl.found())
			}
			if conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")); err == nil {
				conn.Close()
				t.Error("the service still listens")
			}
		})
	}
}

func TestServeAnswersBadRequests(t *testing.T) {
	l, err := loopback()
	if err != nil {
		t.Fatal(err)
	}
	s, err := startShop(l, io.Discard, new(tally), noMistake, show{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.stop()
	for _, test := range []struct {
		method, path, deadline string
		status                 int
	}{
		{"POST", "/orders", "soon", http.StatusBadRequest},
		{"GET", "/orders", "", http.StatusMethodNotAllowed},
		{"POST", "/", "", http.StatusNotFound},
		// Too late to ask the ledger.
		{"POST", "/orders", "2001-02-03T04:05:06Z", http.StatusBadGateway},
		{"POST", "/orders", "", http.StatusOK},
	} {
		req, err := http.NewRequest(test.method, s.url+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if test.deadline != "" {
			req.Header.Set(headerDeadline, test.deadline)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != test.status {
			t.Errorf("%+v: got %s", test, res.Status)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestServeAfterRequests(t *testing.T) {
	cmd, stdout, stderr, url := started(t, serverURL, "-serve", "127.0.0.1:0", "-n", "100")
	req, err := http.NewRequest(http.MethodPost, url+"/orders", nil)
	if err != nil {
		t.Fatal(err)
	}
	if trail, err := send(http.DefaultClient, req); err != nil || len(trail) != len(places) {
		t.Errorf("%d places, %v", len(trail), err)
	}
	http.DefaultClient.CloseIdleConnections()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, stderr)
	if got := exitStatus(t, cmd.Wait()); got != exitOK {
		t.Errorf("exit status %d", got)
	}
	if !strings.Contains(stdout.String(), "values checked") {
		t.Errorf("no report was printed: %q", stdout)
	}
}

func TestDebug(t *testing.T) {
	const before = "service: variables at "
	cmd, _, stderr, line := started(t, `^`+before+serverURL+`/debug/contextvars\n$`, "-debug", "127.0.0.1:0", "-serve", "127.0.0.1:0")
	url := strings.TrimSpace(strings.TrimPrefix(line, before))
	look := func(query string) (s debugvars.Snapshot) {
		res, err := http.Get(url + "?format=json&" + query)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if err := json.NewDecoder(res.Body).Decode(&s); err != nil {
			t.Fatal(res.Status, err)
		}
		return s
	}
	seen := map[string]bool{}
	wait(t, "orders of a tenant in different places", func() bool {
		for _, g := range look("var=tenant=acme&group=at").Groups {
			seen[g.Value] = true
		}
		return seen["price"] && seen["settle"] && seen["ledger: book"]
	})
	wait(t, "tasks that wait for one another", func() bool {
		for _, l := range look("view=loops").Loops {
			for _, n := range l.Tasks {
				if strings.HasPrefix(n.Name, "delivery of ") && len(n.Awaits) == 1 && len(n.AwaitedBy) == 2 {
					return true
				}
			}
		}
		return false
	})
	wait(t, "the stocktaking", func() bool { return look("var=shelf").Matching == 1 })

	http.DefaultClient.CloseIdleConnections()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, stderr)
	if got := exitStatus(t, cmd.Wait()); got != exitOK {
		t.Errorf("exit status %d", got)
	}
}
