package debugvars

import (
	"fmt"
	"strconv"
)

// writeGoroutines writes the goroutines, under their values of a variable if the query groups by one.
func (p *page) writeGoroutines() {
	s := p.snapshot
	if p.query.Group != "" && len(s.Groups) > 0 {
		p.writeGroups()
		return
	}
	if len(s.Goroutines) == 0 {
		if !s.Summarised {
			p.writeNoGoroutine()
		}
		return
	}
	p.writeTable(func() {
		p.open("tbody")
		p.writeRows(s.Goroutines)
		p.close()
	}, goroutineColumns...)
	p.writeMore()
}

func (p *page) writeNoGoroutine() {
	if p.query.filtered() {
		p.writeNone("No goroutine matches the filters.")
		return
	}
	p.writeNone("No goroutine holds a variable.")
}

// writeMore says how many goroutines there are that the limit has left out.
func (p *page) writeMore() {
	s := p.snapshot
	if s.Summarised || s.Shown >= s.Matching {
		return
	}
	more := p.query
	more.Limit = min(s.Matching, 4*p.limit())
	p.open("p", "class", "more", "data-key", "more")
	p.text("These are ")
	p.writeCount(s.Shown, "")
	p.text(" of ")
	p.writeCount(s.Matching, "goroutine")
	p.text(". ")
	p.element("a", "Show "+strconv.Itoa(more.Limit), "href", href(more))
	p.close()
}

var goroutineColumns = []string{"Goroutine", "Variables", "Stands at", "Started by"}

// writeTable writes a table of goroutines.
func (p *page) writeTable(body func(), columns ...string) {
	p.open("table", "class", "goroutines", "data-key", "goroutines")
	p.writeColumns(columns...)
	body()
	p.close()
}

// writeRows writes the rows of a table of goroutines.
func (p *page) writeRows(goroutines []*Goroutine) {
	keys := rowKeys{}
	for _, g := range goroutines {
		p.open("tr", "data-key", keys.of(g))
		p.open("th", "scope", "row", "class", "who", "data-label", "Goroutine")
		p.writeWho(g)
		p.close()
		p.open("td", "data-label", "Variables")
		p.writeHeld(g)
		p.close()
		p.open("td", "data-label", "Stands at")
		p.writeStack(g.Where, g.Stack)
		p.close()
		p.open("td", "data-label", "Started by")
		p.writeCreated(g)
		p.close()
		p.close()
	}
}

// A rowKeys tells the script which goroutine a row is of. Those of which the number is not known are told apart
// by their order.
type rowKeys map[string]int

func (k rowKeys) of(g *Goroutine) string {
	if g.ID != 0 {
		return "g" + strconv.FormatUint(g.ID, 10)
	}
	key := fmt.Sprint("one of ", g.OneOf)
	k[key]++
	return key + "." + strconv.Itoa(k[key])
}

// writeWho writes a goroutine's number, its state, and what it does.
func (p *page) writeWho(g *Goroutine) {
	switch {
	case g.ID != 0:
		p.writeLink(g.ID)
	case len(g.OneOf) > 0:
		p.writeOneOf(g)
	default:
		p.text("number not known")
	}
	if g.State != "" {
		p.open("span", "class", "state")
		p.text(g.State)
		if g.WaitMinutes > 0 {
			p.text(" for ", strconv.FormatUint(g.WaitMinutes, 10), " min")
		}
		p.close()
	}
	if t := g.Task; t != nil {
		p.open("span", "class", "task")
		p.text("task ")
		p.element("bdi", t.Name)
		p.close()
	}
	if w := g.Work; w != nil {
		p.writeWork(w)
	}
}

// writeOneOf writes the goroutines that one may be, as text has them.
func (p *page) writeOneOf(g *Goroutine) {
	p.open("span", "class", "oneof")
	g.candidates(p.writeLink, func(text string) { p.text(text) })
	p.close()
}

// writeWork writes the piece of work that a goroutine belongs to.
func (p *page) writeWork(w *WorkRef) {
	class, when, at := "work", " began ", w.Began
	if !w.Ended.IsZero() {
		class, when, at = "work ended", " ended ", w.Ended
	}
	p.open("span", "class", class)
	p.element("bdi", w.Name)
	p.text(w.numbered(), when)
	p.writeTime(at)
	p.close()
}

// writeHeld writes what variables a goroutine holds, and whence.
func (p *page) writeHeld(g *Goroutine) {
	if len(g.Variables) == 0 {
		p.element("span", "none", "class", "missing")
	} else {
		p.writeValues(g.Variables, g.ID)
	}
	switch {
	case g.InheritedFrom != 0:
		p.open("span", "class", "site")
		p.text("inherited from ")
		p.writeLink(g.InheritedFrom)
		p.close()
	case g.Inherited:
		p.element("span", "inherited", "class", "site")
	}
	if g.Displaced {
		p.element("span", "of its outermost context: something else, such as profiler labels, is in place of the rest", "class", "site")
	}
}

// writeStack writes where a goroutine stands, with its calls to unfold.
func (p *page) writeStack(where *Call, stack []Call) {
	if where == nil && len(stack) > 0 {
		where = &stack[0]
	}
	if where == nil {
		return
	}
	if len(stack) == 0 {
		p.writeCall(*where)
		return
	}
	p.open("details", "class", "stack", "data-key", "stack")
	p.open("summary")
	p.writeCall(*where)
	p.close()
	p.writeCalls(stack)
	p.close()
}

// writeCalls writes calls with their whole names.
func (p *page) writeCalls(calls []Call) {
	p.open("ol", "class", "calls")
	for _, c := range calls {
		p.open("li")
		p.element("span", c.Func, "class", "func")
		if c.File != "" {
			p.text(" ")
			p.element("span", c.File+":"+strconv.Itoa(c.Line), "class", "place")
		}
		p.close()
	}
	p.close()
}

// writeCall writes a call with the short names of its function and its file.
func (p *page) writeCall(c Call) {
	p.element("span", base(c.Func), "class", "func")
	if c.File != "" {
		p.text(" ")
		p.writePlace(c)
	}
}

// writeCreated writes the go statement that has started a goroutine, and where that ran.
func (p *page) writeCreated(g *Goroutine) {
	if g.Created != nil {
		p.writeCall(*g.Created)
	}
	if g.Creator != 0 {
		p.text(" in ")
		p.writeLink(g.Creator)
	}
}

// writeLink writes a goroutine's number, as a link that follows it.
func (p *page) writeLink(id uint64) {
	q := Query{View: p.query.View, Group: p.query.Group, Limit: p.query.Limit, Goroutine: id}
	if q.View != ViewTree {
		q.View = "" // the other views may not have it
	}
	number := strconv.FormatUint(id, 10)
	p.element("a", number, "class", "goroutine", "href", href(q), "aria-label", "goroutine "+number)
}
