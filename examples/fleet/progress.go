package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// A progress says on w, every second, how far a run is.
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
			fmt.Fprint(p.w, before+p.status()+after)
		case <-p.quit:
			fmt.Fprint(p.w, before+p.status()+"\n")
			return
		}
	}
}

func (p *progress) stop() {
	close(p.quit)
	<-p.done
}

func isTerminal(w io.Writer) bool {
	if l, ok := w.(*lockedWriter); ok {
		w = l.w
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// lockedWriter is for the progress and the workers' standard errors, which write at the
// same time.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
