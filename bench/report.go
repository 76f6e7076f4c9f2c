package main

import (
	"fmt"

	"github.com/gocontextvars/contextvars/bench/internal/machine"
	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// A report is all that one run found out; -json prints it as it is.
type report struct {
	machine.Machine
	Quick       bool           `json:"quick"`
	Interrupted bool           `json:"interrupted"`
	Cases       []caseResult   `json:"cases"`
	Figures     []figureResult `json:"figures"`
	Kept        []keptResult   `json:"kept"`
}

type caseResult struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Rows  []row  `json:"rows"`
}

// A row is one participant's result. Times and ratios are 0 and nil where Fault is not
// empty, or where the run was interrupted before.
type row struct {
	Name   string  `json:"name"`
	NS     float64 `json:"nsPerOp"`
	Bytes  float64 `json:"bytesPerOp"`
	Allocs float64 `json:"allocsPerOp"`
	// ToFloor and ToOurs are this row's time in units of the floor's and of this
	// package's: above 1 is slower.
	ToFloor *stat.Ratio `json:"toFloor,omitempty"`
	ToOurs  *stat.Ratio `json:"toContextvars,omitempty"`
	Fault   string      `json:"fault,omitempty"`
	floor   bool
}

type figureResult struct {
	What    string     `json:"what"`
	Ratio   stat.Ratio `json:"ratio"`
	Limit   float64    `json:"limit"`
	Aim     float64    `json:"aim,omitempty"`
	Allocs  float64    `json:"allocs"`
	Bytes   float64    `json:"bytes"`
	Most    string     `json:"mostAllocated,omitempty"`
	Verdict verdict    `json:"verdict"`
}

type keptResult struct {
	Name       string `json:"name"`
	Goroutines int    `json:"goroutines"`
	AtOnce     int    `json:"atOnce"`
	// Bytes are by participant.
	Rows    []keptRow `json:"rows"`
	Verdict verdict   `json:"verdict"`
}

type keptRow struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

func newReport(e effort) *report {
	return &report{Machine: machine.This(), Quick: e.length == 0}
}

func newCaseResult(c sideBySide, group []measured) caseResult {
	r := caseResult{Name: c.name, Title: c.title}
	var floor, own *measured
	for i := range group {
		switch group[i].subject.who {
		case call, bareGo:
			floor = &group[i]
		case ours:
			own = &group[i]
		}
	}
	for _, m := range group {
		r.Rows = append(r.Rows, row{
			Name: m.subject.name, NS: m.nsPerOp(), Bytes: m.bytes, Allocs: m.allocs, Fault: m.fault,
			ToFloor: m.ratioTo(floor), ToOurs: m.ratioTo(own), floor: floor != nil && m.subject.who == floor.subject.who,
		})
	}
	return r
}

func (m measured) ratioTo(base *measured) *stat.Ratio {
	if base == nil {
		return nil
	}
	if r, ok := m.over(*base); ok {
		return &r
	}
	return nil
}

// faults lists what is wrong with this package's values. What becomes of the
// rivals' is in the tables, and no fault of the run.
func (r *report) faults() (list []string) {
	for _, c := range r.Cases {
		for _, row := range c.Rows {
			if row.Fault != "" && (row.Name == ours.name || row.Name == oursGo.name || row.floor) {
				list = append(list, fmt.Sprintf("%s: %s: %s", c.Name, row.Name, row.Fault))
			}
		}
	}
	for _, f := range r.Figures {
		if f.Verdict == incorrect {
			list = append(list, f.What+": wrong values")
		}
	}
	return list
}

// missed counts the figures that were not reached.
func (r *report) missed() (n int) {
	for _, f := range r.Figures {
		if f.Verdict == missed {
			n++
		}
	}
	for _, k := range r.Kept {
		if k.Verdict == missed {
			n++
		}
	}
	return n
}
