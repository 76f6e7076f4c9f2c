package main

import (
	"fmt"
	"strings"

	"github.com/gocontextvars/contextvars/bench/internal/machine"
	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// A report is all that one run found out; -json prints it as it is.
type report struct {
	machine.Machine
	Python        string            `json:"python,omitempty"`
	PythonMissing string            `json:"pythonMissing,omitempty"` // why there is none
	Quick         bool              `json:"quick"`
	Interrupted   bool              `json:"interrupted"`
	Operations    []operationResult `json:"operations"`
	Memory        []memoryRow       `json:"memory"`
	Timers        []pendingCosts    `json:"timers"`
	TimersVerdict verdict           `json:"timersVerdict,omitempty"`
	Rest          []restRow         `json:"rest"`
	RestVerdict   verdict           `json:"restVerdict,omitempty"`
}

type operationResult struct {
	Name     string  `json:"name"`
	Title    string  `json:"title"`
	PythonNS float64 `json:"pythonNSPerOp,omitempty"`
	Least    float64 `json:"least"`
	Aim      float64 `json:"aim"`
	Rows     []row   `json:"rows"` // this package's comes first
	Verdict  verdict `json:"verdict"`
}

// A row is one participant's result. What is not known is 0 or nil.
type row struct {
	Name   string      `json:"name"`
	NS     float64     `json:"nsPerOp"`
	Bytes  float64     `json:"bytesPerOp"`
	Allocs float64     `json:"allocsPerOp"`
	Faster *stat.Ratio `json:"fasterThanPython,omitempty"`
	Fault  string      `json:"fault,omitempty"`
}

type memoryRow struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
	footprint
	Fault string `json:"fault,omitempty"`
}

type restRow struct {
	Name string `json:"name"`
	idleness
	Fault string `json:"fault,omitempty"`
}

func newOperationResult(op operation, all []measured, pythonNS []float64) operationResult {
	r := operationResult{Name: op.name, Title: op.title, PythonNS: stat.Median(pythonNS), Least: op.least, Aim: op.aim}
	for _, m := range all {
		row := row{Name: m.who.name, NS: stat.Median(m.ns), Bytes: m.bytes, Allocs: m.allocs, Fault: m.fault}
		if f, ok := m.faster(pythonNS); ok {
			row.Faster = &f
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

// A verdict says what became of a figure.
type verdict string

const (
	aimMet    verdict = "met, aim too"
	met       verdict = "met"
	missed    verdict = "MISSED"
	unjudged  verdict = "not judged" // -quick, interrupted, or there is no CPython to compare with
	incorrect verdict = "WRONG"      // a value was; the speed does not matter
)

// judge compares what was measured with what is to be reached.
func (r *report) judge() {
	for i := range r.Operations {
		r.Operations[i].Verdict = r.verdictOn(r.Operations[i])
	}
	if len(r.Timers) > 0 {
		own := r.Timers[0]
		r.TimersVerdict = r.atMost(own.Fault, len(own.Costs) > 1, func() bool { return own.growth() <= mostGrowth })
	}
	if i := r.ownRest(); i >= 0 {
		own := r.Rest[i]
		r.RestVerdict = r.atMost(own.Fault, own.CPU != nil, func() bool { return *own.CPU <= mostAtRest })
	}
}

func (r *report) verdictOn(o operationResult) verdict {
	own := o.Rows[0]
	switch {
	case own.Fault != "":
		return incorrect
	case own.Faster == nil || r.Quick || r.Interrupted:
		return unjudged
	case own.Faster.Median >= o.Aim:
		return aimMet
	case own.Faster.Median >= o.Least:
		return met
	}
	return missed
}

func (r *report) atMost(fault string, known bool, reached func() bool) verdict {
	switch {
	case fault != "" && !r.Interrupted:
		return incorrect
	case !known || r.Quick || r.Interrupted:
		return unjudged
	case reached():
		return met
	}
	return missed
}

func (r *report) ownRest() int {
	for i, row := range r.Rest {
		if strings.Contains(row.Name, ours.name) {
			return i
		}
	}
	return -1
}

// complaints lists what is wrong with this package, and what was missed. What becomes of the rivals' is in
// the tables, and no fault of the run.
func (r *report) complaints() (list []string) {
	complain := func(what string, v verdict, fault string) {
		switch v {
		case incorrect:
			list = append(list, what+": "+fault)
		case missed:
			list = append(list, what+": limit missed")
		}
	}
	for _, o := range r.Operations {
		complain(o.Name, o.Verdict, o.Rows[0].Fault)
	}
	for _, m := range r.Memory {
		if m.Fault != "" && !r.Interrupted {
			list = append(list, fmt.Sprintf("%s: %s", m.Name, m.Fault))
		}
	}
	if len(r.Timers) > 0 {
		complain(timersPart, r.TimersVerdict, r.Timers[0].Fault)
	}
	if i := r.ownRest(); i >= 0 {
		complain(restPart, r.RestVerdict, r.Rest[i].Fault)
	}
	return list
}
