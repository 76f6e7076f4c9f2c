package main

import (
	"context"
	"slices"
	"testing"
	"time"
)

// tiny is for tests: right or wrong, no matter how fast.
var tiny = effort{rounds: 1, counts: 10, goroutines: 2000}

func TestRatioUsesCompleteRoundsOnly(t *testing.T) {
	a, b := measured{ns: []float64{4, 400}}, measured{ns: []float64{2}}
	if r, ok := a.over(b); !ok || r.Median != 2 {
		t.Errorf("got %v, %v; want 2", r, ok)
	}
	if _, ok := a.over(measured{}); ok {
		t.Error("there is a ratio to what was not measured")
	}
}

func TestNothingIsComparedWithWrongWork(t *testing.T) {
	right, wrong := measured{ns: []float64{1}}, measured{ns: []float64{1}, fault: lost}
	if _, ok := right.over(wrong); ok {
		t.Error("there is a ratio to work that was wrong")
	}
	if _, ok := wrong.over(right); ok {
		t.Error("there is a ratio of work that was wrong")
	}
}

// turns returns a participant that notes when it works, and does so for as
// long as is asked for.
func turns(name string, log *[]string, took time.Duration) *participant {
	return &participant{name: name, does: map[kind]work{set: func(_ setting, st *stage) {
		st.serve(func(n int) int {
			*log = append(*log, name)
			time.Sleep(took)
			return n
		})
	}}}
}

func TestSubjectsTakeTurns(t *testing.T) {
	var log []string
	a, b := turns("a", &log, 0), turns("b", &log, 0)
	group := interleave(t.Context(), effort{rounds: 4, counts: 1}, []subject{{a, "a", set, setting{}}, {b, "b", set, setting{}}})
	// Before the rounds: once for what is done only once, and once to count allocations.
	want := []string{"a", "b", "a", "b" /* rounds: */, "a", "b", "b", "a", "a", "b", "b", "a"}
	if !slices.Equal(log, want) {
		t.Errorf("they worked in the order %v, want %v", log, want)
	}
	if len(group[0].ns) != 4 || len(group[1].ns) != 4 {
		t.Errorf("%d and %d samples, want 4 of each", len(group[0].ns), len(group[1].ns))
	}
}

func TestInterruptedBetweenRounds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	p := &participant{name: "p", does: map[kind]work{set: func(_ setting, st *stage) {
		st.serve(func(n int) int {
			if calls++; calls == 5 {
				cancel()
			}
			return n
		})
	}}}
	group := interleave(ctx, effort{rounds: 1000, counts: 1}, []subject{{p, "p", set, setting{}}})
	if got := len(group[0].ns); got != 3 {
		t.Errorf("%d samples, want the 3 rounds until the interruption", got)
	}
}

func TestCalibrateFillsASample(t *testing.T) {
	var log []string
	st := open(subject{turns("p", &log, 2*time.Millisecond), "p", set, setting{}})
	defer st.close()
	if n := st.calibrate(effort{length: time.Millisecond}); n != 1 {
		t.Errorf("%d operations for a sample that is shorter than one", n)
	}
}

func TestAllocationsAreCounted(t *testing.T) {
	var sink *[100]byte
	p := &participant{name: "p", does: map[kind]work{set: func(_ setting, st *stage) {
		st.serve(func(n int) int {
			for range n {
				sink = new([100]byte)
			}
			return n
		})
	}}}
	group := interleave(t.Context(), effort{rounds: 1, counts: 1000}, []subject{{p, "p", set, setting{}}})
	if m := group[0]; tidy(m.allocs) != 1 || m.bytes < 112 || m.bytes > 120 {
		t.Errorf("%v allocations, %v bytes; want 1 of 112", m.allocs, m.bytes)
	}
	_ = sink
}
