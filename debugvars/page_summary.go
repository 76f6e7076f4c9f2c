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
	if p.filtered() {
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

// short is d with two or three digits, as one says it.
func short(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d)
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d/time.Microsecond)
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	case d < 10*time.Second && d%time.Second != 0:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

// writeTime writes how long before the snapshot t was, in whole seconds so that it seldom changes.
func (p *page) writeTime(t time.Time) {
	ago := "just now"
	if d := p.snapshot.Time.Sub(t).Truncate(time.Second); d > 0 {
		ago = short(d) + " ago"
	}
	p.element("time", ago, "datetime", t.Format(stamp))
}
