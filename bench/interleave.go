package main

import (
	"context"
	"time"

	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// How much is measured.
type effort struct {
	rounds int
	// length is that of one sample. Most short ones are not cut in two by a garbage
	// collection or by whatever else the machine has to do, and a median does not
	// mind the few that are.
	length time.Duration
	counts int // operations for counting allocations
	// goroutines is how many are started to see what is kept.
	goroutines int
}

var (
	full = effort{rounds: 401, length: 250 * time.Microsecond, counts: 2000, goroutines: 1_000_000}
	// quick shows that everything runs and is right, not how fast it is.
	quick = effort{rounds: 1, counts: 20, goroutines: 20_000}
)

// measured is what is known of a subject.
type measured struct {
	subject subject
	// ns has the time of one operation in each round. Entry i of all
	// subjects of one call of interleave was taken in round i.
	ns            []float64
	bytes, allocs float64
	fault         string
}

// interleave measures the subjects side by side: in each round everyone has one short
// sample. A machine that others use too changes its speed from one
// second to the next; subjects that take turns all see the same of it, so that
// their ratios in one round mean something where their times do not.
//
// When ctx ends it returns what it has: the complete rounds.
func interleave(ctx context.Context, e effort, subjects []subject) []measured {
	stages := make([]*stage, len(subjects))
	all := make([]measured, len(subjects))
	n := make([]int, len(subjects))
	for i, s := range subjects {
		all[i].subject = s
		stages[i] = open(s)
		defer stages[i].close()
	}
	for _, st := range stages {
		st.run(request{n: 1}) // what is done only once is not counted, nor at the same time
	}
	for i, st := range stages {
		if ctx.Err() != nil {
			return all
		}
		s := st.run(request{n: e.counts, count: true})
		all[i].bytes, all[i].allocs = float64(s.size)/float64(e.counts), float64(s.mallocs)/float64(e.counts)
		all[i].fault = s.fault
		n[i] = st.calibrate(e)
	}
	for round := range e.rounds {
		if ctx.Err() != nil {
			break
		}
		for turn := range stages {
			i := (turn + round) % len(stages) // nobody has always the same one before it
			if all[i].fault != "" {
				continue
			}
			s := stages[i].run(request{n: n[i]})
			all[i].ns = append(all[i].ns, float64(s.elapsed.Nanoseconds())/float64(n[i]))
			all[i].fault = s.fault
		}
	}
	return all
}

// calibrate returns how many operations fill a sample.
func (st *stage) calibrate(e effort) int {
	if e.length == 0 {
		return e.counts
	}
	for n := 1; ; n *= 4 {
		s := st.run(request{n: n})
		if s.fault != "" {
			return 1
		}
		if s.elapsed >= e.length/8 {
			return max(1, int(float64(n)*float64(e.length)/float64(s.elapsed)))
		}
	}
}

// nsPerOp is the median of the rounds; 0 if there were none.
func (m measured) nsPerOp() float64 { return stat.Median(m.ns) }

// over returns the ratio of m to base, false if one of them has not been measured or
// is wrong: there is no comparing what was not done.
func (m measured) over(base measured) (stat.Ratio, bool) {
	if m.fault != "" || base.fault != "" {
		return stat.Ratio{}, false
	}
	return stat.Over(m.ns, base.ns)
}
