package debugvars

import (
	"fmt"
	"time"
)

// stamp is a time for programs.
const stamp = "2006-01-02T15:04:05.000Z07:00"

// writeSummary writes the figures of the whole, what they cost, and what could not be told.
func (p *page) writeSummary() {
	s := p.snapshot
	p.open("p", "class", "summary", "data-key", "summary")
	p.open("span", "id", "found")
	p.writeCount(s.Holding, "")
	p.text(" of ")
	p.writeCount(s.Total, "goroutine")
	if s.Total == 1 {
		p.text(" holds variables")
	} else {
		p.text(" hold variables")
	}
	switch {
	case p.query.View == ViewLoops || !p.query.filtered():
	case p.query.View == ViewEnded:
		p.text("; ")
		p.writeCount(len(s.Ended), "")
		p.text(" of ")
		p.writeCount(s.Held, "piece")
		if len(s.Ended) == 1 {
			p.text(" of ended work is shown")
		} else {
			p.text(" of ended work are shown")
		}
	default:
		p.text("; ")
		p.writeCount(s.Matching, "")
		if s.Matching == 1 {
			p.text(" matches the filters")
		} else {
			p.text(" match the filters")
		}
	}
	p.close()
	p.open("span", "class", "cost")
	p.text(". The look took ")
	p.element("span", short(s.Took), "class", "number")
	if s.Stopped > 0 {
		p.text(", and stopped the program for ")
		p.element("span", short(s.Stopped), "class", "number")
	}
	p.text(", at ")
	p.element("time", s.Time.Format("15:04:05"), "datetime", s.Time.Format(stamp), "class", "number")
	p.close()
	p.close()

	p.writeFollowed()
	for _, note := range s.Notes {
		p.writeNote(note)
	}
}

func (p *page) writeNote(note string) {
	p.element("p", note, "class", "note", "data-key", note)
}

// writeFollowed says which goroutine is followed, if one is.
func (p *page) writeFollowed() {
	if p.query.Goroutine == 0 {
		return
	}
	all := p.query
	all.Goroutine = 0
	p.open("p", "class", "followed", "data-key", "followed")
	p.text(fmt.Sprintf("Goroutine %d with those that it has started, or that have inherited from it. ", p.query.Goroutine))
	p.element("a", "Show all", "href", href(all))
	p.close()
}

// writeCount writes a number, and of what it is unless that is empty.
func (p *page) writeCount(n int, noun string) {
	p.open("span", "class", "number")
	p.number(n)
	p.close()
	switch {
	case noun == "":
	case n == 1:
		p.text(" ", noun)
	default:
		p.text(" ", noun, "s")
	}
}

// writeTime writes how long before the snapshot t was.
func (p *page) writeTime(t time.Time) {
	p.element("time", p.snapshot.ago(t), "datetime", t.Format(stamp))
}
