package main

import (
	"context"
	"time"

	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// How much is measured.
type effort struct {
	rounds int
	// length is that of one sample. Most short ones are not cut in two by a garbage collection or by whatever
	// else the machine has to do, and a median does not mind the few that are.
	length time.Duration
	counts int // calls for counting allocations
}

var (
	full = effort{rounds: 801, length: 250 * time.Microsecond, counts: 1000}
	// quick shows that everything runs and is right, not how fast it is.
	quick = effort{rounds: 1, counts: 20}
)

// leastRounds are for a median and quartiles.
const leastRounds = 41

// withLength is about as much with samples of another length.
func (e effort) withLength(length time.Duration) effort {
	if e.length > 0 {
		e.rounds = max(leastRounds, int(time.Duration(e.rounds)*e.length/length))
		e.length = length
	}
	return e
}

// measured is what is known of a side.
type measured struct {
	name string
	// ns has the time of one call in each round. Entry i of all sides was taken
	// in round i.
	ns            []float64
	bytes, allocs float64
	fault         string
}

// interleave measures the sides in turns: in each round everyone has one short sample. A machine
// that others use too changes its speed from one second to the next; sides that take turns all see the
// same of it, so that their ratios in one round mean something where their times do not.
//
// When ctx ends it returns what it has: the complete rounds.
func interleave(ctx context.Context, e effort, sides []side) []measured {
	stages := make([]*stage, len(sides))
	all := make([]measured, len(sides))
	n := make([]int, len(sides))
	for i, s := range sides {
		all[i].name = s.name
		stages[i] = open(s)
		defer stages[i].close()
	}
	for i, st := range stages {
		if ctx.Err() != nil {
			return all
		}
		st.run(request{n: e.counts}) // what is done only once, such as connecting, is not counted
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
			s := stages[i].run(request{n: n[i]})
			if all[i].fault = s.fault; s.fault == "" {
				all[i].ns = append(all[i].ns, float64(s.elapsed.Nanoseconds())/float64(n[i]))
			}
		}
	}
	return all
}

// calibrate returns how many calls fill a sample.
func (st *stage) calibrate(e effort) int {
	if e.length == 0 {
		return e.counts
	}
	for n := 1; ; n *= 4 {
		s := st.run(request{n: n})
		if s.fault != "" {
			return 1
		}
		if s.elapsed >= e.length/4 {
			return max(1, int(float64(n)*float64(e.length)/float64(s.elapsed)))
		}
	}
}

func (m measured) nsPerCall() float64 { return stat.Median(m.ns) }

// over returns the ratio of m to base, and how many ns it takes more than that; false if one of them has
// not been measured or is wrong: there is no comparing what was not done.
func (m measured) over(base measured) (ratio stat.Ratio, more float64, ok bool) {
	if m.fault != "" || base.fault != "" {
		return stat.Ratio{}, 0, false
	}
	var differences []float64
	for i := range min(len(m.ns), len(base.ns)) {
		differences = append(differences, m.ns[i]-base.ns[i])
	}
	ratio, ok = stat.Over(m.ns, base.ns)
	return ratio, stat.Median(differences), ok
}
