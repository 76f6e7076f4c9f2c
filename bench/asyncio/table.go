package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// A table has a title, a header and rows of as many cells. The first cell of a row is its name.
type table struct {
	title string
	rows  [][]string // the first one is the header
	below string     // a note
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// tables are the report for people.
func (r *report) tables() (all []table) {
	if len(r.Operations) > 0 {
		all = append(all, r.figures(), r.sideBySide())
	}
	if len(r.Memory) > 0 {
		t := table{title: "Memory of each, in bytes"}
		t.add("", "how many", "stack", "heap", "together")
		for _, m := range r.Memory {
			if m.Fault != "" {
				t.add(m.Name, fmt.Sprint(m.Count), m.Fault, "", "")
				continue
			}
			t.add(m.Name, fmt.Sprint(m.Count), fmt.Sprintf("%.0f", m.Stack), fmt.Sprintf("%.0f", m.Heap),
				fmt.Sprintf("%.0f", m.Stack+m.Heap))
		}
		all = append(all, t)
	}
	if len(r.Timers) > 0 {
		all = append(all, r.pending())
	}
	if len(r.Rest) > 0 {
		t := table{title: "Processor time at rest"}
		t.add("", "CPU", "at most", "")
		for i, row := range r.Rest {
			cpu, most, v := row.Fault, "", ""
			if row.CPU != nil {
				cpu = fmt.Sprintf("%.3f %%", *row.CPU*100)
			}
			if i == r.ownRest() {
				most, v = fmt.Sprintf("%.1f %%", mostAtRest*100), string(r.RestVerdict)
			}
			t.add(row.Name, cpu, most, v)
		}
		all = append(all, t)
	}
	return all
}

// figures is what has to be reached.
func (r *report) figures() table {
	t := table{title: "Figures to reach: how many times as fast as CPython"}
	t.add("", "CPython", ours.name, "times", "quartiles", "at least", "aim", "", "allocs", "bytes")
	for _, o := range r.Operations {
		own := o.Rows[0]
		times, quartiles := "-", "-"
		if f := own.Faster; f != nil {
			times, quartiles = fmt.Sprintf("%.1f", f.Median), fmt.Sprintf("%.1f-%.1f", f.Low, f.High)
		}
		t.add(o.Title, ns(o.PythonNS), ns(own.NS), times, quartiles, fmt.Sprint(o.Least), fmt.Sprint(o.Aim),
			string(o.Verdict), fmt.Sprintf("%.2f", own.Allocs), fmt.Sprintf("%.0f", own.Bytes))
	}
	return t
}

// sideBySide is everyone's time: "54.0 (0.90; 2)" took 54 ns, 0.9 times as long as this package, and allocated
// twice.
func (r *report) sideBySide() table {
	t := table{title: "Side by side: ns of one (times this package's; allocations)"}
	header := []string{"", "CPython"}
	for _, p := range participants {
		header = append(header, p.name)
	}
	t.add(header...)
	for _, o := range r.Operations {
		cells := []string{o.Title, ns(o.PythonNS)}
		for _, p := range participants {
			cells = append(cells, o.cell(p.name))
		}
		t.add(cells...)
	}
	var notes []string
	for _, p := range participants {
		notes = append(notes, p.name+": "+p.note)
	}
	t.below = strings.Join(notes, "\n")
	return t
}

func (o operationResult) cell(name string) string {
	for _, row := range o.Rows {
		switch {
		case row.Name != name:
			continue
		case row.Fault != "":
			return row.Fault
		}
		s := ns(row.NS)
		if own := o.Rows[0].NS; name != ours.name && own > 0 {
			s += fmt.Sprintf(" (%s; %.2g)", stat.Number(row.NS/own), row.Allocs)
		}
		return s
	}
	return ""
}

func (r *report) pending() table {
	t := table{title: "Cost of one more timer, in ns: due at once, until it has fired / in the place of another one"}
	header := []string{"pending"}
	for _, c := range r.Timers[0].Costs {
		header = append(header, fmt.Sprint(c.Pending))
	}
	t.add(append(header, "growth", "at most", "")...)
	for i, p := range r.Timers {
		cells := []string{p.Name}
		for _, c := range p.Costs {
			cells = append(cells, ns(c.AddFire)+" / "+ns(c.AddCancel))
		}
		for len(cells) < len(header) {
			cells = append(cells, p.Fault)
		}
		growth, most, v := "-", "", ""
		if len(p.Costs) == len(header)-1 && len(p.Costs) > 1 {
			growth = fmt.Sprintf("x%.1f", p.growth())
		}
		if i == 0 {
			most, v = fmt.Sprintf("x%d", mostGrowth), string(r.TimersVerdict)
		}
		t.add(append(cells, growth, most, v)...)
	}
	return t
}

func ns(x float64) string { return stat.Number(x) }

func (r *report) header() string {
	s := r.Machine.String()
	if r.Python != "" {
		s += ", CPython " + r.Python
	}
	if r.PythonMissing != "" {
		s += "\nno comparison with CPython: " + r.PythonMissing
	}
	if r.Quick {
		s += "\n-quick: everything ran once, to see whether it is right; times mean nothing"
	}
	if r.Interrupted {
		s += "\ninterrupted: this is what there was until then"
	}
	return s
}

// writeText prints the report for a terminal.
func writeText(w io.Writer, r *report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, r.header())
	for _, table := range r.tables() {
		fmt.Fprintf(t, "\n%s\n", table.title)
		for _, cells := range table.rows {
			fmt.Fprintf(t, "%s\t\n", strings.Join(cells, "\t"))
		}
		if table.below != "" {
			fmt.Fprintln(t, table.below)
		}
	}
	return t.Flush()
}

// writeMarkdown prints the same for a README.
func writeMarkdown(w io.Writer, r *report) error {
	var b strings.Builder
	fmt.Fprintln(&b, r.header())
	for _, t := range r.tables() {
		fmt.Fprintf(&b, "\n%s:\n\n", t.title)
		for i, cells := range t.rows {
			fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
			if i == 0 {
				fmt.Fprintf(&b, "|---|%s\n", strings.Repeat("---:|", len(cells)-1))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
