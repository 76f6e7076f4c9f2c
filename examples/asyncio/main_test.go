package main

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// small is enough to see each part work. No page is fetched a second time unless it has to.
var small = sizes{
	tasks: 4, pause: 10 * time.Millisecond,
	clients: 20, lines: 3,
	pages: 31, workers: 4, patience: 100 * time.Millisecond,
}

func runSmall(t *testing.T, name string, m mistake) (status int, stdout, stderr string) {
	t.Helper()
	p, ok := partNamed(name)
	if !ok {
		t.Fatalf("there is no part %q", name)
	}
	var out, errs bytes.Buffer
	status = options{[]part{p}, small, m}.run(&out, &errs)
	return status, out.String(), errs.String()
}

func TestParts(t *testing.T) { // 189: call and tasks
	for name, shows := range map[string][]string{
		"call":  {`main sets "main"`, `sub sees "main"`, `main sees "sub"`, `\b3 values checked, 0 wrong`},
		"tasks": {`0→1 1→2 2→3 3→4, all within \d+ms`, `\b13 values checked, 0 wrong`},
		"echo":  {`20 clients at once, 80 lines`, `\b204 values checked, 0 wrong`},
		"crawl": {`31 pages`, `up to 4 links deep`, `[1-9] of them only at a second attempt`, `, 0 wrong`},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := runSmall(t, name, noMistake)
			if status != exitOK || stderr != "" {
				t.Errorf("exit status %d, standard error %q", status, stderr)
			}
			for _, re := range shows {
				if !regexp.MustCompile(re).MatchString(stdout) {
					t.Errorf("nothing matches %s in:\n%s", re, stdout)
				}
			}
		})
	}
}

// The checks are worth something only if they can fail.
func TestMistakesAreFound(t *testing.T) {
	for _, test := range []struct {
		part    string
		mistake mistake
		finding string
	}{
		{"call", callsInTasks, "call: what main sees after the call is main, should be sub"},
		{"tasks", sharedContext, "tasks: what task 0 sees after its sleep is 3, should be 0"},
		{"echo", sharedContext, "echo: the connection's client is client-"},
		{"crawl", sharedContext, "crawl: the url after fetching is http://"},
	} {
		t.Run(test.part, func(t *testing.T) {
			status, stdout, stderr := runSmall(t, test.part, test.mistake)
			if status != exitWrong || stderr != "" {
				t.Errorf("exit status %d, standard error %q", status, stderr)
			}
			if !strings.Contains(stdout, test.finding) {
				t.Errorf("%q is not in:\n%s", test.finding, stdout)
			}
		})
	}
}

func TestFlags(t *testing.T) {
	for _, test := range []struct {
		args   string
		stderr string
	}{
		{"-fast", "flag provided but not defined: -fast"},
		{"-run", "flag needs an argument: -run"},
		{"-run=", `-run names the part ""; there are call, tasks, echo and crawl`},
		{"-run echo,ech", `-run names the part "ech"`},
		{"echo", `unexpected argument "echo"`},
	} {
		t.Run(test.args, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			status := run(strings.Fields(test.args), &stdout, &stderr)
			if status != exitUsage || stdout.Len() > 0 {
				t.Errorf("exit status %d, standard output %q", status, &stdout)
			}
			if !strings.HasPrefix(stderr.String(), "asyncio: ") || !strings.Contains(stderr.String(), test.stderr) {
				t.Errorf("standard error is %q, should contain %q", &stderr, test.stderr)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := run([]string{"-h"}, &stdout, &stderr); status != exitOK || stderr.Len() > 0 || stdout.String() != usage {
		t.Errorf("exit status %d, standard output %q, standard error %q", status, &stdout, &stderr)
	}
	for _, p := range parts {
		if !strings.Contains(usage, "\n  "+p.name+" ") {
			t.Errorf("the usage does not name the part %s", p.name)
		}
	}
}

func TestRunNamesParts(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if status := run([]string{"-run", "call,call"}, &stdout, &stderr); status != exitOK {
		t.Errorf("exit status %d, standard error %q", status, &stderr)
	}
	if n := strings.Count(stdout.String(), "\ncall: ") + strings.Count(stdout.String(), "tasks: "); n != 1 {
		t.Errorf("not call twice, and nothing else:\n%s", &stdout)
	}
}

// A signaller sends this process a SIGINT when a text is written.
type signaller struct {
	bytes.Buffer
	text string
	sent bool
}

func (s *signaller) Write(p []byte) (int, error) {
	if !s.sent && strings.Contains(string(p), s.text) {
		s.sent = true
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return 0, err
		}
		if err := self.Signal(os.Interrupt); err != nil {
			return 0, err
		}
	}
	return s.Buffer.Write(p)
}

func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no way to send a process SIGINT")
	}
	p, _ := partNamed("tasks")
	long := small
	long.pause = time.Hour
	stdout := &signaller{text: "sleep for"}
	if status := (options{[]part{p}, long, noMistake}).run(stdout, io.Discard); status != exitStopped {
		t.Errorf("exit status %d, should be %d", status, exitStopped)
	}
	if !strings.Contains(stdout.String(), "stopped by a signal") {
		t.Errorf("standard output is %q", stdout)
	}
}
