package main

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func mustCompare(t *testing.T, ctx context.Context, requests, clients int, m mistake) *report {
	t.Helper()
	r, err := compare(ctx, requests, clients, m, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryValueIsRight(t *testing.T) {
	const n = 300
	r := mustCompare(t, t.Context(), n, 8, noMistake)
	if r.Wrong != 0 || r.Failed != 0 || r.exitCode() != exitOK {
		t.Errorf("%d wrong values, %d failed requests, exit status %d: %q", r.Wrong, r.Failed, r.exitCode(), r.Findings)
	}
	if r.Requests != n {
		t.Errorf("%d requests, should be %d", r.Requests, n)
	}
	// Three values at every place, in the answer and in the log; three at the departure; and the
	// two arrivals.
	if want := int64(n * (len(places)*6 + 3 + 2)); r.Checked != want {
		t.Errorf("%d values checked, should be %d", r.Checked, want)
	}
	if r.Operations < n*int64(len(places))*6 {
		t.Errorf("%d operations are fewer than the places make", r.Operations)
	}
	// The audit, the parts, the reminder, and the ledger's entry.
	if want := uint64(n * (len(priceParts) + 3)); r.Goroutines < want {
		t.Errorf("%d goroutines, should be at least %d", r.Goroutines, want)
	}
	if r.Variables <= 0 || r.Parameters <= 0 {
		t.Errorf("rates are %v and %v", r.Variables, r.Parameters)
	}
}

func TestSampleHasAllLinesOfOneRequest(t *testing.T) {
	r := mustCompare(t, t.Context(), 100, 8, noMistake)
	seen := map[string]int{}
	for _, line := range r.Lines {
		var e struct {
			entry
			Service string
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if e.ID != r.Sample {
			t.Errorf("line of %q among those of %q: %s", e.ID, r.Sample, line)
		}
		if want := map[bool]string{true: "ledger", false: "shop"}[strings.HasPrefix(e.Place, "ledger")]; e.Service != want {
			t.Errorf("line of the service %q, should be %q: %s", e.Service, want, line)
		}
		seen[e.Place]++
	}
	for place := range places {
		if seen[place] != 1 {
			t.Errorf("%d lines of %s, should be 1", seen[place], place)
		}
	}
	if len(seen) != len(places) {
		t.Errorf("lines of %v, should be of %v", seen, slices.Sorted(maps.Keys(places)))
	}
}

// The checks are worth something only if they can fail.
func TestMistakesAreFound(t *testing.T) {
	for _, test := range []struct {
		name    string
		mistake mistake
		finding string
	}{
		{"no httpvars.Handler", withoutHandler, "shop: arrival: request is still r-"},
		{"no Bind", withoutBind, "receipt: is { public "},
		{"no AfterFunc", withoutAfterFunc, "reminder: is { public "},
		{"no slogvars", withoutSlogvars, "log line of "},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := mustCompare(t, t.Context(), 100, 4, test.mistake)
			if r.Wrong == 0 || r.exitCode() != exitWrong {
				t.Errorf("%d wrong values, exit status %d", r.Wrong, r.exitCode())
			}
			if !strings.Contains(strings.Join(r.Findings, "\n"), test.finding) {
				t.Errorf("no finding contains %q: %q", test.finding, r.Findings)
			}
			if r.Failed != 0 {
				t.Errorf("%d failed requests; the mistake should only make values wrong", r.Failed)
			}
		})
	}
}

func TestStoppedBeforeTheFirstRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := mustCompare(t, ctx, 300, 8, noMistake)
	if r.Requests != 0 || r.Wrong != 0 || !r.Stopped || r.exitCode() != exitStopped {
		t.Errorf("got %+v, exit status %d", r, r.exitCode())
	}
	var table strings.Builder
	if err := r.writeTable(&table); err != nil || !strings.Contains(table.String(), "stopped by a signal") {
		t.Errorf("table is %q, %v", table.String(), err)
	}
}

func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	mustCompare(t, t.Context(), 100, 8, noMistake)
	// Nothing says when net/http's last goroutines have ended, so ask again and again.
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(end) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(),
				stacks[:runtime.Stack(stacks, true)])
		}
	}
}
