package frame

import (
	"math/bits"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// With returns a frame like f, which is not on lease, in which k has the word w, and label for a
// text if it is a label. It is a new frame also where nothing changes: a token needs
// one of its own.
func (f *Frame) With(k *Key, w slot.Word, label string) *Frame {
	// Most Sets change a variable that has its first choice of cells; most of the
	// others are the first of a context.
	if i := k.num & uint(f.mask); f.cell(i).key == k && !k.special {
		var g *Frame
		if f.mask == 0 {
			g = slot.NewBlock1[Frame, cell]()
			g.cell(0).key = k
		} else {
			g = slot.CloneCells[Frame, cell](f, f.class())
		}
		f.inherit(g, f.mask)
		g.cell(i).val = w
		return g.noteChange(k)
	}
	return f.put(k, w, label).noteChange(k)
}

// put is With but for what frames note about changes.
func (f *Frame) put(k *Key, w slot.Word, label string) *Frame {
	f = f.standing()
	if k.Local {
		return f.withRest(func(r *rest) { r.locals, _ = r.locals.with(k, w, 0) })
	}
	g := f.with(k, w)
	if k.Text != nil {
		g.tag(k, label)
	}
	return g
}

// Without returns a frame like f, which is not on lease, in which k has no word.
func (f *Frame) Without(k *Key) *Frame {
	f = f.standing()
	if k.Local {
		return f.withRest(func(r *rest) { r.locals, _ = r.locals.without(k, 0) }).noteChange(k)
	}
	g := f.without(k)
	if k.Text != nil {
		g.untag(k)
	}
	return g.noteChange(k)
}

// Owned returns f's content for another owner and for a goroutine with the
// labels own. Local variables, and the layer, come along only to the same owner.
func (f *Frame) Owned(o *Owner, own []slot.Label) *Frame {
	return f.clone().owned(f, o, own)
}

// owned makes f, a copy of from that nobody has seen yet, one of o's.
func (f *Frame) owned(from *Frame, o *Owner, own []slot.Label) *Frame {
	f.Owner = o
	f.setOwn(own)
	if o != from.Owner {
		f.dropLocals()
		f.leaveLayer()
	}
	return f
}

// Entry is a key with its word, its text if it is a label, and where it was set if that is known.
type Entry struct {
	Key   *Key
	Word  slot.Word
	Label string
	Site  *Site
}

// OwnedWith returns f.Owned(o, own) with the entries set, one after the other, in as few
// allocations as one Set where there are no special keys and the frame has room.
func (f *Frame) OwnedWith(o *Owner, own []slot.Label, entries []Entry) *Frame {
	if f = f.standing(); f.watched() {
		// In one piece, also if the life ends meanwhile.
		l := f.rest.life
		return f.withLife(nil).OwnedWith(o, own, entries).withLife(l)
	}
	n := f.n
	for _, e := range entries {
		if n < maxCells && !e.Key.special && f.index(e.Key) < 0 {
			n++
		}
	}
	g := f
	if class := classFor(n); class > f.class() {
		g = f.resized(class)
	} else {
		g = f.clone()
	}
	g = g.owned(f, o, own)
	for _, e := range entries {
		switch i := g.index(e.Key); {
		case e.Key.special:
			g = g.With(e.Key, e.Word, e.Label)
		case i >= 0:
			g.cell(uint(i)).val = e.Word
		case g.n <= g.mask && g.root() == nil:
			g.place(e.Key, e.Word)
		default:
			g = g.with(e.Key, e.Word)
		}
		if e.Site != nil {
			g.note(e.Key, e.Site)
		} else {
			g.noteChange(e.Key)
		}
	}
	if small := classFor(g.n); small < g.class() { // some were there twice
		return g.resized(small)
	}
	return g
}

// Shared returns f as others than its owner may have it: without local
// variables. Nearly always that is f itself.
func (f *Frame) Shared() *Frame {
	if f.locals() == nil {
		return f
	}
	g := f.clone()
	g.dropLocals()
	return g
}

// clone returns a copy that may still be changed.
func (f *Frame) clone() *Frame { return f.inherit(slot.CloneCells[Frame, cell](f, f.class()), f.mask) }

// inherit gives g, whose cells are the caller's business, the other fields of f.
func (f *Frame) inherit(g *Frame, mask uint8) *Frame {
	g.MarkLike(&f.Head)
	g.Owner, g.rest = f.Owner, f.rest
	g.mask, g.n, g.strays = mask, f.n, f.strays
	return g
}

func (f *Frame) with(k *Key, w slot.Word) *Frame {
	if i := f.index(k); i >= 0 {
		g := f.clone()
		g.cell(uint(i)).val = w
		return g
	}
	if _, inTrie := f.root().find(k); inTrie || f.n == maxCells || f.watched() {
		root, added := f.root().with(k, w, 0)
		return f.withRest(func(r *rest) {
			r.root = root
			if added {
				r.size++
			}
		})
	}
	var g *Frame
	if f.n <= f.mask {
		g = f.clone()
	} else {
		g = f.resized(f.class() + 1)
	}
	g.place(k, w)
	return g
}

func (f *Frame) without(k *Key) *Frame {
	if i := f.index(k); i >= 0 {
		g := f.clone()
		*g.cell(uint(i)) = cell{}
		g.n--
		if small := classFor(g.n); small < g.class() {
			return g.resized(small)
		}
		return g
	}
	if root, removed := f.root().without(k, 0); removed {
		return f.withRest(func(r *rest) { r.root, r.size = root, r.size-1 })
	}
	return f.clone()
}

// withRest returns a clone whose rest is a copy that was changed.
func (f *Frame) withRest(change func(*rest)) *Frame {
	g := f.clone()
	g.changeRest(change)
	return g
}

// changeRest is for frames that nobody has seen yet.
func (f *Frame) changeRest(change func(*rest)) {
	r := new(rest)
	if f.rest != nil {
		*r = *f.rest
	}
	change(r)
	if f.rest = r; r.root == nil && r.locals == nil && r.tags == nil && r.lease == nil && r.life == nil && r.layer == nil && r.sites == nil {
		f.rest = nil
	}
}

// place puts k, which f does not hold, into a free cell; there must be one.
func (f *Frame) place(k *Key, w slot.Word) {
	mask := uint(f.mask)
	i := k.num & mask
	if f.cell(i).key != nil {
		i = (i ^ 1) & mask
	}
	for f.cell(i).key != nil {
		i = (i + 1) & mask
		f.strays = true
	}
	*f.cell(i) = cell{k, w}
	f.n++
}

// resized returns f with another number of cells, and each key where it belongs.
func (f *Frame) resized(class uint8) *Frame {
	g := f.inherit(slot.NewBlock[Frame, cell](class), 1<<class-1)
	g.n, g.strays = 0, false
	for i := range uint(f.mask) + 1 {
		if c := f.cell(i); c.key != nil {
			g.place(c.key, c.val)
		}
	}
	return g
}

// classFor returns the smallest class with room for n variables.
func classFor(n uint8) uint8 {
	if n <= 1 {
		return 0
	}
	return uint8(bits.Len8(n - 1))
}

func (f *Frame) dropLocals() {
	if f.locals() != nil {
		f.changeRest(func(r *rest) {
			r.locals.all(func(k *Key, _ slot.Word) bool {
				r.setSite(k, nil)
				return true
			})
			r.locals = nil
		})
	}
}
