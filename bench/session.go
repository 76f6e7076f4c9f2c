package main

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"runtime"
)

// A session is one run of whatever the pattern selects.
type session struct {
	effort   effort
	heap     int // bytes that the program holds all the time
	pattern  *regexp.Regexp
	progress io.Writer
	step     int
	steps    int
}

// measure returns what it has when ctx ends, marked as interrupted.
func (s *session) measure(ctx context.Context) *report {
	heap := make([]byte, s.heap)
	defer runtime.KeepAlive(heap)
	r := newReport(s.effort)
	cases := selected(s.pattern, allCases(), func(c sideBySide) string { return c.name })
	figures := selected(s.pattern, allFigures(), func(f figureGroup) string { return f.name })
	keepings := selected(s.pattern, keepings, func(k keeping) string { return k.name })
	s.steps = len(cases) + len(figures) + len(keepings)
	for _, c := range cases {
		if s.begin(ctx, c.name) {
			r.Cases = append(r.Cases, newCaseResult(c, interleave(ctx, s.effort, c.subjects)))
		}
	}
	for _, g := range figures {
		if s.begin(ctx, g.name) {
			e := s.effort
			e.rounds *= 3 // figures are compared with limits
			group := interleave(ctx, e, g.subjects)
			for _, f := range g.figures {
				r.Figures = append(r.Figures, f.judge(group, s.effort))
			}
		}
	}
	for _, k := range keepings {
		if s.begin(ctx, k.name) {
			r.Kept = append(r.Kept, s.keep(ctx, k))
		}
	}
	r.Interrupted = ctx.Err() != nil
	return r
}

func selected[E any](pattern *regexp.Regexp, all []E, name func(E) string) (some []E) {
	for _, e := range all {
		if pattern.MatchString(name(e)) {
			some = append(some, e)
		}
	}
	return some
}

// begin says what comes next, and returns false if nothing does.
func (s *session) begin(ctx context.Context, name string) bool {
	if ctx.Err() != nil {
		return false
	}
	s.step++
	fmt.Fprintf(s.progress, "[%d/%d] %s\n", s.step, s.steps, name)
	return true
}

func (s *session) keep(ctx context.Context, k keeping) keptResult {
	r := keptResult{Name: k.name, Goroutines: s.effort.goroutines, AtOnce: k.atOnce, Verdict: met}
	for _, p := range participants {
		if p.keep == nil {
			continue
		}
		bytes := kept(ctx, s.effort.goroutines, k.atOnce, p.keep)
		if ctx.Err() != nil {
			break
		}
		r.Rows = append(r.Rows, keptRow{p.name, bytes})
		if p == ours && bytes > 0 {
			r.Verdict = missed
		}
	}
	if ctx.Err() != nil || s.effort.length == 0 {
		r.Verdict = unjudged
	}
	return r
}
