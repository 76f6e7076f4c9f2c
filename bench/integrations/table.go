package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"

	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// A table has a title, and rows of as many cells. The first row is the header, and the first cell of
// a row is its name.
type table struct {
	title string
	rows  [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// tables are the report for people.
func (r *report) tables() (all []table) {
	if len(r.Figures) > 0 {
		t := table{title: "Figures to reach"}
		t.add("", "measured", "quartiles", "at most", "")
		for _, f := range r.Figures {
			measured, quartiles, most := times(f.Ratio), spread(f.Ratio), fmt.Sprintf("%g", f.Limit)
			if f.NS > 0 {
				measured, most = stat.Number(f.NS)+" ns", most+" ns"
			}
			if f.Limit == 0 {
				most = "-"
			}
			t.add(f.What, measured, quartiles, most, string(f.Verdict))
		}
		all = append(all, t)
	}
	for _, c := range r.Comparisons {
		t := table{title: fmt.Sprintf("%s: %s", c.Name, c.Title)}
		t.add("", "ns", "times", "quartiles", "ns more", "allocs", "bytes")
		for _, row := range c.Rows {
			if row.Fault != "" {
				t.add(row.Name, row.Fault, "", "", "", "", "")
				continue
			}
			more := "-"
			if row.Ratio != nil {
				more = whole(row.More)
			}
			t.add(row.Name, stat.Number(row.NS), times(row.Ratio), spread(row.Ratio), more,
				fmt.Sprintf("%.3g", tidy(row.Allocs)), fmt.Sprintf("%.0f", row.Bytes))
		}
		all = append(all, t)
	}
	return all
}

// overheads is the same in one table for a README, with a row for each side but the first ones.
func (r *report) overheads() table {
	t := table{title: "Overheads: ns, allocations and bytes of one call"}
	t.add("call", "with", "without", "with", "times", "quartiles", "ns more", "allocs", "allocs more", "bytes more")
	for _, c := range r.Comparisons {
		for i, row := range c.Rows {
			base := c.Rows[0]
			switch {
			case row.Fault != "":
				t.add(c.Title, row.Name, "**"+row.Fault+"**", "", "", "", "", "", "", "")
			case i > 0:
				t.add(c.Title, row.Name, stat.Number(base.NS), stat.Number(row.NS), times(row.Ratio), spread(row.Ratio),
					whole(row.More), fmt.Sprintf("%.3g", tidy(row.Allocs)),
					fmt.Sprintf("%.3g", tidy(row.Allocs)-tidy(base.Allocs)), whole(row.Bytes-base.Bytes))
			}
		}
	}
	return t
}

// times prints a ratio, which is compared with limits of two decimals, and so with three.
func times(r *stat.Ratio) string {
	if r == nil {
		return "-"
	}
	return fmt.Sprintf("%.3f", r.Median)
}

func spread(r *stat.Ratio) string {
	if r == nil {
		return "-"
	}
	return fmt.Sprintf("%.2f-%.2f", r.Low, r.High)
}

// whole prints no negative zero.
func whole(x float64) string { return fmt.Sprintf("%d", int(math.Round(x))) }

// tidy drops what the runtime and idle servers allocated by themselves while was counted.
func tidy(allocs float64) float64 {
	const tolerance = 0.05
	if whole := float64(int(allocs + 0.5)); allocs-whole < tolerance && whole-allocs < tolerance {
		return whole
	}
	return allocs
}

func (r *report) header() string {
	s := r.Machine.String()
	if r.Quick {
		s += "\n-quick: everything ran once, to see whether the values are right; times and ratios mean nothing"
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
	}
	return t.Flush()
}

// writeMarkdown prints the same for a README.
func writeMarkdown(w io.Writer, r *report) error {
	var b strings.Builder
	fmt.Fprintln(&b, r.header())
	tables := []table{r.overheads()}
	if len(r.Figures) > 0 {
		tables = []table{r.tables()[0], r.overheads()}
	}
	for _, t := range tables {
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
