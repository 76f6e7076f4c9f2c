package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// A progress says on w, every second, how far a comparison is.
type progress struct {
	w      io.Writer
	quit   chan struct{}
	done   chan struct{}
	status func() string
}

func startProgress(w io.Writer, status func() string) *progress {
	p := &progress{w, make(chan struct{}), make(chan struct{}), status}
	go p.run()
	return p
}

func (p *progress) run() {
	defer close(p.done)
	// A terminal has one line that changes, a file a line each time.
	before, after := "", "\n"
	if isTerminal(p.w) {
		before, after = "\r\x1b[K", ""
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			fmt.Fprint(p.w, before, p.status(), after)
		case <-p.quit:
			fmt.Fprint(p.w, before, p.status(), "\n")
			return
		}
	}
}

func (p *progress) stop() {
	close(p.quit)
	<-p.done
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progress describes how far c is.
func (c *comparison) progress() string {
	t, p := c.variables.tally, c.plain.tally
	return fmt.Sprintf("%s of %s requests with variables, %s with parameters; %s wrong values, %s failed",
		thousands(t.requests.Load()), thousands(int64(c.requests)), thousands(p.requests.Load()),
		thousands(t.wrong.Load()+p.wrong.Load()), thousands(t.failed.Load()+p.failed.Load()))
}
