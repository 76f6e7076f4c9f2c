package dump

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

// WriteTable writes the dump for people: under each value of the label the goroutines, those that are
// alike in one line. Without a label it is one table. Values and names are cut, and
// quoted where a terminal would not show them as they are.
func (d *Dump) WriteTable(w io.Writer, label string) error {
	out := bufio.NewWriter(w)
	d.writeTitle(out)
	if label == "" {
		writeKinds(out, d.Goroutines)
		return out.Flush()
	}
	for i, group := range d.GroupBy(label) {
		if i > 0 {
			fmt.Fprintln(out)
		}
		name := plain(label) + " " + strconv.Quote(cut(group.Value, maxShown))
		if group.Missing {
			name = "no " + plain(label)
		}
		fmt.Fprintf(out, "%s: %s\n", name, goroutines(group.Count))
		writeKinds(out, group.Goroutines)
	}
	return out.Flush()
}

func (d *Dump) writeTitle(w io.Writer) {
	if d.Reason != "" {
		first, _, _ := strings.Cut(d.Reason, "\n")
		fmt.Fprintln(w, plain(first))
	}
	fmt.Fprintf(w, "%s\n\n", goroutines(d.Count()))
}

func goroutines(n int) string {
	if n == 1 {
		return "1 goroutine"
	}
	return strconv.Itoa(n) + " goroutines"
}

// A kind has goroutines that look alike.
type kind struct {
	state, where, createdBy string
	count                   int
	example                 *Goroutine
	longest                 uint64 // wait, in minutes
}

func writeKinds(w io.Writer, goroutines []*Goroutine) {
	type key struct{ state, where, createdBy string }
	index := map[key]*kind{}
	var kinds []*kind
	for _, g := range goroutines {
		k := key{g.status(), g.where(), g.creator()}
		found := index[k]
		if found == nil {
			found = &kind{state: k.state, where: k.where, createdBy: k.createdBy, example: g}
			index[k] = found
			kinds = append(kinds, found)
		}
		found.count += g.Count
		found.longest = max(found.longest, g.WaitMinutes)
	}
	slices.SortStableFunc(kinds, func(a, b *kind) int { return cmp.Compare(b.count, a.count) })
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, k := range kinds {
		state := k.state
		if k.longest > 0 {
			state += fmt.Sprintf(", up to %d minutes", k.longest)
		}
		example := ""
		if k.example.ID != 0 {
			example = fmt.Sprintf("goroutine %d", k.example.ID)
			if k.count > 1 {
				example = "such as " + example
			}
		}
		fmt.Fprintf(tw, "  %d\t%s\t%s\t%s\t%s\n", k.count, state, k.where, k.createdBy, example)
	}
	_ = tw.Flush() // w keeps its error
}

// WriteTree writes the goroutines below those that started them. Creators that are no longer there
// are left out, so what they have started stands at the top. Goroutines that are alike and have started
// none are one line.
func (d *Dump) WriteTree(w io.Writer) error {
	out := bufio.NewWriter(w)
	d.writeTitle(out)
	t := tree{out: out, children: map[uint64][]*Goroutine{}, written: map[*Goroutine]bool{}}
	present := map[uint64]bool{}
	for _, g := range d.Goroutines {
		present[g.ID] = true
	}
	var roots []*Goroutine
	for _, g := range d.Goroutines {
		if g.ID == 0 || g.CreatorID == 0 || !present[g.CreatorID] {
			roots = append(roots, g)
		} else {
			t.children[g.CreatorID] = append(t.children[g.CreatorID], g)
		}
	}
	t.write(roots)
	for _, g := range d.Goroutines { // rings, in a text that was made up
		if !t.written[g] {
			t.write([]*Goroutine{g})
		}
	}
	return out.Flush()
}

type tree struct {
	out      *bufio.Writer
	children map[uint64][]*Goroutine
	written  map[*Goroutine]bool
}

// maxDepth is where a tree stops moving to the right.
const maxDepth = 40

// A branch is a goroutine that has yet to be written.
type branch struct {
	g      *Goroutine
	count  int
	depth  int
	last   bool   // among its siblings
	indent string // of its children
}

