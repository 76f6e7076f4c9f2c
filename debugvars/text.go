package debugvars

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
)

// WriteTable writes what is in the snapshot for people in a terminal: tables of goroutines, under their values if the query
// groups, of event loops, or of ended work. Goroutines that do not differ are one line. Whatever the snapshot
// has in it, and whoever made it, what is written is printable text.
//
// Lines have at most width characters, each of which it takes for one column wide; 0 is no limit. The error is that of w.
func (s *Snapshot) WriteTable(w io.Writer, width int) error {
	out := bufio.NewWriter(w)
	s.writeTitle(out, width)
	switch {
	case s.View == ViewLoops:
		writeLoops(out, s.Loops, width)
	case s.View == ViewEnded:
		s.writeEnded(out, width)
	case s.Summarised:
		s.writeSummary(out, width)
	case len(s.Groups) > 0:
		s.writeGroups(out, width)
	default:
		writeGoroutines(out, s.Goroutines, width)
	}
	s.writeNotes(out, width)
	return out.Flush()
}

func (s *Snapshot) writeTitle(w io.Writer, width int) {
	title := fmt.Sprintf("%s, process %d, %s: %d of %s", visible(s.Program), s.PID, visible(s.Go), s.Holding, countOf(s.Total, "goroutine"))
	if s.Total == 1 {
		title += " holds variables"
	} else {
		title += " hold variables"
	}
	if s.Matching != s.Holding && s.View != ViewLoops && s.View != ViewEnded {
		title += fmt.Sprintf(", %d as asked for", s.Matching)
	}
	writeLine(w, title, width)
	writeLine(w, "", width)
}

func (s *Snapshot) writeNotes(w io.Writer, width int) {
	if s.Shown < s.Matching && len(s.Goroutines) > 0 {
		writeLine(w, fmt.Sprintf("\nThese are %d of %d; a higher limit shows more.", s.Shown, s.Matching), 0)
	}
	for _, note := range s.Notes {
		writeLine(w, "\nNote: "+visible(note), 0)
	}
}

// writeGroups writes each value of the variable, and below it those of the goroutines with it that are shown.
func (s *Snapshot) writeGroups(w io.Writer, width int) {
	type value struct {
		text    string
		missing bool
	}
	rows := make(map[value][]*Goroutine)
	for _, g := range s.Goroutines {
		if g == nil {
			continue
		}
		of := value{missing: true}
		for _, v := range g.Variables {
			if v.Name == s.Groups[0].Name {
				of = value{text: v.Value}
			}
		}
		rows[of] = append(rows[of], g)
	}
	for i, group := range s.Groups {
		if i > 0 {
			writeLine(w, "", width)
		}
		writeLine(w, group.title()+": "+countOf(group.Count, "goroutine"), width)
		if shown := rows[value{group.Value, group.Missing}]; len(shown) > 0 {
			writeGoroutines(w, shown, width)
		}
	}
}

func (g Group) title() string {
	if g.Missing {
		return "without " + visible(g.Name)
	}
	return visible(g.Name) + "=" + visible(g.Value)
}

func (v VariableInfo) values() string {
	if v.Values >= maxValues {
		return "10,000 or more"
	}
	return strconv.Itoa(v.Values)
}

// writeSummary writes what is known of goroutines that are too many to list.
func (s *Snapshot) writeSummary(w io.Writer, width int) {
	table := columns{titles: []string{"VARIABLE", "TYPE", "GOROUTINES", "VALUES"}}
	for _, v := range s.Variables {
		table.add(visible(v.Name), visible(v.Type), strconv.Itoa(v.Goroutines), v.values())
	}
	table.write(w, width)
	if len(s.Groups) > 0 {
		writeLine(w, "", width)
	}
	for _, group := range s.Groups {
		writeLine(w, group.title()+": "+countOf(group.Count, "goroutine"), width)
	}
}
