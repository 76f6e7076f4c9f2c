package debugvars

import "strconv"

// writeEnded writes the pieces of work that have ended, and who still holds their variables.
func (p *page) writeEnded() {
	if len(p.snapshot.Ended) == 0 {
		p.writeNone("Nothing holds the variables of work that has ended.")
		return
	}
	for _, e := range p.snapshot.Ended {
		p.writeEndedWork(e)
	}
}

func (p *page) writeEndedWork(e Ended) {
	key := "work" + strconv.FormatUint(e.ID, 10)
	p.open("section", "class", "ended", "data-key", key)
	p.open("h3")
	p.element("bdi", e.Name)
	p.close()
	p.open("p", "class", "summary")
	p.text("ended ")
	p.writeTime(e.Ended)
	p.text(", after ", short(e.Ended.Sub(e.Began)), "; still held by ")
	if len(e.Goroutines) > 0 {
		p.writeCount(len(e.Goroutines), "goroutine")
	}
	if len(e.Goroutines) > 0 && len(e.Timers) > 0 {
		p.text(" and ")
	}
	if len(e.Timers) > 0 {
		p.writeCount(len(e.Timers), "function")
		p.text(" to be called")
	}
	p.close()
	if len(e.Goroutines) > 0 {
		p.writeTable(func() {
			p.open("tbody")
			p.writeRows(e.Goroutines)
			p.close()
		}, goroutineColumns...)
	}
	if len(e.Timers) > 0 {
		p.writeTimers(e.Timers)
	}
	p.close()
}

// writeTimers writes the functions that wait to be called in the work's context.
func (p *page) writeTimers(timers []Timer) {
	p.open("table", "class", "timers", "data-key", "timers")
	p.writeColumns("Waits to be called", "Due", "Made by")
	p.open("tbody")
	for _, t := range timers {
		p.open("tr")
		p.element("th", t.Kind, "scope", "row", "data-label", "Waits to be called")
		p.open("td", "data-label", "Due")
		if t.Due.IsZero() {
			p.element("span", "not known", "class", "missing")
		} else {
			p.element("time", "in "+short(t.Due.Sub(p.snapshot.Time)), "datetime", t.Due.Format(stamp))
		}
		p.close()
		p.open("td", "data-label", "Made by")
		p.writeMade(t.Created)
		p.close()
		p.close()
	}
	p.close()
	p.close()
}
