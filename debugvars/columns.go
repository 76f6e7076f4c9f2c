package debugvars

import (
	"io"
	"strings"
	"unicode/utf8"
)

// A columns is a table in a terminal. Columns without anything are left out.
type columns struct {
	titles []string
	rows   [][]string
	// widely is the column that people look at the table for: it may be three times as wide as the others when there is
	// too little room for all.
	widely int
}

func (c *columns) add(cells ...string) {
	for i := range cells {
		cells[i] = shorten(cells[i], longest)
	}
	c.rows = append(c.rows, cells)
}

const (
	// longest is what a cell may have, since all others of the column become as wide.
	longest = 1000
	gap     = "  "
	// narrow is what the layout does not go below.
	narrow = 8
)

// write writes the table no wider than width, in characters; 0 is as wide as it is.
func (c *columns) write(w io.Writer, width int) {
	widths := make([]int, len(c.titles))
	for _, row := range c.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for i, n := range widths {
		if n > 0 {
			widths[i] = max(n, len(c.titles[i]))
		}
	}
	c.fit(widths, width)
	for _, row := range append([][]string{c.titles}, c.rows...) {
		var line strings.Builder
		for i, cell := range row {
			if widths[i] == 0 {
				continue
			}
			cell = shorten(cell, widths[i])
			line.WriteString(cell)
			line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
			line.WriteString(gap)
		}
		writeLine(w, strings.TrimRight(line.String(), " "), width)
	}
}

// fit makes the widest columns narrower until all have room.
func (c *columns) fit(widths []int, width int) {
	if width <= 0 {
		return
	}
	total := -len(gap)
	for _, n := range widths {
		if n > 0 {
			total += n + len(gap)
		}
	}
	for ; total > width; total-- {
		i := c.widest(widths)
		if widths[i] <= narrow {
			return
		}
		widths[i]--
	}
}

// widest returns the column that is the first to be made narrower.
func (c *columns) widest(widths []int) int {
	widest := 0
	share := func(i int) int {
		if i == c.widely && widths[i] > narrow {
			return max(narrow, widths[i]/3)
		}
		return widths[i]
	}
	for i := range widths {
		if share(i) > share(widest) {
			widest = i
		}
	}
	return widest
}

// shorten cuts s to n characters, the last of which says so.
func shorten(s string, n int) string {
	if n <= 0 || len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// writeLine writes a line of at most width characters; 0 is any number.
func writeLine(w io.Writer, line string, width int) {
	_, _ = io.WriteString(w, shorten(line, width)+"\n") // w is a bufio.Writer, which keeps its error
}
