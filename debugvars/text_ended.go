package debugvars

import (
	"io"
	"time"
)

// writeEnded writes the work that has ended, and who holds it.
func (s *Snapshot) writeEnded(w io.Writer, width int) {
	if len(s.Ended) == 0 {
		writeLine(w, "Nothing holds the variables of work that has ended.", width)
	}
	for i, e := range s.Ended {
		if i > 0 {
			writeLine(w, "", width)
		}
		line := visible(e.Name) + " has ended"
		if ago := s.Time.Sub(e.Ended); !e.Ended.IsZero() && ago > 0 {
			line += " " + ago.Truncate(time.Millisecond).String() + " ago"
		}
		writeLine(w, line+"; still held by "+e.holders(), width)
		if len(e.Goroutines) > 0 {
			writeGoroutines(w, e.Goroutines, width)
		}
		if len(e.Timers) > 0 {
			e.writeTimers(w, s.Time, width)
		}
	}
}

func (e Ended) holders() string {
	goroutines, calls := countOf(len(e.Goroutines), "goroutine"), countOf(len(e.Timers), "call")+" to come"
	switch {
	case len(e.Timers) == 0:
		return goroutines
	case len(e.Goroutines) == 0:
		return calls
	}
	return goroutines + " and " + calls
}

func (e Ended) writeTimers(w io.Writer, now time.Time, width int) {
	table := columns{titles: []string{"CALL", "DUE", "MADE BY"}, widely: 2}
	for _, t := range e.Timers {
		due := "not known"
		if !t.Due.IsZero() {
			due = "in " + t.Due.Sub(now).Truncate(time.Millisecond).String()
		}
		made := ""
		if len(t.Created) > 0 {
			made = t.Created[0].short()
		}
		table.add(visible(t.Kind), due, made)
	}
	table.write(w, width)
}
