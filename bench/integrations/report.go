package main

import (
	"fmt"

	"github.com/gocontextvars/contextvars/bench/internal/machine"
	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// A report is all that one run found out; -json prints it as it is.
type report struct {
	machine.Machine
	Quick       bool     `json:"quick"`
	Interrupted bool     `json:"interrupted"`
	Figures     []figure `json:"figures"`
	Comparisons []result `json:"comparisons"`
}

type result struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Rows  []row  `json:"rows"` // the first one is without the integration
}

// A row is one side's result. What is not known is 0 or nil.
type row struct {
	Name   string  `json:"name"`
	NS     float64 `json:"nsPerCall"`
	Bytes  float64 `json:"bytesPerCall"`
	Allocs float64 `json:"allocsPerCall"`
	// Ratio is this side's time in units of the first one's, and More the ns that it takes
	// more.
	Ratio *stat.Ratio `json:"ratio,omitempty"`
	More  float64     `json:"moreNS,omitempty"`
	Fault string      `json:"fault,omitempty"`
}

func newResult(c comparison, sides []measured) result {
	r := result{Name: c.name, Title: c.title}
	for i, m := range sides {
		row := row{Name: m.name, NS: m.nsPerCall(), Bytes: m.bytes, Allocs: m.allocs, Fault: m.fault}
		if ratio, more, ok := m.over(sides[0]); ok && i > 0 {
			row.Ratio, row.More = &ratio, more
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

// A limit is for a side's time: in ns, or as a ratio to another side's. If there is neither, the ratio is
// shown and not judged.
type limit struct {
	what      string
	of, to    int
	ns, ratio float64
}

type figure struct {
	What    string      `json:"what"`
	Ratio   *stat.Ratio `json:"ratio,omitempty"`
	NS      float64     `json:"ns,omitempty"`
	Limit   float64     `json:"limit"` // of what there is of these two
	Verdict verdict     `json:"verdict"`
}

// A verdict says what became of a figure.
type verdict string

const (
	met       verdict = "met"
	missed    verdict = "MISSED"
	unlimited verdict = "no limit"
	unjudged  verdict = "not judged" // -quick, or interrupted
	incorrect verdict = "WRONG"      // the values were; the speed does not matter
)

// judge compares what was measured with the limit.
func (l limit) judge(sides []measured, e effort) figure {
	of, to := sides[l.of], sides[l.to]
	if l.ns > 0 {
		f := figure{What: l.what, Limit: l.ns, NS: of.nsPerCall()}
		f.Verdict = verdictOn(f.NS, f.Limit, of.fault != "", len(of.ns) > 0 && e.length > 0)
		return f
	}
	f := figure{What: l.what, Limit: l.ratio}
	ratio, _, ok := of.over(to)
	if ok {
		f.Ratio = &ratio
	}
	f.Verdict = verdictOn(ratio.Median, f.Limit, of.fault != "" || to.fault != "", ok && e.length > 0)
	return f
}

func verdictOn(value, limit float64, wrong, known bool) verdict {
	switch {
	case wrong:
		return incorrect
	case !known:
		return unjudged
	case limit == 0:
		return unlimited
	case value > limit:
		return missed
	}
	return met
}

// faults lists what went wrong. All sides count: what is not done right without an integration is nothing
// to compare with.
func (r *report) faults() (list []string) {
	for _, c := range r.Comparisons {
		for _, row := range c.Rows {
			if row.Fault != "" {
				list = append(list, fmt.Sprintf("%s: %s: %s", c.Name, row.Name, row.Fault))
			}
		}
	}
	return list
}

// missed counts the limits that were not kept.
func (r *report) missed() (n int) {
	for _, f := range r.Figures {
		if f.Verdict == missed {
			n++
		}
	}
	return n
}
