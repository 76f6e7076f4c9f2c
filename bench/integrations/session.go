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
	steps    int
}

// measure returns what it has when ctx ends, marked as interrupted.
func (s *session) measure(ctx context.Context, all []comparison) *report {
	heap := make([]byte, s.heap)
	defer runtime.KeepAlive(heap)
	r := &report{Machine: machine.This(), Quick: s.effort.length == 0}
	var selected []comparison
	for _, c := range all {
		if s.pattern.MatchString(c.name) {
			selected = append(selected, c)
		}
	}
	s.steps = len(selected)
	for i, c := range selected {
		if ctx.Err() != nil {
			break
		}
		fmt.Fprintf(s.progress, "[%d/%d] %s\n", i+1, s.steps, c.name)
		e := s.effort
		if len(c.limits) > 0 {
			e.rounds *= 5 // what is compared with limits
		}
		if c.length > 0 {
			e = e.withLength(c.length)
		}
		sides := interleave(ctx, e, c.sides)
		r.Comparisons = append(r.Comparisons, newResult(c, sides))
		for _, l := range c.limits {
			r.Figures = append(r.Figures, l.judge(sides, s.effort))
		}
	}
	r.Interrupted = ctx.Err() != nil
	return r
}
