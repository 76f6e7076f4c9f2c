package frame

import "github.com/gocontextvars/contextvars/internal/slot"

// Changes calls each once for every variable that has another word in f than in
// base, or a word in only one of them. What the two share is skipped, so it costs
// as much as they differ, not as much as they hold. Either may be nil: empty.
func (f *Frame) Changes(base *Frame, each func(k *Key)) {
	if f == base {
		return
	}
	empty := New(nil, nil)
	if f == nil {
		f = empty
	}
	if base == nil {
		base = empty
	}
	d := diff{f, base, each}
	for i := range uint(f.mask) + 1 {
		d.ours(*f.cell(i))
	}
	for i := range uint(base.mask) + 1 {
		d.theirs(*base.cell(i))
	}
	d.nodes(f.root(), base.root())
	d.nodes(f.locals(), base.locals())
}

// diff compares two frames. A variable may stand in a cell of one and in the
// trie of the other, so each difference in place is looked up once more as a
// whole; f's side reports what is in f, base's side the remainder.
type diff struct {
	f, base *Frame
	each    func(*Key)
}

func (d diff) ours(c cell) {
	if c.key == nil {
		return
	}
	if w, ok := d.base.Find(c.key); !ok || w != c.val {
		d.each(c.key)
	}
}

func (d diff) theirs(c cell) {
	if c.key == nil {
		return
	}
	if _, ok := d.f.Find(c.key); !ok {
		d.each(c.key)
	}
}

func (d diff) nodes(a, b *node) {
	if a == b {
		return
	}
	for bit := uint16(1); bit != 0; bit <<= 1 {
		ca, cb := a.cellOf(bit), b.cellOf(bit)
		switch {
		case ca == cb: // the same variable and word, the same child, or nothing
		case ca.isChild() && cb.isChild():
			d.nodes(ca.child(), cb.child())
		default:
			ca.leaves(d.ours)
			cb.leaves(d.theirs)
		}
	}
}

// cellOf returns the digit's cell, a zero cell if it has none.
func (n *node) cellOf(bit uint16) cell {
	if n == nil || n.used&bit == 0 {
		return cell{}
	}
	return *n.cell(n.at(bit))
}

func (c cell) isChild() bool { return c.key == nil && c.val != slot.Word{} }

func (c cell) leaves(visit func(cell)) {
	if c.isChild() {
		c.child().all(func(k *Key, w slot.Word) bool {
			visit(cell{k, w})
			return true
		})
		return
	}
	visit(c)
}
