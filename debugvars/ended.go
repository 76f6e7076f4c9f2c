package debugvars

import "fmt"

// notesOnEnded says why there may be more ended work than is listed.
func (s *Snapshot) notesOnEnded() (notes []string) {
	if s.Untracked {
		notes = append(notes, "Nobody tracks work, so it is not known what has ended, nor who holds it: call lifetime.Track, or register the page.")
	}
	switch s.Unsettled {
	case 0:
	case 1:
		notes = append(notes, "1 function of work that has ended is not listed yet: "+
			"whether anybody can still call it is known after the next two garbage collections.")
	default:
		notes = append(notes, fmt.Sprintf("%d functions of work that has ended are not listed yet: "+
			"whether anybody can still call them is known after the next two garbage collections.", s.Unsettled))
	}
	return notes
}

// noneEnded is what there is to say in place of an empty list.
func (s *Snapshot) noneEnded() string {
	switch {
	case s.Held > 0:
		return "No goroutine that holds work that has ended matches the filters."
	case s.Untracked:
		return "It is not known who holds work that has ended."
	case s.Unsettled > 0:
		return "Nothing is known yet to hold the variables of work that has ended."
	}
	return "Nothing holds the variables of work that has ended."
}

// holders counts who holds the work.
func (e Ended) holders() string {
	goroutines, timers := countOf(len(e.Goroutines), "goroutine"), countOfTimers(len(e.Timers))
	switch {
	case len(e.Timers) == 0:
		return goroutines
	case len(e.Goroutines) == 0:
		return timers
	}
	return goroutines + " and " + timers
}

func countOfTimers(n int) string {
	if n == 1 {
		return "1 timer or bound function"
	}
	return fmt.Sprintf("%d timers or bound functions", n)
}
