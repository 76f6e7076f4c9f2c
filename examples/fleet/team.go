package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// A team is the worker processes.
type team struct {
	members []*member
	tally   *tally
	trap    int
	alive   atomic.Int64
	killed  atomic.Pointer[member]
	failed  chan error // of a worker that has ended by itself; holds the first one
	ending  atomic.Bool
}

// A member is a worker process.
type member struct {
	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	ended chan struct{}
}

// startTeam starts the workers. What they write to standard error goes to stderr.
func startTeam(n int, c workerConfig, trap int, t *tally, stderr io.Writer) (*team, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	tm := &team{tally: t, trap: trap, failed: make(chan error, 1)}
	for i := range n {
		c.Name = fmt.Sprintf("worker-%d", i+1)
		if err := tm.start(self, c, stderr); err != nil {
			tm.stop()
			return nil, fmt.Errorf("cannot start %s: %w", c.Name, err)
		}
	}
	return tm, nil
}

func (tm *team) start(self string, c workerConfig, stderr io.Writer) error {
	config, err := json.Marshal(c)
	if err != nil {
		return err
	}
	m := &member{name: c.Name, cmd: exec.Command(self), ended: make(chan struct{})}
	m.cmd.Env = append(os.Environ(), workerEnv+"="+string(config))
	m.cmd.Stderr = stderr
	stdout, err := m.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if m.stdin, err = m.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := m.cmd.Start(); err != nil {
		return err
	}
	tm.members = append(tm.members, m)
	tm.alive.Add(1)
	go tm.watch(m, stdout)
	return nil
}

// watch reads the log of a worker to its end, and sees how the process ends.
func (tm *team) watch(m *member, log io.Reader) {
	defer close(m.ended)
	r, held := bufio.NewReader(log), 0
	for {
		line, err := r.ReadBytes('\n')
		if err != nil {
			break // a line without an end is that of a worker that was killed
		}
		e := tm.tally.checkLine(m.name, bytes.TrimSuffix(line, []byte("\n")))
		if e.Line != lineHeld {
			continue
		}
		held++
		if e.Number == tm.trap {
			time.AfterFunc(holding, func() { tm.kill(m) }) // no more than this one may have come
		}
		if held == atOnce {
			tm.kill(m)
		}
	}
	err := m.cmd.Wait()
	tm.alive.Add(-1)
	if tm.killed.Load() != m && (err != nil || !tm.ending.Load()) {
		select {
		case tm.failed <- fmt.Errorf("%s has ended by itself: %v", m.name, err):
		default:
		}
	}
}

// holding is how long a worker may wait for as many jobs as it can hold, until it is
// killed.
const holding = 300 * time.Millisecond

// kill kills a worker in the midst of its jobs, if none was killed before.
func (tm *team) kill(m *member) {
	if !tm.ending.Load() && tm.killed.CompareAndSwap(nil, m) {
		m.cmd.Process.Kill() // SIGKILL, where there are signals
	}
}

// stop ends all workers, and waits until they have, and all their lines are read.
func (tm *team) stop() {
	tm.ending.Store(true)
	var ends sync.WaitGroup
	for _, m := range tm.members {
		ends.Go(func() {
			io.WriteString(m.stdin, wordToEnd) // nobody reads it if the worker has ended
			m.stdin.Close()
			<-m.ended
		})
	}
	ends.Wait()
}

// killedName returns who was killed; nothing if nobody was.
func (tm *team) killedName() string {
	if m := tm.killed.Load(); m != nil {
		return m.name
	}
	return ""
}
