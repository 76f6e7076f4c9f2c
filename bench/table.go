package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// writeTable prints the report for people.
func writeTable(w io.Writer, r *report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, header(r))
	for _, c := range r.Cases {
		fmt.Fprintf(t, "\n%s: %s\n", c.Name, c.Title)
		fmt.Fprint(t, "\tns/op\tB/op\tallocs/op\t/ floor\t/ contextvars\t\n")
		for _, row := range c.Rows {
			if row.Fault != "" {
				fmt.Fprintf(t, "%s\t%s\t\t\t\t\t\n", row.Name, row.Fault)
				continue
			}
			fmt.Fprintf(t, "%s\t%s\t%.0f\t%.3g\t%s\t%s\t\n",
				row.Name, stat.Number(row.NS), row.Bytes, tidy(row.Allocs), times(row.ToFloor), times(row.ToOurs))
		}
	}
	if len(r.Figures) > 0 {
		fmt.Fprintf(t, "\nFigures to reach\n\tratio\tquartiles\tat most\taim\tallocs\tbytes\tat most\t\t\n")
	}
	for _, f := range r.Figures {
		fmt.Fprintf(t, "%s\t%s\t%.2f-%.2f\t%s\t%s\t%.3g\t%.0f\t%s\t%s\t\n",
			f.What, quotient(f.Ratio), f.Ratio.Low, f.Ratio.High, bound(f.Limit), bound(f.Aim), tidy(f.Allocs), f.Bytes, f.Most, f.Verdict)
	}
	for _, k := range r.Kept {
		fmt.Fprintf(t, "\n%s: %s\n\tbytes\t\t\n", k.Name, k.title())
		for _, row := range k.Rows {
			verdict := ""
			if row.Name == ours.name {
				verdict = string(k.Verdict)
			}
			fmt.Fprintf(t, "%s\t%d\t%s\t\n", row.Name, row.Bytes, verdict)
		}
	}
	fmt.Fprintln(t)
	for _, p := range participants {
		fmt.Fprintf(t, "%s\v  %s\n", p.name, p.note)
	}
	return t.Flush()
}

func header(r *report) string {
	s := r.Machine.String()
	if r.Quick {
		s += "\n-quick: all cases ran once, to see whether the values are right; times and ratios mean nothing"
	}
	if r.Interrupted {
		s += "\ninterrupted: this is what there was until then"
	}
	return s
}

func (k keptResult) title() string {
	return fmt.Sprintf("heap kept after %d goroutines that set and ended, %d at a time", k.Goroutines, k.AtOnce)
}

func times(r *stat.Ratio) string {
	if r == nil {
		return "-"
	}
	return stat.Number(r.Median)
}

// quotient prints a figure, which is compared with limits of two decimals.
func quotient(r stat.Ratio) string {
	if r.Median == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", r.Median)
}

func bound(a float64) string {
	if a == 0 {
		return "-"
	}
	return fmt.Sprintf("%g", a)
}

// most describes the limits on what is allocated.
func most(allocs, bytes *float64, beyond bool) string {
	s := fmt.Sprintf("%.0f allocs", *allocs)
	if bytes != nil {
		s += fmt.Sprintf(", %.0f B", *bytes)
	}
	if beyond {
		s += " more"
	}
	return s
}

// tidy drops what the runtime allocated by itself now and then while was counted.
func tidy(allocs float64) float64 {
	if whole := float64(int(allocs + 0.5)); allocs-whole < allocTolerance && whole-allocs < allocTolerance {
		return whole
	}
	return allocs
}
