package debugvars

import (
	"bufio"
	"fmt"
	"io"
)

// WriteTree writes the goroutines in the snapshot below those that have started them, if the query has asked for a tree.
// Goroutines that do not differ and have started none are one line; those that stand in the tree only to connect others
// are in parentheses. Where values were set is not shown. A snapshot without a tree, since it is of another view or
// summarised, is written as [Snapshot.WriteTable] does. What [Snapshot.WriteTable] says of width, text and errors is true here, too.
func (s *Snapshot) WriteTree(w io.Writer, width int) error {
	if len(s.Tree) == 0 && (s.View != ViewTree || s.Summarised) {
		return s.WriteTable(w, width)
	}
	out := bufio.NewWriter(w)
	s.writeTitle(out, width)
	if len(s.Tree) == 0 {
		writeLine(out, "none", width)
	}
	t := tree{out: out, width: width}
	t.write(s.Tree, 0, "")
	s.writeNotes(out, width)
	return out.Flush()
}

type tree struct {
	out   io.Writer
	width int
}

// deepestText is where a tree stops moving to the right.
const deepestText = 40

func (t *tree) write(nodes []*Node, depth int, indent string) {
	branches := merge(nodes)
	for i, b := range branches {
		joint, below := "", ""
		switch {
		case depth > deepestText:
			joint = fmt.Sprintf("(%d deep) ", depth)
		case depth > 0 && i == len(branches)-1:
			joint, below = "└─ ", "   "
		case depth > 0:
			joint, below = "├─ ", "│  "
		}
		writeLine(t.out, indent+joint+b.text(depth == 0), t.width)
		t.write(b.started, depth+1, indent+below)
	}
}

// A branch is a line of a tree.
type branch struct {
	kin
	between bool
	started []*Node
}

// merge makes one branch of those nodes that have started none and do not differ.
func merge(nodes []*Node) (branches []*branch) {
	alike := make(map[string]*branch)
	for _, n := range nodes {
		if n == nil || n.Goroutine == nil {
			continue
		}
		b := &branch{kin: kin{example: n.Goroutine, count: 1, longest: n.WaitMinutes}, between: n.Between, started: n.Started}
		if len(n.Started) == 0 {
			key := visible(n.State) + b.rest(true)
			if n.ID == 0 {
				key += n.who()
			}
			if other := alike[key]; other != nil {
				other.count++
				other.longest = max(other.longest, n.WaitMinutes)
				continue
			}
			alike[key] = b
		}
		branches = append(branches, b)
	}
	return branches
}

func (b *branch) text(top bool) string {
	text := b.kin.who()
	switch state, wait := visible(b.example.State), b.wait(); {
	case state != "" && wait != "":
		text += " [" + state + ", " + wait + "]"
	case state != "":
		text += " [" + state + "]"
	}
	text += b.rest(top)
	if b.between {
		return "(" + text + ")"
	}
	return text
}

// rest is what stands behind the number and the state.
func (b *branch) rest(top bool) string {
	g := b.example
	origin := g.origin()
	if !top {
		origin = g.Created.short() // that in which goroutine can be seen
	}
	text := ""
	for _, part := range []struct{ before, text, after string }{
		{"{", g.values(), "}"},
		{"from ", g.from(), ""},
		{"", g.Where.short(), ""},
		{"for ", g.activity(), ""},
		{"created by ", origin, ""},
	} {
		if part.text != "" {
			text += " " + part.before + part.text + part.after
		}
	}
	return text
}
