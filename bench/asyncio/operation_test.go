package main

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// The table of figures is the project's; the limits must not move by accident.
func TestLimits(t *testing.T) {
	want := map[string][2]float64{
		"call_soon":            {9, 20},
		"create_task":          {7, 15},
		"sleep":                {7, 12},
		"gather":               {7, 17},
		"queue":                {15, 30},
		"call_soon_threadsafe": {12, 25},
		"call_later":           {10, 20},
	}
	for _, op := range operations {
		if l, ok := want[op.name]; !ok || l != [2]float64{op.least, op.aim} {
			t.Errorf("%s: at least %v, aim %v; want %v", op.name, op.least, op.aim, l)
		}
		if ours.does[op.name] == nil {
			t.Errorf("this package does not do %s", op.name)
		}
		if !strings.Contains(loopsInPython, "async def "+op.name+"(n):") {
			t.Errorf("CPython does not do %s", op.name)
		}
	}
	if len(operations) != len(want) {
		t.Errorf("%d operations, want %d", len(operations), len(want))
	}
}

func TestParticipantsDoNothingElse(t *testing.T) {
	for _, p := range participants {
		for name := range p.does {
			if !slices.ContainsFunc(operations, func(op operation) bool { return op.name == name }) {
				t.Errorf("%s does %s, which is not measured", p.name, name)
			}
		}
	}
}

func TestOperationsAreDoneOftenEnough(t *testing.T) {
	for _, p := range participants {
		for name, work := range p.does {
			for _, n := range []int{1, 150} {
				times, took, err := work(n)
				if err != nil || times < n || times > n+gathered || took <= 0 {
					t.Errorf("%s, %s: %d of %d in %v: %v", p.name, name, times, n, took, err)
				}
			}
		}
	}
}

func TestBatches(t *testing.T) {
	var sizes []int
	times, err := batches(2*batch+1, func(n int) error {
		sizes = append(sizes, n)
		return nil
	})
	if err != nil || times != 2*batch+1 || !slices.Equal(sizes, []int{batch, batch, 1}) {
		t.Errorf("%d times, in batches of %v: %v", times, sizes, err)
	}
	if _, err := batches(2*batch, func(int) error { return errContext }); err != errContext {
		t.Errorf("the error is %v, want that of the first batch", err)
	}
}

// What does not keep the context is found out: without Bind nobody's functions see it.
func TestLostContextsAreFound(t *testing.T) {
	unbound := func(f func()) func() { return f }
	works := channelWork(unbound, seen)
	maps.Copy(works, map[string]work{
		"goja": gojaWork(func(f gojaFunc) gojaFunc { return f }, seen)["call_soon"],
	})
	for name, work := range works {
		if _, _, err := work(10); err != errContext {
			t.Errorf("%s: %v, want %v", name, err, errContext)
		}
	}
}
