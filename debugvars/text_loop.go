package debugvars

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// writeLoops writes the event loops with their tasks.
func writeLoops(w io.Writer, loops []*Loop, width int) {
	if len(loops) == 0 {
		writeLine(w, "There are no event loops.", width)
	}
	for i, l := range loops {
		if l == nil {
			continue
		}
		if i > 0 {
			writeLine(w, "", width)
		}
		state := "waits to be run"
		if l.Running {
			state = "running"
		}
		writeLine(w, fmt.Sprintf("loop %d: %s, %s, %d ready, %s, %s under way", l.Number, state, countOf(len(l.Tasks), "task"),
			l.Ready, countOf(l.Timers, "timer"), countOf(l.Operations, "operation")), width)
		if l.Note != "" {
			writeLine(w, "Note: "+visible(l.Note), 0)
		}
		for _, c := range l.HeldUp {
			writeLine(w, "held up in "+c.short(), width)
		}
		l.writeTasks(w, width)
	}
}

func (l *Loop) writeTasks(w io.Writer, width int) {
	if len(l.Tasks) == 0 {
		return
	}
	table := columns{titles: []string{"TASK", "NAME", "STATE", "IN", "GOROUTINE", "VARIABLES", "AWAITS", "AWAITED BY", "STANDS AT"}, widely: 5}
	for _, t := range l.Tasks {
		if t == nil {
			continue
		}
		g := Goroutine{ID: t.Goroutine, Variables: t.Variables}
		where := ""
		if len(t.Stack) > 0 {
			where = t.Stack[0].short()
		}
		number := ""
		if t.Goroutine != 0 {
			number = g.who()
		}
		table.add(strconv.FormatUint(t.ID, 10), visible(t.Name), visible(t.State), visible(t.In), number, g.values(),
			names(t.Awaits, t.AwaitsMore), names(t.AwaitedBy, t.AwaitedByMore), where)
	}
	table.write(w, width)
}

func names(refs []TaskRef, more int) string {
	var all []string
	for _, r := range refs {
		if r.ID == 0 {
			all = append(all, "a future")
			continue
		}
		all = append(all, visible(r.Name))
	}
	if more > 0 {
		all = append(all, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(all, ", ")
}
