package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/gocontextvars/contextvars/bench/internal/command"
)

// Some measurements have a process of their own: the runtime keeps what goroutines that have ended
// leave, for the next ones, and for a while goes on with work behind the scenes.

// errand is one of them.
type errand struct {
	What string `json:"what"`
	N    int    `json:"n"` // how many, or how long
}

// errandVariable is set in such a process, to the errand.
const errandVariable = "CONTEXTVARS_BENCH_ERRAND"

// send starts this program once more, for e, and decodes what it prints.
func send(ctx context.Context, e errand, result any) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, program)
	c.Env = append(os.Environ(), errandVariable+"="+string(text))
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return json.Unmarshal(out, result)
}

// runErrand does what the program was started for by send, and returns false if it was not.
func runErrand(stdout, stderr io.Writer) (status int, sent bool) {
	text, sent := os.LookupEnv(errandVariable)
	if !sent {
		return 0, false
	}
	result, err := do(text)
	if err == nil {
		err = json.NewEncoder(stdout).Encode(result)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return command.ExitWrong, true
	}
	return command.ExitOK, true
}

func do(text string) (result any, err error) {
	var e errand
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return nil, err
	}
	for _, h := range holders {
		if h.name == e.What {
			return h.measure(e.N)
		}
	}
	for _, r := range resters {
		if r.name == e.What {
			return r.measure(e.N)
		}
	}
	return nil, fmt.Errorf("there is nothing called %q to measure", e.What)
}
