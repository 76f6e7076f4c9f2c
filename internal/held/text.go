package held

import (
	"fmt"
	"strings"

	"github.com/gocontextvars/contextvars/internal/callbacks"
	"github.com/gocontextvars/contextvars/internal/census"
)

// String describes the work, and each holder with where it stands and where it was made. Holders that have
// all that in common are described once.
func (h *Holding) String() string {
	var texts []string
	counts := make(map[string]int)
	which := make(map[string]uint64) // the first goroutine of these
	add := func(text string) {
		if counts[text]++; counts[text] == 1 {
			texts = append(texts, text)
		}
	}
	for _, g := range h.Goroutines {
		text := goroutineText(g)
		if add(text); counts[text] == 1 {
			which[text] = g.ID
		}
	}
	for _, c := range h.Calls {
		add(callText(c))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%v is held by %s", h.Life.Work, h.Count())
	for _, text := range texts {
		fmt.Fprintf(&b, "\n%d × ", counts[text])
		if id := which[text]; id != 0 && counts[text] == 1 {
			text = strings.Replace(text, "goroutine", fmt.Sprint("goroutine ", id), 1)
		}
		b.WriteString(text)
	}
	return b.String()
}

// Count says how many hold the work.
func (h *Holding) Count() string {
	var counts []string
	for _, c := range []struct {
		n    int
		noun string
	}{{len(h.Goroutines), "goroutine"}, {len(h.Calls), "timer or bound function"}} {
		switch {
		case c.n == 1:
			counts = append(counts, "1 "+c.noun)
		case c.n > 1:
			counts = append(counts, fmt.Sprintf("%d %s", c.n, strings.Replace(c.noun, "timer", "timers", 1)+"s"))
		}
	}
	return strings.Join(counts, " and ")
}

func goroutineText(g *census.Goroutine) string {
	var b strings.Builder
	b.WriteString("goroutine")
	if g.State != "" {
		fmt.Fprintf(&b, " [%s]", g.State)
	}
	for _, f := range g.Stack {
		fmt.Fprintf(&b, "\n\t%s\n\t\t%s:%d", f.Function, f.File, f.Line)
	}
	if g.Created.Function != "" {
		fmt.Fprintf(&b, "\n\tcreated by %s\n\t\t%s:%d", g.Created.Function, g.Created.File, g.Created.Line)
	}
	return b.String()
}

func callText(c *callbacks.Call) string {
	var b strings.Builder
	fmt.Fprintf(&b, "function of %s, created by", c.Kind)
	for _, f := range c.Made() {
		fmt.Fprintf(&b, "\n\t%s\n\t\t%s:%d", f.Function, f.File, f.Line)
	}
	return b.String()
}
