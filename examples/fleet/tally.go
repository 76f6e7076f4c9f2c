package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// A tally counts what happens in a run, and compares values with what they have to be.
type tally struct {
	trap int // the job whose log lines are kept

	sent, answered, failed atomic.Int64 // requests
	duplicates             atomic.Int64 // jobs that were published twice, and taken once
	lines                  atomic.Int64 // of the workers' logs
	redelivered            atomic.Int64 // deliveries of jobs that another worker had got before
	repeated               atomic.Int64 // those that had been done already
	checked, wrong         atomic.Int64 // values

	mu       sync.Mutex
	findings []string
	sample   []json.RawMessage
}

// maxFindings is how many findings are kept in words. The first ones tell most.
const maxFindings = 10

func (t *tally) note(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.findings) < maxFindings {
		t.findings = append(t.findings, fmt.Sprintf(format, args...))
	}
}

// found returns the first findings, and the log lines of the trap.
func (t *tally) found() ([]string, []json.RawMessage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.findings), slices.Clone(t.sample)
}

func (t *tally) unexpected(format string, args ...any) {
	t.wrong.Add(1)
	t.note(format, args...)
}

// check compares the values that were seen of a job with those that it has.
func (t *tally) check(place string, number int, got values) {
	want := valuesOf(number)
	same(t, place, number, "request", got.Request, want.Request)
	same(t, place, number, "tenant", got.Tenant, want.Tenant)
}

func same[T comparable](t *tally, place string, number int, name string, got, want T) {
	t.checked.Add(1)
	if got != want {
		t.unexpected("%s, job %d: %s is %#v, should be %#v", place, number, name, got, want)
	}
}

func (t *tally) checkAnswer(number int, a answer) {
	t.check("answer", number, a.values)
	same(t, "answer", number, "cost", a.Cost, priceOf(number, valuesOf(number).Tenant))
	same(t, "answer", number, "somebody as worker", a.Worker != "", true)
}

// An entry is a line of a worker's log as JSON has it.
type entry struct {
	Line     string `json:"msg"`
	Worker   string `json:"worker"`
	Number   int    `json:"number"`
	Delivery uint64 `json:"delivery"`
	Error    string `json:"error"`
	values
}

// checkLine checks a line of the worker's log, and returns it.
func (t *tally) checkLine(worker string, line []byte) (e entry) {
	t.lines.Add(1)
	if err := json.Unmarshal(line, &e); err != nil {
		t.unexpected("line of %s is not JSON: %v: %s", worker, err, line)
		return entry{}
	}
	if e.Error != "" {
		t.note("%s: %s: %s", worker, e.Line, e.Error) // the job is delivered again
		return e
	}
	t.check("line "+e.Line+" of "+worker, e.Number, e.values)
	if e.Line == lineWorking && e.Delivery > 1 {
		t.redelivered.Add(1)
	}
	if e.Line == lineRepeated {
		t.repeated.Add(1)
	}
	if e.Number == t.trap {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.sample = append(t.sample, slices.Clone(line))
	}
	return e
}
