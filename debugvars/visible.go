package debugvars

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxVisible is how many bytes are written of a name or a value, before quoting.
const maxVisible = 300

// visible returns s as a terminal can show it. Snapshots come from other programs, too, so nothing in them is trusted.
func visible(s string) string {
	if len(s) > maxVisible {
		s = s[:maxVisible] + "..."
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// text is "name=value".
func (v Variable) text() string {
	s := visible(v.Name) + "=" + visible(v.Value)
	if v.Cut {
		s += "…"
	}
	return s
}

// short is the function without its package's path, and the place without its folders.
func (c *Call) short() string {
	if c == nil {
		return ""
	}
	return strings.TrimSpace(visible(base(c.Func)) + " " + c.place())
}

func (c *Call) place() string {
	if c.File == "" {
		return ""
	}
	return visible(base(c.File)) + ":" + strconv.Itoa(c.Line)
}

func base(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }

// who is the goroutine's number.
func (g *Goroutine) who() string {
	switch {
	case g.ID != 0:
		return strconv.FormatUint(g.ID, 10)
	case len(g.OneOf) > 0:
		var text strings.Builder
		say := func(s string) { text.WriteString(s) }
		g.candidates(func(id uint64) { say(strconv.FormatUint(id, 10)) }, say)
		return text.String()
	}
	return "?"
}

const (
	// maxCandidates is how many of the goroutines that one may be are all named; of more only the first are.
	maxCandidates   = 5
	firstCandidates = 3
)

// candidates writes the goroutines that one may be, as one says it, in the order of their numbers.
func (g *Goroutine) candidates(number func(id uint64), say func(text string)) {
	ids := slices.Sorted(slices.Values(g.OneOf))
	count := len(ids)
	if count > maxCandidates {
		say(fmt.Sprintf("one of %d: ", count))
		ids = ids[:firstCandidates]
	}
	for i, id := range ids {
		switch {
		case i == 0:
		case i == count-1:
			say(" or ")
		default:
			say(", ")
		}
		number(id)
	}
	switch {
	case count == 1:
		say("?")
	case count > len(ids):
		say(", ...")
	}
}

// values is the variables, in one line.
func (g *Goroutine) values() string {
	var all []string
	for _, v := range g.Variables {
		all = append(all, v.text())
	}
	return strings.Join(all, ", ")
}

// sites is where the variables were set, in their order: empty if that is not recorded.
func (g *Goroutine) sites() string {
	var all []string
	for _, v := range g.Variables {
		if v.Set != nil {
			all = append(all, visible(v.Name)+" "+v.Set.place())
		}
	}
	return strings.Join(all, ", ")
}

// from is whose context the goroutine has; empty if its own.
func (g *Goroutine) from() string {
	switch {
	case g.InheritedFrom != 0:
		return strconv.FormatUint(g.InheritedFrom, 10)
	case g.Inherited:
		return "not known"
	case g.Displaced:
		return "outermost context"
	}
	return ""
}

// origin is the go statement that has started the goroutine.
func (g *Goroutine) origin() string {
	switch {
	case g.Creator == 0:
		return g.Created.short()
	case g.Created == nil:
		return fmt.Sprintf("goroutine %d", g.Creator)
	}
	return fmt.Sprintf("%s in %d", g.Created.short(), g.Creator)
}

// activity is the task and the work that the goroutine has to do with.
func (g *Goroutine) activity() string {
	var all []string
	if t := g.Task; t != nil {
		all = append(all, "task "+visible(t.Name))
	}
	if w := g.Work; w != nil {
		text := w.text()
		if !w.Ended.IsZero() {
			text += " (ended)"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// text names the work. Others may have the same name, and so it has its number.
func (w *WorkRef) text() string { return visible(w.Name) + w.numbered() }

func (w *WorkRef) numbered() string {
	if w.ID == 0 {
		return ""
	}
	return ", work " + strconv.FormatUint(w.ID, 10)
}

func countOf(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}
