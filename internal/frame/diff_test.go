package frame

import (
	"slices"
	"testing"
)

func changes(f, base *Frame) []string {
	var keys []*Key
	f.Changes(base, func(k *Key) { keys = append(keys, k) })
	return names(keys)
}

func TestChangesOfNothing(t *testing.T) {
	f := New(nil, nil).set(playKeys[0], word(0))
	for _, pair := range [][2]*Frame{{nil, nil}, {nil, New(nil, nil)}, {New(nil, nil), nil}, {f, f}} {
		if have := changes(pair[0], pair[1]); have != nil {
			t.Errorf("changes are %v", have)
		}
	}
	want := []string{playKeys[0].Name}
	if have := changes(f, nil); !slices.Equal(have, want) {
		t.Errorf("changes since nil are %v", have)
	}
	if have := changes(nil, f); !slices.Equal(have, want) {
		t.Errorf("changes to nil are %v", have)
	}
}

func TestChangesAcrossCellsAndTrie(t *testing.T) {
	var keys []*Key
	for i := range uint(20) {
		keys = append(keys, numbered(i*4))
	}
	inCell := func(f *Frame, k *Key) bool { return f.index(k) >= 0 }
	// In f the first eight stand in cells, in g the last eight.
	f, g := New(nil, nil), New(nil, nil)
	for i, k := range keys {
		f = f.set(k, word(i))
		last := len(keys) - 1 - i
		g = g.set(keys[last], word(last))
	}
	if !inCell(f, keys[0]) || inCell(g, keys[0]) || inCell(f, keys[19]) || !inCell(g, keys[19]) || inCell(f, keys[10]) || inCell(g, keys[10]) {
		t.Fatal("the variables do not stand where this test wants them")
	}
	if have := changes(f, g); have != nil {
		t.Errorf("equal frames have changes %v", have)
	}
	for _, k := range keys {
		for what, h := range map[string]*Frame{"changed": g.set(k, word(100)), "gone": g.Without(k)} {
			if have := changes(f, h); !slices.Equal(have, []string{k.Name}) {
				t.Errorf("%s %s: changes are %v", k.Name, what, have)
			}
			if have := changes(h, f); !slices.Equal(have, []string{k.Name}) {
				t.Errorf("%s %s: changes the other way are %v", k.Name, what, have)
			}
		}
	}
}

func TestChangesOfLocals(t *testing.T) {
	a, b := local(1), local(2)
	f := New(new(Owner), nil).set(a, word(1)).set(b, word(2))
	g := f.set(a, word(3)).Without(b)
	want := names([]*Key{a, b})
	if have := changes(g, f); !slices.Equal(have, want) {
		t.Errorf("changes are %v, want %v", have, want)
	}
	if have := changes(f.Shared(), f); !slices.Equal(have, want) {
		t.Errorf("changes of Shared are %v, want %v", have, want)
	}
}

// Labels and owners are no content.
func TestChangesIgnoreWhoseTheFrameIs(t *testing.T) {
	f := filled().set(playKeys[0], word(0))
	if have := changes(f.Owned(new(Owner), playLabels[1]), f); have != nil {
		t.Errorf("changes are %v", have)
	}
}

func nodes(n *node, visit func(*node)) {
	if n == nil {
		return
	}
	visit(n)
	for i := range n.len() {
		if c := *n.cell(i); c.isChild() {
			nodes(c.child(), visit)
		}
	}
}

// One change among 1000 variables makes few nodes, and Changes looks at no
// others: every variable in a node that both frames share is replaced by one that
// does not belong there, which Changes would report.
func TestChangesSkipWhatIsShared(t *testing.T) {
	base := New(nil, nil)
	var keys []*Key
	for i := range uint(1000) {
		keys = append(keys, numbered(i))
		base = base.set(keys[i], word(0))
	}
	changed := keys[777]
	f := base.set(changed, word(1))

	inBase := make(map[*node]bool)
	nodes(base.root(), func(n *node) { inBase[n] = true })
	var shared []*node
	own := 0
	nodes(f.root(), func(n *node) {
		if inBase[n] {
			shared = append(shared, n)
		} else {
			own++
		}
	})
	if own > 3 || len(shared) < 50 {
		t.Fatalf("frames that differ in one variable have %d nodes of their own and share %d", own, len(shared))
	}
	wrong := numbered(1 << 30)
	planted := 0
	for _, n := range shared {
		for i := range n.len() {
			if c := n.cell(i); c.key != nil {
				c.key = wrong
				planted++
			}
		}
	}
	if have := changes(f, base); !slices.Equal(have, []string{changed.Name}) {
		t.Errorf("changes are %v, want %s", have, changed.Name)
	}
	// What was planted does show where nothing is shared.
	reported := 0
	f.Changes(nil, func(k *Key) {
		if k == wrong {
			reported++
		}
	})
	if reported != planted {
		t.Errorf("a visit reports %d of %d planted variables", reported, planted)
	}
}

// Setting one of 1000 variables copies the way to it, not the others.
func TestWithCopiesOnlyTheWay(t *testing.T) {
	f := New(nil, nil)
	var keys []*Key
	for i := range uint(1000) {
		keys = append(keys, numbered(i))
		f = f.set(keys[i], word(0))
	}
	skipIfInstrumented(t)
	w := word(1)
	var sink *Frame
	n := testing.AllocsPerRun(100, func() { sink = f.set(keys[999], w) })
	if n > 5 { // frame, rest, three nodes
		t.Errorf("With allocates %v times", n)
	}
	if have, _ := sink.Find(keys[999]); have != w {
		t.Error("With did not set")
	}
}
