package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A pty is a terminal with a program on it.
type pty struct {
	*os.File // what the program writes
	cmd      *exec.Cmd
	seen     strings.Builder
}

// onTerminal runs the command on a terminal of that size.
func onTerminal(t *testing.T, width, height uint16, env string, args ...string) *pty {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: height, Col: width}); err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprint("/dev/pts/", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	p := &pty{File: master, cmd: exec.Command("contextvars", args...)}
	p.cmd.Env = append(os.Environ(), "TERM=xterm", "COLUMNS=", "NO_COLOR=", env)
	p.cmd.Stdout = slave
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	return p
}

// until reads until the output has n matches.
func (p *pty) until(t *testing.T, n int, expression string) {
	t.Helper()
	re := regexp.MustCompile(expression)
	chunk := make([]byte, 1<<12)
	for len(re.FindAllStringIndex(p.seen.String(), -1)) < n {
		n, err := p.Read(chunk)
		p.seen.Write(chunk[:n])
		if err != nil {
			t.Fatalf("there is no %s in %q: %v", expression, p.seen.String(), err)
		}
	}
}

// end interrupts the command and reads the rest. It fails if the last try did.
func (p *pty) end(t *testing.T) (out string, ok bool) {
	t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.rest()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Error(err)
	}
	return p.seen.String(), err == nil
}

func (p *pty) rest() {
	chunk := make([]byte, 1<<12)
	for {
		n, err := p.Read(chunk)
		p.seen.Write(chunk[:n])
		if err != nil {
			return // EIO, when the command has closed its side
		}
	}
}

func TestWatchInPlace(t *testing.T) {
	url, stop := newServer("counting")
	defer stop()
	p := onTerminal(t, 100, 24, "", "ps", "-watch", "-interval", "100ms", url)
	p.until(t, 3, `round-\d(?s:.*?)\x1b\[\?7h`)
	out, ok := p.end(t)
	if !ok {
		t.Error("SIGINT makes it fail")
	}
	for _, want := range []string{"round-1", "round-2", "round-3", boldOn + "every 100ms: " + url} {
		if !strings.Contains(out, want) {
			t.Errorf("there is no %q in %q", want, out)
		}
	}
	if strings.Count(out, clearAll) != 1 {
		t.Errorf("the terminal is cleared more than once: %q", out)
	}
	for i, frame := range strings.Split(out, home)[1:] {
		if !strings.Contains(frame, restAll+wrapOn) {
			t.Errorf("frame %d does not end: %q", i, frame)
		}
		for _, line := range strings.Split(strings.Split(frame, restAll)[0], "\n") {
			if line != "" && !strings.HasSuffix(line, restLine+"\r") {
				t.Errorf("frame %d: what was there before stays behind %q", i, line)
			}
		}
	}
	if !strings.HasSuffix(out, "\n") {
		t.Error("what the shell writes next is on the same line")
	}
}

func TestWatchFits(t *testing.T) {
	url, stop := newServer("crowd")
	defer stop()
	p := onTerminal(t, 60, 10, "", "ps", "-watch", url)
	p.until(t, 1, regexp.QuoteMeta(wrapOn))
	out, ok := p.end(t)
	if !ok {
		t.Error("SIGINT makes it fail")
	}
	if !regexp.MustCompile(`and \d+ lines more: filters make it less`).MatchString(out) {
		t.Errorf("what is missing is not said: %q", out)
	}
	_, frame, _ := strings.Cut(out, home)
	frame, _, _ = strings.Cut(frame, restAll)
	if n := strings.Count(frame, "\n"); n >= 10 {
		t.Errorf("%d line ends on a terminal of 10 lines", n)
	}
	for line := range strings.Lines(frame) {
		line = strings.NewReplacer(boldOn, "", boldOff, "", restLine, "").Replace(line)
		if n := len([]rune(strings.TrimSpace(line))); n > 60 && !strings.HasPrefix(line, "every") {
			t.Errorf("%d columns: %q", n, line)
		}
	}
}

func TestWatchShowsThatItIsLost(t *testing.T) {
	url, stop := newServer("unsteady")
	defer stop()
	p := onTerminal(t, 200, 24, "NO_COLOR=1", "ps", "-watch", "-interval", "100ms", url)
	p.until(t, 1, `503 Service Unavailable"; trying again(?s:.*)round-3`)
	out, _ := p.end(t)
	if strings.Contains(out, boldOn) {
		t.Errorf("it is bold in spite of NO_COLOR: %q", out)
	}
	lost := strings.Split(out, home)[2]
	if !strings.Contains(lost, "round-1") {
		t.Errorf("what was known is not shown any more: %q", lost)
	}
}

// Once, on a terminal: lines end where it does.
func TestOnceFits(t *testing.T) {
	url, stop := newServer("crowd")
	defer stop()
	for env, want := range map[string]int{"": 60, "COLUMNS=40": 40} {
		p := onTerminal(t, 60, 10, env, "ps", url)
		p.rest()
		if err := p.cmd.Wait(); err != nil {
			t.Error(err)
		}
		longest := 0
		for line := range strings.Lines(p.seen.String()) {
			longest = max(longest, len([]rune(strings.TrimRight(line, "\r\n"))))
		}
		if longest != want {
			t.Errorf("%s: %d columns", env, longest)
		}
		if strings.Contains(p.seen.String(), "\x1b") {
			t.Errorf("there are escapes: %q", p.seen.String())
		}
	}
}
