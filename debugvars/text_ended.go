package debugvars

import "io"

// writeEnded writes the work that has ended, and who holds it.
func (s *Snapshot) writeEnded(w io.Writer, width int) {
	if len(s.Ended) == 0 {
		writeLine(w, s.noneEnded(), width)
	}
	for i, e := range s.Ended {
		if i > 0 {
			writeLine(w, "", width)
		}
		line := e.text() + " has ended"
		if !e.Ended.IsZero() {
			line += " " + s.ago(e.Ended)
		}
		writeLine(w, line+"; still held by "+e.holders(), width)
		if len(e.Goroutines) > 0 {
			writeGoroutines(w, e.Goroutines, width)
		}
		if len(e.Timers) > 0 {
			s.writeTimers(w, e.Timers, width)
		}
	}
}

func (s *Snapshot) writeTimers(w io.Writer, timers []Timer, width int) {
	table := columns{titles: []string{"TIMER OR BOUND FUNCTION", "DUE", "MADE BY"}, widely: 2}
	for _, t := range timers {
		made := ""
		if len(t.Created) > 0 {
			made = t.Created[0].short()
		}
		table.add(visible(t.Kind), s.due(t), made)
	}
	table.write(w, width)
}
