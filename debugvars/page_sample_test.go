package debugvars

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// sampleTime is when the made-up snapshots were taken.
var sampleTime = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

func sampleCall(name string, line int) Call {
	return Call{Func: "example.org/shop/orders." + name, File: "/src/shop/orders/" + strings.ToLower(name) + ".go", Line: line}
}

// sampleGoroutine holds a tenant and a request, which it has set itself, and a secret.
func sampleGoroutine(id uint64, tenant string) *Goroutine {
	where := sampleCall("settle", 44)
	created := sampleCall("confirm", 17)
	return &Goroutine{
		ID: id, State: "chan receive", WaitMinutes: 3, Creator: 1, Created: &created, Where: &where,
		Stack: []Call{where, sampleCall("price", 30), sampleCall("confirm", 12)},
		Variables: []Variable{
			{Name: "request", Value: fmt.Sprintf("r-%06d", id), Type: "string", Set: &Site{
				Call: sampleCall("withRequest", 61), Goroutine: id, Time: sampleTime.Add(-4200 * time.Millisecond),
			}},
			{Name: "secret", Value: "(redacted)", Type: "string", Redacted: true},
			{Name: "tenant", Value: tenant, Type: "string"},
		},
	}
}

// sample is a snapshot that has something of everything.
func sample() *Snapshot {
	own := sampleGoroutine(17, "acme")
	own.Work = &WorkRef{ID: 3, Name: "POST /orders", Began: sampleTime.Add(-9 * time.Second)}
	heir := sampleGoroutine(18, "acme")
	heir.Inherited, heir.InheritedFrom, heir.Creator = true, 17, 17
	heir.Work = &WorkRef{ID: 2, Name: "POST /ended", Began: sampleTime.Add(-time.Minute), Ended: sampleTime.Add(-20 * time.Second)}
	unknown := sampleGoroutine(0, "bell")
	unknown.OneOf = []uint64{30, 31, 32, 33, 34, 35}
	onLoop := sampleGoroutine(40, "bell")
	onLoop.Task = &TaskRef{ID: 5, Name: "fetch", State: "waiting"}
	onLoop.Displaced = true
	all := []*Goroutine{own, heir, onLoop, unknown}
	return &Snapshot{
		Time: sampleTime, Program: "shop", PID: 4321, Go: "go1.26.0", Took: 1234 * time.Microsecond, Stopped: 56 * time.Microsecond,
		Total: 1234, Holding: 4, Matching: 4, Shown: 4,
		Variables: []VariableInfo{
			{Name: "request", Type: "string", Goroutines: 4, Values: 4},
			{Name: "secret", Type: "string", Goroutines: 4, Values: 1, Redacted: true},
			{Name: "tenant", Type: "string", Goroutines: 4, Values: 2, Local: true},
		},
		Goroutines: all,
		Groups: []Group{
			{Name: "tenant", Value: "acme", Count: 2}, {Name: "tenant", Value: "bell", Count: 1}, {Name: "tenant", Missing: true, Count: 1},
		},
		Tree: []*Node{{Goroutine: &Goroutine{ID: 1, State: "IO wait"}, Started: []*Node{
			{Goroutine: own, Started: []*Node{{Goroutine: heir}}}, {Goroutine: onLoop}, {Goroutine: unknown},
		}}},
		Loops: []*Loop{
			{Number: 1, Running: true, Ready: 2, Timers: 1, Operations: 3, Tasks: []*Task{
				{
					TaskRef: TaskRef{ID: 5, Name: "fetch", State: "waiting"}, In: "Sleep", Goroutine: 40, Variables: onLoop.Variables,
					Stack: onLoop.Stack, Created: []Call{sampleCall("crawl", 9)},
					Awaits: []TaskRef{{Name: "a future"}}, AwaitedBy: []TaskRef{{ID: 6, Name: "crawl", State: "waiting"}},
				},
				{TaskRef: TaskRef{ID: 6, Name: "crawl", State: "waiting"}, Awaits: []TaskRef{{ID: 5, Name: "fetch"}}},
			}},
			{Number: 2, HeldUp: []Call{sampleCall("spin", 3)}, Note: "It has been held up for 3 s."},
		},
		Ended: []Ended{{
			WorkRef:    *heir.Work,
			Goroutines: []*Goroutine{heir},
			Timers: []Timer{
				{Kind: "AfterFunc", Due: sampleTime.Add(5 * time.Second), Created: []Call{sampleCall("remind", 8)}},
				{Kind: "AfterDone", Due: sampleTime.Add(-time.Second)},
				{Kind: "Bind"},
			},
		}},
		Notes: []string{"1 goroutine has its number not known."},
	}
}

// sampleRows is a snapshot of n goroutines.
func sampleRows(n int) *Snapshot {
	s := sample()
	s.Goroutines = nil
	for i := range n {
		s.Goroutines = append(s.Goroutines, sampleGoroutine(uint64(i+1), fmt.Sprint("tenant-", i%10)))
	}
	s.Total, s.Holding, s.Matching, s.Shown = n, n, n, n
	return s
}

// served is the page for a query and a snapshot, as a browser gets it.
func served(t testing.TB, method string, query Query, s *Snapshot) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	new(handler).servePage(w, httptest.NewRequest(method, Path+href(query), nil), query, s)
	return w.Result()
}
