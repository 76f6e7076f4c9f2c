package debugvars

import (
	"io"
	"sort"
	"strings"
	"unicode/utf8"
)

// A columns is a table in a terminal. Columns without anything are left out.
type columns struct {
	titles []string
	rows   [][]string
	// widely is the column that people look at the table for: it may be five times as wide as the others when there is
	// too little room for all. Its cells are lists with commas.
	widely int
	// spare is the columns that are left out, one after the other, when there is too little room.
	spare []int
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
			if i == c.widely {
				cell = shortenList(cell, widths[i])
			} else {
				cell = shorten(cell, widths[i])
			}
			line.WriteString(cell)
			line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
			line.WriteString(gap)
		}
		writeLine(w, strings.TrimRight(line.String(), " "), width)
	}
}

// fit leaves out columns, and then makes the widest of the rest narrower, until all have room: first down to their
// titles, then further.
func (c *columns) fit(widths []int, width int) {
	if width <= 0 {
		return
	}
	for _, i := range c.spare {
		if total(widths) <= width {
			return
		}
		widths[i] = 0
	}
	tooMuch := total(widths) - width
	for _, least := range []func(i int) int{
		func(i int) int { return max(narrow, len(c.titles[i])) },
		func(int) int { return narrow },
	} {
		for ; tooMuch > 0; tooMuch-- {
			i := c.widest(widths, least)
			if i < 0 {
				break
			}
			widths[i]--
		}
	}
}

func total(widths []int) int {
	total := -len(gap)
	for _, n := range widths {
		if n > 0 {
			total += n + len(gap)
		}
	}
	return total
}

// widest returns the column that is the first to be made narrower, of those that are wider than least; -1 if none is.
func (c *columns) widest(widths []int, least func(i int) int) int {
	widest, most := -1, 0
	for i, n := range widths {
		if n <= least(i) {
			continue
		}
		if i == c.widely {
			n = max(narrow, n/5)
		}
		if n > most {
			widest, most = i, n
		}
	}
	return widest
}

const (
	comma = ", "
	// telling is how many characters of a part of a list still tell something.
	telling = 6
)

// shortenList cuts s to n characters: the longest of its parts first, so that each is still to be seen. If they
// would be too short for that, it cuts the end.
func shortenList(s string, n int) string {
	parts := strings.Split(s, comma)
	room := n - (len(parts)-1)*len(comma)
	if utf8.RuneCountInString(s) <= n || room < len(parts)*telling {
		return shorten(s, n)
	}
	// The largest length that lets all parts of at most that length have room.
	length := telling + sort.Search(n-telling, func(more int) bool {
		sum := 0
		for _, part := range parts {
			sum += min(utf8.RuneCountInString(part), telling+more+1)
		}
		return sum > room
	})
	for i, part := range parts {
		parts[i] = shorten(part, length)
	}
	return strings.Join(parts, comma)
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
