package asyncio

import (
	"fmt"
	"io"
	"strings"
)

// FormatCallGraph returns the call graph of a future or task, with nil of the running task, as indented text:
// its state, stack and variables, and below that those of the tasks that wait for it. It is empty
// in a callback of a loop. The error is CaptureCallGraph's (192).
//
// See [CallGraph.String] for what is shown of values.
func FormatCallGraph(a Awaitable, opts ...GraphOption) (string, error) {
	g, err := CaptureCallGraph(a, opts...)
	if g == nil || err != nil {
		return "", err
	}
	return g.String(), nil
}

// PrintCallGraph writes what FormatCallGraph returns, if there is anything, as lines to out.
func PrintCallGraph(out io.Writer, a Awaitable, opts ...GraphOption) error {
	text, err := FormatCallGraph(a, opts...)
	if text == "" || err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, text)
	return err
}

// String returns the graph as indented text. A future or task that stands in it more than once is written out
// once.
//
// Long values are cut, and what stands behind pointers, maps and slices is not looked at, since other goroutines
// may be changing that. For the same reason methods of values are not called, but for Error, and for String of types
// that are no pointers, maps or slices.
func (g *CallGraph) String() string {
	p := printer{seen: make(map[*CallGraph]bool)}
	p.graph(g, 0, "Awaited by", awaitedBy)
	return p.text()
}

// String returns the graph as indented text: tasks that nobody waits for, and what they wait for below
// them. For values see [CallGraph.String].
func (g *LoopGraph) String() string {
	p := printer{seen: make(map[*CallGraph]bool)}
	p.line(0, "event loop: %d tasks, %d ready, %d timers, %d operations",
		len(g.Tasks), g.Ready, g.Timers, g.Operations)
	if len(g.HeldUp) > 0 {
		p.frames(0, "Held up by", g.HeldUp)
	}
	for _, t := range g.Tasks {
		if len(t.AwaitedBy) == 0 {
			p.graph(t, 0, "Awaits", awaits)
		}
	}
	for _, t := range g.Tasks { // in a ring each is awaited
		if !p.seen[t] {
			p.graph(t, 0, "Awaits", awaits)
		}
	}
	return p.text()
}

func awaitedBy(g *CallGraph) []*CallGraph { return g.AwaitedBy }
func awaits(g *CallGraph) []*CallGraph    { return g.Awaits }

// printer writes graphs down.
type printer struct {
	strings.Builder
	seen  map[*CallGraph]bool
	count int
}

// What is printed is for people.
const (
	maxPrinted = 1000 // futures and tasks
	maxNesting = 50
)

func (p *printer) text() string {
	if left := p.count - maxPrinted; left > 0 {
		p.line(0, "and %d more", left)
	}
	return strings.TrimSuffix(p.String(), "\n")
}

func (p *printer) line(level int, format string, args ...any) {
	p.WriteString(strings.Repeat("    ", level))
	fmt.Fprintf(p, format, args...)
	p.WriteByte('\n')
}

func (p *printer) frames(level int, title string, calls []Frame) {
	p.line(level, "  + %s:", title)
	for _, f := range calls {
		p.line(level, "  |   %v", f)
	}
}

// graph writes g, and what next leads to.
func (p *printer) graph(g *CallGraph, level int, title string, next func(*CallGraph) []*CallGraph) {
	again := p.seen[g]
	if !again {
		p.seen[g] = true
		if p.count++; p.count > maxPrinted {
			return
		}
	}
	p.head(g, level, again)
	if again {
		return
	}
	if len(g.Stack) > 0 {
		p.frames(level, "Call stack", g.Stack)
	}
	if len(g.Variables) > 0 {
		p.line(level, "  + Variables:")
		for _, v := range g.Variables {
			p.line(level, "  |   %s = %s", v.Variable.Name(), v.text())
		}
	}
	if len(g.Created) > 0 {
		p.frames(level, "Created at", g.Created)
	}
	following := next(g)
	if len(following) == 0 {
		return
	}
	if level == maxNesting {
		p.line(level, "  + %s: %d, and so on", title, len(following))
		return
	}
	p.line(level, "  + %s:", title)
	for _, f := range following {
		p.graph(f, level+1, title, next)
	}
}

func (p *printer) head(g *CallGraph, level int, again bool) {
	what := fmt.Sprintf("Future(%p)", g.Future.core())
	if g.ID != 0 {
		what = fmt.Sprintf("Task(name=%q, id=%d)", g.Name, g.ID)
	}
	state := g.State
	if g.In != "" {
		state += " in " + g.In
	}
	if again {
		state = "see above"
	}
	p.line(level, "* %s: %s", what, state)
}
