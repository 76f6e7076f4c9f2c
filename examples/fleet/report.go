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
	Engine      string            `json:"engine"`
	Workers     int               `json:"workers"`
	Killed      string            `json:"killed"` // the worker that was; empty if none
	Sent        int64             `json:"sent"`
	Answered    int64             `json:"answered"`
	Failed      int64             `json:"failed"`
	Duplicates  int64             `json:"published_twice"`
	Redelivered int64             `json:"redelivered"`
	Repeated    int64             `json:"repeated"`
	Once        int64             `json:"done_once"`
	More        int64             `json:"done_more_than_once"`
	Lost        int64             `json:"lost"`
	Lines       int64             `json:"log_lines"`
	Checked     int64             `json:"checked"`
	Wrong       int64             `json:"wrong"`
	Seconds     float64           `json:"seconds"`
	Stopped     bool              `json:"stopped"` // by a signal, before the end
	Findings    []string          `json:"findings"`
	Sample      string            `json:"sample"`
	SampleLines []json.RawMessage `json:"sample_lines"`
}

// exitCode is what the usage text says.
func (r *report) exitCode() int {
	switch {
	case r.Wrong > 0 || r.Failed > 0 || r.More > 0:
		return exitWrong
	case r.Stopped:
		return exitStopped
	case r.Lost > 0 || r.Killed == "" || r.Redelivered == 0:
		return exitWrong
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
	text := func(name, value string) { fmt.Fprintf(t, "%s\t%s\t\n", name, value) }
	row := func(name string, value int64) { text(name, thousands(value)) }
	row("worker processes", int64(r.Workers))
	if r.Killed != "" {
		text("killed in the middle", r.Killed)
	}
	row("jobs sent", r.Sent)
	row("jobs answered", r.Answered)
	row("failed requests", r.Failed)
	if r.Duplicates > 0 {
		row("published twice, taken once", r.Duplicates)
	}
	row("jobs delivered again", r.Redelivered)
	if r.Repeated > 0 {
		row("of these done already, without effect now", r.Repeated)
	}
	row("done once in effect", r.Once)
	row("done more than once", r.More)
	row("lost", r.Lost)
	row("log lines of workers", r.Lines)
	row("values checked", r.Checked)
	row("wrong values", r.Wrong)
	text("seconds", fmt.Sprintf("%.1f", r.Seconds))
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
	if len(r.SampleLines) > 0 {
		fmt.Fprintf(&b, "\nall log lines of request %s, whose worker was killed:\n", r.Sample)
		for _, line := range r.SampleLines {
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
