package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// How much is measured.
type effort struct {
	rounds int
	// length is that of one sample. It has several garbage collections in it, so that what is
	// allocated is paid for.
	length time.Duration
	count  int // how often, without a length, and for counting allocations

	parked   int           // tasks, for what they take of memory
	timers   int           // the same
	pending  []int         // timers, for what one more costs
	replaced int           // of them, in each sample
	rest     time.Duration // for which a loop has nothing to do
}

var (
	full = effort{
		rounds: 21, length: 50 * time.Millisecond, count: 20_000,
		parked: 100_000, timers: 1_000_000, pending: []int{1000, 10_000, 100_000, 1_000_000}, replaced: 1000,
		rest: time.Second,
	}
	// quick shows that everything runs and is right, not how fast it is.
	quick = effort{
		rounds: 1, count: 200,
		parked: 2000, timers: 10_000, pending: []int{100, 1000}, replaced: 10,
		rest: 50 * time.Millisecond,
	}
)

// measured is what is known of a participant and an operation.
type measured struct {
	who           *participant
	ns            []float64 // of one operation, in each round
	bytes, allocs float64
	fault         string
}

// interleave has CPython and all participants that can do op take turns: in each round everyone has one
// sample. A machine that others use too changes its speed from one minute to the
// next; what was measured in one round has seen the same of it.
//
// When ctx ends it returns what it has: the complete rounds.
func interleave(ctx context.Context, e effort, op operation, py *python) (all []measured, pythonNS []float64) {
	for _, p := range participants {
		if p.does[op.name] != nil {
			all = append(all, measured{who: p})
		}
	}
	n := make([]int, len(all))
	for i := range all {
		if ctx.Err() != nil {
			return all, nil
		}
		all[i].countAllocs(op, e.count)
		n[i] = all[i].calibrate(op, e)
	}
	for round := range e.rounds {
		var ns float64
		if py.path != "" {
			var err error
			if ns, err = py.measure(ctx, e.pythonCount(), op.name); err != nil && ctx.Err() == nil {
				*py = python{missing: err.Error()}
			}
		}
		if ctx.Err() != nil {
			break
		}
		if ns > 0 {
			pythonNS = append(pythonNS, ns)
		}
		for turn := range all {
			i := (turn + round) % len(all) // nobody has always the same one before it
			all[i].sample(op, n[i])
		}
	}
	return all, pythonNS
}

// pythonCount is what loops.py is asked for.
func (e effort) pythonCount() int {
	if e.length == 0 {
		return e.count
	}
	return 0
}

func (m *measured) sample(op operation, n int) {
	if m.fault != "" {
		return
	}
	runtime.GC() // nobody pays for another's garbage
	if times, took := m.do(op, n); m.fault == "" {
		m.ns = append(m.ns, float64(took.Nanoseconds())/float64(times))
	}
}

// do notes the first fault.
func (m *measured) do(op operation, n int) (times int, took time.Duration) {
	times, took, err := m.who.does[op.name](n)
	if err != nil {
		m.fault = err.Error()
	} else if times < n {
		m.fault = fmt.Sprintf("%d of %d are done", times, n)
	}
	return times, took
}

func (m *measured) countAllocs(op operation, n int) {
	var before, after runtime.MemStats
	m.do(op, n) // what is allocated only once
	runtime.ReadMemStats(&before)
	times, _ := m.do(op, n)
	runtime.ReadMemStats(&after)
	if m.fault == "" {
		m.allocs = float64(after.Mallocs-before.Mallocs) / float64(times)
		m.bytes = float64(after.TotalAlloc-before.TotalAlloc) / float64(times)
	}
}

// calibrate returns how many operations fill a sample.
func (m *measured) calibrate(op operation, e effort) int {
	if e.length == 0 {
		return e.count
	}
	for n := 1000; m.fault == ""; n *= 4 {
		if times, took := m.do(op, n); took >= e.length/4 {
			return max(1, int(float64(times)*float64(e.length)/float64(took)))
		}
	}
	return 1
}

// faster returns how many times as fast as CPython m was.
func (m *measured) faster(pythonNS []float64) (stat.Ratio, bool) {
	if m.fault != "" {
		return stat.Ratio{}, false
	}
	return stat.Over(pythonNS, m.ns)
}
