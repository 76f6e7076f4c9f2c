package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

//go:embed loops.py
var loopsInPython string

// python runs loops.py.
type python struct {
	path    string // empty: there is none
	version string
	missing string // why there is none
}

// findPython looks for python3, and tries it. Its asyncio may be too old for loops.py.
func findPython(ctx context.Context) python {
	p := python{}
	var err error
	if p.path, err = exec.LookPath("python3"); err != nil {
		return python{missing: "there is no python3"}
	}
	if _, err := p.measure(ctx, 1, operations[0].name); err != nil {
		return python{missing: err.Error()}
	}
	return p
}

// measure does an operation about n times, or if n is 0, for as long as loops.py does it, and returns
// the nanoseconds of one.
func (p *python) measure(ctx context.Context, n int, operation string) (ns float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, p.path, "-", "-n", strconv.Itoa(n), operation)
	c.Stdin = strings.NewReader(loopsInPython)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return 0, fmt.Errorf("python3: %w\n%s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	var result struct {
		Python  string
		NSPerOp map[string]float64
	}
	if err := json.Unmarshal(out, &result); err != nil {
		return 0, fmt.Errorf("python3 printed %q: %w", out, err)
	}
	p.version = result.Python
	if ns = result.NSPerOp[operation]; ns <= 0 {
		return 0, errors.New("python3 did not measure " + operation)
	}
	return ns, nil
}