func (t *tree) write(roots []*Goroutine) {
	stack := t.branches(nil, roots, 0, "")
	for len(stack) > 0 {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if t.written[b.g] && b.count == b.g.Count {
			continue
		}
		t.written[b.g] = true
		indent := b.indent
		switch {
		case b.depth > maxDepth:
			fmt.Fprintf(t.out, "%s(%d deep) ", indent, b.depth)
		case b.depth > 0 && b.last:
			t.out.WriteString(indent + "└─ ")
			indent += "   "
		case b.depth > 0:
			t.out.WriteString(indent + "├─ ")
			indent += "│  "
		}
		t.line(b)
		if b.g.ID != 0 {
			stack = t.branches(stack, t.children[b.g.ID], b.depth+1, indent)
		}
	}
}

// branches puts goroutines onto the stack, the first one on top.
func (t *tree) branches(stack []branch, list []*Goroutine, depth int, indent string) []branch {
	type key struct{ state, where, createdBy, labels string }
	alike := map[key]int{}
	var found []branch
	for _, g := range list {
		if len(t.children[g.ID]) > 0 && g.ID != 0 {
			found = append(found, branch{g: g, count: g.Count})
			continue
		}
		k := key{g.status(), g.where(), g.creator(), string(appendLabels(nil, g.Labels, false))}
		if i, ok := alike[k]; ok {
			found[i].count += g.Count
			t.written[g] = true
			continue
		}
		alike[k] = len(found)
		found = append(found, branch{g: g, count: g.Count})
	}
	for i := range slices.Backward(found) {
		b := &found[i]
		b.depth, b.indent, b.last = depth, indent, i == len(found)-1
		stack = append(stack, *b)
	}
	return stack
}

func (t *tree) line(b branch) {
	g := b.g
	switch {
	case b.count != 1 && g.ID == 0:
		fmt.Fprintf(t.out, "%d × ", b.count)
	case b.count != 1:
		fmt.Fprintf(t.out, "%d × such as %d ", b.count, g.ID)
	case g.ID != 0:
		fmt.Fprintf(t.out, "%d ", g.ID)
	}
	t.out.WriteString(strings.TrimSpace(g.status() + " " + g.where()))
	if len(g.Labels) > 0 {
		t.out.WriteString(" {")
		for i, l := range g.Labels {
			if i > 0 {
				t.out.WriteString(", ")
			}
			t.out.WriteString(plain(l.Key) + ": " + strconv.Quote(cut(l.Value, maxShown)))
		}
		t.out.WriteByte('}')
	}
	if b.depth == 0 && g.CreatorID != 0 {
		fmt.Fprintf(t.out, " started by %d", g.CreatorID)
	}
	t.out.WriteByte('\n')
}

// status is for people: the state with what else is remarkable, without the time.
func (g *Goroutine) status() string {
	s := plain(g.State)
	for _, mark := range []struct {
		set  bool
		text string
	}{{g.Leaked, "leaked"}, {g.Locked, "locked to thread"}, {g.Unavailable, "stack unavailable"}, {g.Truncated, "truncated"}} {
		if mark.set {
			s += ", " + mark.text
		}
	}
	return strings.TrimPrefix(s, ", ")
}

func (g *Goroutine) where() string {
	f := g.Where()
	if f == nil {
		return ""
	}
	return plain(f.Func) + " " + f.at()
}

func (g *Goroutine) creator() string {
	if g.CreatedBy == nil {
		return ""
	}
	return "by " + plain(g.CreatedBy.Func)
}

// at is the file's name without its folders, and the line.
func (f *Frame) at() string {
	if f.File == "" {
		return ""
	}
	name := f.File[strings.LastIndexAny(f.File, `/\`)+1:]
	return plain(name) + ":" + strconv.Itoa(f.Line)
}

const maxShown = 100 // bytes of a value or a name

// plain returns a text that a terminal can show as it is.
func plain(s string) string {
	shown := cut(s, maxShown)
	if !utf8.ValidString(shown) || strings.ContainsFunc(shown, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(shown)
	}
	return shown
}
