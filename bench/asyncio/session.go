package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"runtime"

	"github.com/gocontextvars/contextvars/bench/internal/machine"
)

// A session is one run of whatever the pattern selects.
type session struct {
	effort   effort
	heap     int // bytes that the program holds all the time
	pattern  *regexp.Regexp
	progress io.Writer
	step     int
}

// What can be selected beside operations.
const (
	memoryPart = "Memory"
	timersPart = "Timers"
	restPart   = "Rest"
)

// measure returns what it has when ctx ends, marked as interrupted.
func (s *session) measure(ctx context.Context) *report {
	heap := make([]byte, s.heap)
	defer runtime.KeepAlive(heap)
	r := &report{Machine: machine.This(), Quick: s.effort.length == 0}
	s.operations(ctx, r)
	if s.begin(ctx, memoryPart) {
		for _, h := range holders {
			r.Memory = append(r.Memory, s.memory(ctx, h))
		}
	}
	if s.begin(ctx, timersPart) {
		for _, k := range timerKinds {
			p := pendingCosts{Name: k.name}
			for _, n := range s.effort.pending {
				if ctx.Err() != nil {
					break
				}
				c, err := k.measure(n, s.effort.replaced)
				if err != nil {
					p.Fault = err.Error()
					break
				}
				p.Costs = append(p.Costs, c)
			}
			r.Timers = append(r.Timers, p)
		}
	}
	if s.begin(ctx, restPart) {
		for _, rester := range resters {
			row := restRow{Name: rester.name}
			if err := send(ctx, errand{rester.name, int(s.effort.rest)}, &row.idleness); err != nil {
				row.Fault = err.Error()
			}
			r.Rest = append(r.Rest, row)
		}
	}
	r.Interrupted = ctx.Err() != nil
	r.judge()
	return r
}

func (s *session) operations(ctx context.Context, r *report) {
	var py python
	for _, op := range operations {
		if !s.begin(ctx, op.name) {
			continue
		}
		if s.step == 1 {
			if py = findPython(ctx); py.missing != "" {
				fmt.Fprintf(s.progress, "no comparison with CPython: %s\n", py.missing)
			}
		}
		all, pythonNS := interleave(ctx, s.effort, op, &py)
		r.Operations = append(r.Operations, newOperationResult(op, all, pythonNS))
	}
	r.Python, r.PythonMissing = py.version, py.missing
}

func (s *session) memory(ctx context.Context, h holder) memoryRow {
	row := memoryRow{Name: h.name, Count: s.effort.parked}
	if h.timer {
		row.Count = s.effort.timers
	}
	if err := send(ctx, errand{h.name, row.Count}, &row.footprint); err != nil {
		row.Fault = err.Error()
	}
	return row
}

// begin says what comes next, if it is selected and ctx has not ended.
func (s *session) begin(ctx context.Context, name string) bool {
	if ctx.Err() != nil || !s.pattern.MatchString(name) {
		return false
	}
	s.step++
	fmt.Fprintf(s.progress, "[%d] %s\n", s.step, name)
	return true
}
