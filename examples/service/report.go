package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// A report is what a run ends with. The JSON names are what -json prints.
type report struct {
	Requests   int64             `json:"requests"`
	Goroutines uint64            `json:"goroutines"` // started by the process in the rounds with variables
	Operations int64             `json:"operations"`
	Checked    int64             `json:"checked"`
	Wrong      int64             `json:"wrong"`
	Failed     int64             `json:"failed"`
	Stopped    bool              `json:"stopped"`              // by a signal, before the end
	Variables  float64           `json:"per_second_variables"` // the median round
	Parameters float64           `json:"per_second_parameters"`
	Findings   []string          `json:"findings"`
	Sample     string            `json:"sample"`
	Lines      []json.RawMessage `json:"sample_lines"`
}

// report is for after stop, when the servers count no more.
func (c *comparison) report(stopped bool) *report {
	v, p := c.variables, c.plain
	return &report{
		Requests:   v.tally.requests.Load(),
		Goroutines: v.goroutines,
		Operations: v.tally.operations.Load(),
		Checked:    v.tally.checked.Load(),
		// That the shop without variables is right, too, is part of doing the same work.
		Wrong:      v.tally.wrong.Load() + p.tally.wrong.Load(),
		Failed:     v.tally.failed.Load() + p.tally.failed.Load(),
		Stopped:    stopped,
		Variables:  median(v.rates),
		Parameters: median(p.rates),
		Findings:   append(append([]string{}, v.tally.found()...), p.tally.found()...), // [], not null
		Sample:     v.sampleID,
		Lines:      append([]json.RawMessage{}, v.sample...),
	}
}

// exitCode is what the usage text says.
func (r *report) exitCode() int {
	switch {
	case r.Wrong > 0 || r.Failed > 0:
		return exitWrong
	case r.Stopped:
		return exitStopped
	}
	return exitOK
}

func (r *report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

func (r *report) writeTable(w io.Writer) error {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name, value string) { fmt.Fprintf(t, "%s\t%s\t\n", name, value) }
	row("requests", thousands(r.Requests))
	row("goroutines started, with net/http's", thousands(int64(r.Goroutines)))
	row("operations on variables", thousands(r.Operations))
	row("values checked", thousands(r.Checked))
	row("wrong values", thousands(r.Wrong))
	row("failed requests", thousands(r.Failed))
	row("requests per second with variables", thousands(int64(r.Variables)))
	row("requests per second with parameters", thousands(int64(r.Parameters)))
	t.Flush()

	if r.Stopped {
		fmt.Fprint(&b, "\nstopped by a signal: this is what was done until then\n")
	}
	if len(r.Findings) > 0 {
		fmt.Fprint(&b, "\nthe first findings:\n")
		for _, f := range r.Findings {
			fmt.Fprintf(&b, "  %s\n", f)
		}
	}
	if r.Sample != "" {
		fmt.Fprintf(&b, "\nall log lines of request %s:\n", r.Sample)
		for _, line := range r.Lines {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// thousands writes 20,000.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
