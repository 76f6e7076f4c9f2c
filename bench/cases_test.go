package main

import (
	"runtime"
	"testing"
)

// Everyone reads what it has set, everywhere; only who does not follow a plain
// go statement loses its values there, and is shown so.
func TestEveryCaseGivesTheRightValues(t *testing.T) {
	for _, c := range allCases() {
		t.Run(c.name, func(t *testing.T) {
			for _, m := range interleave(t.Context(), tiny, c.subjects) {
				want := ""
				switch who := m.subject.who; who {
				case routineLocal, glsStack, goidTable:
					if m.subject.kind == plainGo {
						want = lost
					}
				}
				if m.fault != want {
					t.Errorf("%s: fault %q, want %q", m.subject.name, m.fault, want)
				}
				if want == "" && len(m.ns) != 1 {
					t.Errorf("%s: %d samples", m.subject.name, len(m.ns))
				}
			}
		})
	}
}

func TestEveryFigureGivesTheRightValues(t *testing.T) {
	for _, g := range allFigures() {
		for _, m := range interleave(t.Context(), tiny, g.subjects) {
			if m.fault != "" {
				t.Errorf("%s: %s, %s %v: %s", g.name, m.subject.name, m.subject.kind, m.subject.at, m.fault)
			}
		}
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	note := func(name string) {
		if seen[name] {
			t.Errorf("two cases are called %s", name)
		}
		seen[name] = true
	}
	for _, c := range allCases() {
		note(c.name)
	}
	for _, g := range allFigures() {
		note(g.name)
	}
	for _, k := range keepings {
		note(k.name)
	}
}

// Get, Set with restore, a goroutine with one Get, parallel Get: at 1, 8, 64 and 1000
// variables, for everyone who is compared.
func TestWhatIsComparedIsComplete(t *testing.T) {
	type part struct {
		who  *participant
		kind kind
		size int
	}
	have := map[part]bool{}
	for _, c := range allCases() {
		for _, s := range c.subjects {
			have[part{s.who, s.kind, s.at.size}] = true
		}
	}
	for _, p := range []*participant{ours, std, routineLocal, glsStack, goidTable} {
		for _, k := range []kind{get, set, spawn, parallelGet} {
			for _, size := range []int{1, 8, 64, 1000} {
				if !have[part{p, k, size}] {
					t.Errorf("%s has no %s among %d", p.name, k, size)
				}
			}
		}
	}
	for _, depth := range []int{1, 5, 20} {
		if !have[part{std, get, depth}] {
			t.Errorf("context.Value is not read %d deep", depth)
		}
	}
}

// A program has its variables where they fall; the eight must not all
// have places of their own by chance.
func TestScatteredCollide(t *testing.T) {
	places := map[int]bool{}
	for _, i := range scattered {
		places[i%8] = true
	}
	if len(places) == 8 {
		t.Errorf("%v do not collide", scattered)
	}
}

func TestGoidTableIsEmptyAfterwards(t *testing.T) {
	for _, c := range allCases() {
		for _, s := range c.subjects {
			if s.who == goidTable {
				interleave(t.Context(), tiny, []subject{s})
			}
		}
	}
	for i := 0; ; i++ {
		left := 0
		goidVarsOf.Range(func(any, any) bool { left++; return true })
		if left == 0 {
			return
		}
		if i == 1_000_000 {
			t.Fatalf("%d goroutines are still in the table", left)
		}
		runtime.Gosched() // stages that were closed end by themselves
	}
}
