package debugvars

import "strconv"

// writeEnded writes the pieces of work that have ended, and who still holds their variables.
func (p *page) writeEnded() {
	if len(p.snapshot.Ended) == 0 {
		p.writeNone(p.snapshot.noneEnded())
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
	p.text(e.numbered())
	p.close()
	p.open("p", "class", "summary")
	p.text("ended ")
	p.writeTime(e.Ended)
	p.text(", after ", short(e.Ended.Sub(e.Began)), "; still held by ", e.holders())
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

// writeTimers writes the timers and bound functions that wait to be called in the work's context.
func (p *page) writeTimers(timers []Timer) {
	p.open("table", "class", "timers", "data-key", "timers")
	p.writeColumns("Timer or bound function", "Due", "Made by")
	p.open("tbody")
	for _, t := range timers {
		p.open("tr")
		p.element("th", t.Kind, "scope", "row", "data-label", "Timer or bound function")
		p.open("td", "data-label", "Due")
		if t.Due.IsZero() {
			p.element("span", p.snapshot.due(t), "class", "missing")
		} else {
			p.element("time", p.snapshot.due(t), "datetime", t.Due.Format(stamp))
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
