package debugvars

import "strconv"

// deepest is how many levels of a tree are on one page: browsers stop nesting at some depth, and
// readers long before.
const deepest = 40

// writeTree writes the goroutines below those that have started them.
func (p *page) writeTree() {
	if len(p.snapshot.Tree) == 0 {
		if !p.snapshot.Summarised {
			p.writeNoGoroutine()
		}
		return
	}
	p.writeNodes(p.snapshot.Tree, 1)
	p.writeMore()
}

func (p *page) writeNodes(nodes []*Node, depth int) {
	p.open("ul", "class", "tree", "data-key", "started")
	keys := rowKeys{}
	for _, n := range nodes {
		p.open("li", "data-key", keys.of(n.Goroutine))
		p.writeNode(n)
		p.writeStarted(n, depth)
		p.close()
	}
	p.close()
}

// writeNode writes a goroutine of a tree; in lower contrast if it is there for those below it only.
func (p *page) writeNode(n *Node) {
	class := "node"
	if n.Between {
		class = "node between"
	}
	p.open("div", "class", class)
	for _, part := range []struct {
		class string
		write func()
	}{
		{"who", func() { p.writeWho(n.Goroutine) }},
		{"held", func() { p.writeHeld(n.Goroutine) }},
		{"stands", func() { p.writeStack(n.Where, n.Stack) }},
	} {
		p.open("div", "class", part.class)
		part.write()
		p.close()
	}
	p.close()
}

// writeStarted writes those that n has started.
func (p *page) writeStarted(n *Node, depth int) {
	if len(n.Started) == 0 {
		return
	}
	has := "has started " + strconv.Itoa(len(n.Started))
	if depth == deepest && n.ID != 0 {
		p.open("p", "class", "more")
		p.text(has, ": follow ")
		p.writeLink(n.ID)
		p.close()
		return
	}
	p.open("details", "class", "started", "open", "", "data-key", "started")
	p.element("summary", has)
	p.writeNodes(n.Started, depth+1)
	p.close()
}
