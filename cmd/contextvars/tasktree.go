package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gocontextvars/contextvars/debugvars"
)

// writeTaskTree writes the tasks of event loops below those that wait for them, as asyncio's pstree does.
func writeTaskTree(w io.Writer, s *debugvars.Snapshot, width int) error {
	out := bufio.NewWriter(w) // keeps its error
	tasks := 0
	loops := slices.DeleteFunc(slices.Clone(s.Loops), func(l *debugvars.Loop) bool { return l == nil }) // whoever has sent them
	for _, l := range loops {
		tasks += len(l.Tasks)
	}
	writeLine(out, fmt.Sprintf("%s, process %d, %s: tasks in event loops: %d", visible(s.Program), s.PID, visible(s.Go), tasks), width)
	for _, l := range loops {
		fmt.Fprintf(out, "\nloop %d\n", l.Number)
		if l.Note != "" {
			fmt.Fprintln(out, "Note: "+visible(l.Note))
		}
		t := newTaskTree(out, l, width)
		for _, root := range l.Tasks {
			if root != nil && len(root.AwaitedBy) == 0 {
				t.write(root, 0, "", "")
			}
		}
		for _, rest := range l.Tasks {
			if rest != nil && !t.written[rest.ID] { // they wait for each other, or for those that are not shown
				t.write(rest, 0, "", "")
			}
		}
	}
	for _, note := range s.Notes {
		fmt.Fprintln(out, "\nNote: "+visible(note))
	}
	return out.Flush()
}

// A taskTree is one loop's.
type taskTree struct {
	out     io.Writer
	width   int
	tasks   map[uint64]*debugvars.Task
	written map[uint64]bool
}

func newTaskTree(out io.Writer, l *debugvars.Loop, width int) *taskTree {
	t := &taskTree{out: out, width: width, tasks: map[uint64]*debugvars.Task{}, written: map[uint64]bool{}}
	for _, task := range l.Tasks {
		if task != nil {
			t.tasks[task.ID] = task
		}
	}
	return t
}

// deepest is where a tree stops moving to the right.
const deepest = 40

func (t *taskTree) write(task *debugvars.Task, depth int, joint, below string) {
	if t.written[task.ID] {
		t.line(joint + visible(task.Name) + " (see above)")
		return
	}
	t.written[task.ID] = true
	t.line(joint + describe(task))
	for i, ref := range task.Awaits {
		joint, next := below+"├─ ", below+"│  "
		if i == len(task.Awaits)-1 && task.AwaitsMore == 0 {
			joint, next = below+"└─ ", below+"   "
		}
		if depth >= deepest {
			joint, next = fmt.Sprintf("%s(%d deep) ", below, depth+1), below
		}
		if child := t.tasks[ref.ID]; child != nil && ref.ID != 0 {
			t.write(child, depth+1, joint, next)
			continue
		}
		t.line(joint + strings.TrimSpace("future "+visible(ref.Name)))
	}
	if task.AwaitsMore > 0 {
		t.line(fmt.Sprintf("%s└─ and %d more", below, task.AwaitsMore))
	}
}

func describe(t *debugvars.Task) string {
	text := visible(t.Name) + " [" + visible(t.State)
	if t.In != "" {
		text += " in " + visible(t.In)
	}
	text += "]"
	if len(t.Variables) > 0 {
		var all []string
		for _, v := range t.Variables {
			all = append(all, visible(v.Name)+"="+visible(v.Value))
		}
		text += " {" + strings.Join(all, ", ") + "}"
	}
	if len(t.Stack) > 0 {
		c := t.Stack[0]
		text += fmt.Sprintf(" %s %s:%d", visible(base(c.Func)), visible(base(c.File)), c.Line)
	}
	return text
}

// base is a name without its folders.
func base(path string) string { return path[strings.LastIndexAny(path, `/\`)+1:] }

func (t *taskTree) line(text string) { writeLine(t.out, text, t.width) }

// writeLine writes a line of at most width characters; 0 is any number.
func writeLine(w io.Writer, text string, width int) {
	if width > 0 && utf8.RuneCountInString(text) > width {
		text = string([]rune(text)[:width-1]) + "…"
	}
	fmt.Fprintln(w, text)
}
