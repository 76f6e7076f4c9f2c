package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// writeMarkdown prints the tables of the README: the figures, then each case
// in a line with a column for each participant.
func writeMarkdown(w io.Writer, r *report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", header(r))
	if len(r.Figures)+len(r.Kept) > 0 {
		b.WriteString("\n| figure | measured | at most | aim | allocations | |\n|---|---:|---:|---:|---|---|\n")
	}
	for _, f := range r.Figures {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", f.What, quotient(f.Ratio), bound(f.Limit), bound(f.Aim), allocated(f), f.Verdict)
	}
	for _, k := range r.Kept {
		for _, row := range k.Rows {
			if row.Name == ours.name {
				fmt.Fprintf(&b, "| %s | %d bytes | 0 | - | | %s |\n", k.title(), row.Bytes, k.Verdict)
			}
		}
	}
	for _, f := range families(r.Cases) {
		f.write(&b)
	}
	writeKept(&b, r.Kept)
	_, err := io.WriteString(w, b.String())
	return err
}

func allocated(f figureResult) string {
	s := fmt.Sprintf("%.3g, %.0f B", tidy(f.Allocs), f.Bytes)
	if f.Most != "" {
		s += " (at most " + f.Most + ")"
	}
	return s
}

// A family is cases that have the same participants, and so fit in one table.
type family struct {
	columns []string
	cases   []caseResult
}

func families(cases []caseResult) (fs []*family) {
	byColumns := map[string]*family{}
	for _, c := range cases {
		var columns []string
		for _, row := range c.Rows {
			columns = append(columns, row.Name)
		}
		key := strings.Join(columns, "|")
		f := byColumns[key]
		if f == nil {
			f = &family{columns: columns}
			byColumns[key] = f
			fs = append(fs, f)
		}
		f.cases = append(f.cases, c)
	}
	return fs
}

func (f *family) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n| ns (times contextvars; allocations) | %s |\n|---|%s\n",
		strings.Join(f.columns, " | "), strings.Repeat("---:|", len(f.columns)))
	for _, c := range f.cases {
		fmt.Fprintf(b, "| %s |", c.Title)
		for _, row := range c.Rows {
			fmt.Fprintf(b, " %s |", cell(row))
		}
		b.WriteString("\n")
	}
}

// cell is one result: "4.5 (×2.5; 1)" took 4.5 ns, 2.5 times as much as contextvars, and
// allocated once.
func cell(r row) string {
	if r.Fault != "" {
		return "**" + r.Fault + "**"
	}
	s := stat.Number(r.NS)
	var more []string
	if r.ToOurs != nil && r.Name != ours.name {
		more = append(more, "×"+stat.Number(r.ToOurs.Median))
	}
	if allocs := tidy(r.Allocs); allocs > 0 {
		more = append(more, fmt.Sprintf("%.3g", allocs))
	}
	if len(more) > 0 {
		s += " (" + strings.Join(more, "; ") + ")"
	}
	return s
}

func writeKept(b *strings.Builder, ks []keptResult) {
	for i, k := range ks {
		if i == 0 {
			b.WriteString("\n| bytes kept |")
			for _, row := range k.Rows {
				fmt.Fprintf(b, " %s |", row.Name)
			}
			fmt.Fprintf(b, "\n|---|%s\n", strings.Repeat("---:|", len(k.Rows)))
		}
		fmt.Fprintf(b, "| %s |", k.title())
		for _, row := range k.Rows {
			fmt.Fprintf(b, " %d |", row.Bytes)
		}
		b.WriteString("\n")
	}
}
