package main

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

// doing replaces the participants for the time of a test.
func doing(t *testing.T, name string, works ...work) operation {
	old := participants
	t.Cleanup(func() { participants = old })
	participants = nil
	for _, w := range works {
		participants = append(participants, &participant{name: name, does: map[string]work{name: w}})
	}
	return operation{name: name}
}

func TestParticipantsTakeTurns(t *testing.T) {
	var log []string
	turns := func(name string) work {
		return func(n int) (int, time.Duration, error) {
			log = append(log, name)
			return n, time.Duration(10 * n), nil
		}
	}
	op := doing(t, "op", turns("a"), turns("b"))
	all, pythonNS := interleave(t.Context(), effort{rounds: 4, count: 5}, op, &python{missing: "not here"})
	// Before the rounds: once for what is done only once, and once to count allocations.
	want := []string{"a", "a", "b", "b" /* rounds: */, "a", "b", "b", "a", "a", "b", "b", "a"}
	if !slices.Equal(log, want) {
		t.Errorf("they worked in the order %v, want %v", log, want)
	}
	for _, m := range all {
		if !slices.Equal(m.ns, []float64{10, 10, 10, 10}) {
			t.Errorf("the samples are %v, want four of 10 ns", m.ns)
		}
	}
	if len(pythonNS) != 0 {
		t.Errorf("there are samples of no python: %v", pythonNS)
	}
}

func TestInterruptedBetweenRounds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	op := doing(t, "op", func(n int) (int, time.Duration, error) {
		if calls++; calls == 5 {
			cancel()
		}
		return n, 1, nil
	})
	all, _ := interleave(ctx, effort{rounds: 1000, count: 1}, op, &python{})
	if got := len(all[0].ns); got != 3 {
		t.Errorf("%d samples, want the 3 rounds until the interruption", got)
	}
}

func TestFaultsEndAParticipant(t *testing.T) {
	calls := 0
	broken := errors.New("broken")
	op := doing(t, "op",
		func(n int) (int, time.Duration, error) { calls++; return n, 1, broken },
		func(n int) (int, time.Duration, error) { return n - 1, 1, nil },
		func(n int) (int, time.Duration, error) { return n, 1, nil },
	)
	all, _ := interleave(t.Context(), effort{rounds: 3, count: 2}, op, &python{})
	if all[0].fault != "broken" || len(all[0].ns) != 0 || calls > 2 {
		t.Errorf("fault %q, %d samples after %d calls", all[0].fault, len(all[0].ns), calls)
	}
	if want := "1 of 2 are done"; all[1].fault != want {
		t.Errorf("fault %q, want %q", all[1].fault, want)
	}
	if all[2].fault != "" || len(all[2].ns) != 3 {
		t.Errorf("fault %q, %d samples of what is right", all[2].fault, len(all[2].ns))
	}
	if _, ok := all[0].faster([]float64{1, 2, 3}); ok {
		t.Error("there is a ratio of work that was wrong")
	}
	if f, ok := all[2].faster([]float64{7, 7, 7}); !ok || f.Median != 14 {
		t.Errorf("%v times as fast, want 14", f.Median) // one of two operations took half a nanosecond
	}
}

func TestCalibrateFillsASample(t *testing.T) {
	m := measured{who: &participant{does: map[string]work{"op": func(n int) (int, time.Duration, error) {
		return n, time.Duration(n) * time.Microsecond, nil
	}}}}
	if n := m.calibrate(operation{name: "op"}, effort{length: 50 * time.Millisecond}); n != 50_000 {
		t.Errorf("%d operations of 1 µs for 50 ms", n)
	}
}
