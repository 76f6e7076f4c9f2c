package frame

import (
	"fmt"
	"iter"
	"maps"
	"math/bits"
	"math/rand/v2"
	"testing"
	"weak"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// The tests in this file are numbers 76 to 90 of the behaviour list, on Python's
// persistent map. Two things are different here and wanted:
//
//   - A variable's number is its hash, and no two variables have the same, so there
//     are no full collisions. Numbers that end alike in any number of digits, which
//     lead as deep into the trie as there are digits, take their place.
//   - Where Python returns the same map, because nothing changed, With and Without return
//     a new frame: a token needs one of its own. That nothing changed shows in
//     Changes.

const topDigit = bits.UintSize - digitBits

func noChanges(t *testing.T, f, g *Frame) {
	t.Helper()
	f.Changes(g, func(k *Key) { t.Errorf("%s is a change", k.Name) })
}

func Test76OldVersionsKeepTheirContent(t *testing.T) {
	f := New(nil, nil)
	if f.Len() != 0 {
		t.Fatalf("an empty frame has %d variables", f.Len())
	}
	type old struct {
		f    *Frame
		want map[*Key]slot.Word
	}
	want := map[*Key]slot.Word{}
	olds := []old{{f, maps.Clone(want)}}
	for i := range uint(40) {
		k := numbered(i * 3)
		f = f.set(k, word(int(i)))
		want[k] = word(int(i))
		olds = append(olds, old{f, maps.Clone(want)})
	}
	for _, o := range olds {
		expect(t, o.f, o.want)
	}
}

func Test77SameWordIsNoChange(t *testing.T) {
	for _, f := range []*Frame{New(nil, nil), filled()} {
		k := numbered(3)
		f = f.set(k, word(1000))
		w, _ := f.Find(k)
		same := f.set(k, w)
		noChanges(t, f, same)
		if same == f {
			t.Error("With returned the frame it was called on: tokens could not be told apart")
		}
		// An equal word that is not the identical one is another word.
		var changed []*Key
		f.set(k, word(1000)).Changes(f, func(k *Key) { changed = append(changed, k) })
		if len(changed) != 1 || changed[0] != k {
			t.Errorf("an equal word of another Set makes changes %v", names(changed))
		}
	}
}

func Test78WithoutAbsentIsNoChange(t *testing.T) {
	for _, f := range []*Frame{New(nil, nil), New(nil, nil).set(numbered(0), word(0)), filled(),
		filled().set(numbered(0), word(0)), filled().set(numbered(16), word(0)).set(numbered(0), word(0))} {
		for _, absent := range []*Key{numbered(32), numbered(1), local(0)} {
			g := f.Without(absent)
			noChanges(t, f, g)
			if g == f || g.Len() != f.Len() {
				t.Error("Without of an absent variable is not a like frame of its own")
			}
			sound(t, g)
		}
	}
}

// together puts keys into the trie in the order given and takes them out in every
// rotation of it, and looks at every version on the way.
func together(t *testing.T, keys ...*Key) {
	t.Helper()
	base := filled()
	fill := maps.Collect(iter.Seq2[*Key, slot.Word](base.All))
	type old struct {
		f    *Frame
		want map[*Key]slot.Word
	}
	for rotation := range keys {
		f, want := base, maps.Clone(fill)
		var olds []old
		step := func(g *Frame) {
			f = g
			olds = append(olds, old{f, maps.Clone(want)})
		}
		for i, k := range keys {
			want[k] = word(i)
			step(f.set(k, word(i)))
		}
		for i, k := range keys {
			want[k] = word(1000 + i)
			step(f.set(k, want[k]))
		}
		for i := range keys {
			k := keys[(i+rotation)%len(keys)]
			delete(want, k)
			step(f.Without(k))
		}
		for _, o := range olds {
			expect(t, o.f, o.want)
		}
		if f.root() != nil {
			t.Fatal("a trie is left without variables")
		}
	}
}

func Test79SharedPrefixes(t *testing.T) {
	for shift := uint(0); shift < bits.UintSize; shift += digitBits {
		t.Run(fmt.Sprint(shift), func(t *testing.T) {
			a, b, c := numbered(5), numbered(5^1<<shift), numbered(5^2<<shift)
			together(t, a, b)
			together(t, a, b, c)
			together(t, c, a, b)
		})
	}
}

func Test80ThirdKeySharesPartOfThePrefix(t *testing.T) {
	for deep := uint(digitBits); deep < bits.UintSize; deep += digitBits {
		for shallow := uint(0); shallow < deep; shallow += digitBits {
			a, b, c := numbered(7), numbered(7^8<<deep), numbered(7^4<<shallow)
			together(t, a, b, c)
			together(t, c, a, b)
			together(t, a, c, b)
		}
	}
}

func Test81DeepestTrie(t *testing.T) {
	// All digits the same but the last, and all zero but the last.
	var keys []*Key
	for top := range uint(16) {
		keys = append(keys, numbered(top<<topDigit))
	}
	for top := range uint(16) {
		keys = append(keys, numbered(top<<topDigit|(1<<topDigit-1)))
	}
	together(t, keys...)

	f := filled()
	for _, k := range keys {
		f = f.set(k, word(0))
	}
	depth := 0
	for n := f.root(); ; depth++ {
		c := n.cellOf(1) // digit 0
		if !c.isChild() {
			break
		}
		n = c.child()
	}
	if want := topDigit / digitBits; depth != want {
		t.Fatalf("the trie is %d children deep, want %d", depth, want)
	}
}

func Test82NodesGrowToSixteenAndBack(t *testing.T) {
	keys := []*Key{numbered(16)} // shares digit 0 with the first of the rest
	for i := range uint(16) {
		keys = append(keys, numbered(i))
	}
	f := filled()
	for i, k := range keys {
		f = f.set(k, word(i))
		sound(t, f)
	}
	if n := f.root(); n.len() != 16 || n.class != slot.MaxClass || !n.cellOf(1).isChild() {
		t.Fatalf("the root has %d digits and class %d", n.len(), n.class)
	}
	r := rand.New(rand.NewPCG(82, 82))
	for range 20 {
		g, left := f, f.Len()
		for _, i := range r.Perm(len(keys)) {
			g, left = g.Without(keys[i]), left-1
			if _, ok := g.Find(keys[i]); ok || g.Len() != left {
				t.Fatalf("%s is still there, or more than it is gone", keys[i].Name)
			}
			sound(t, g)
		}
		if g.root() != nil {
			t.Fatal("a trie is left without variables")
		}
	}
	together(t, keys...)
}

func Test83LastOfAChildMovesUp(t *testing.T) {
	for shift := uint(digitBits); shift < bits.UintSize; shift += digitBits {
		a, b, c := numbered(9), numbered(9|1<<shift), numbered(9|2<<shift)
		f := filled().set(a, word(1)).set(b, word(2)).set(c, word(3))
		if !f.root().cellOf(1 << 9).isChild() {
			t.Fatal("three variables stand in one cell")
		}
		f = f.Without(b)
		if _, ok := f.Find(a); !ok || f.root().cellOf(1<<9).key != nil {
			t.Fatal("two variables do not share a child")
		}
		f = f.Without(c)
		if have := f.root().cellOf(1 << 9); have.key != a || have.val != word(1) {
			t.Fatalf("the only one left stands %d bits deep still", shift)
		}
	}
}

func Test84EmptiedIsLikeFresh(t *testing.T) {
	var keys []*Key
	for i := range uint(30) {
		keys = append(keys, numbered(i*5))
	}
	f := New(nil, nil)
	for _, k := range keys {
		f = f.set(k, word(0))
	}
	for _, k := range keys {
		f = f.Without(k)
	}
	if f.Len() != 0 || f.mask != 0 || f.root() != nil || f.strays {
		t.Errorf("emptied frame: Len %d, mask %d, root %v, strays %v", f.Len(), f.mask, f.root(), f.strays)
	}
	f.All(func(k *Key, _ slot.Word) bool {
		t.Errorf("All visits %s", k.Name)
		return true
	})
	noChanges(t, f, New(nil, nil))
	noChanges(t, New(nil, nil), f)
	noChanges(t, f, nil)
}

func Test85NumbersWithTheTopBit(t *testing.T) {
	const top = 1 << (bits.UintSize - 1)
	together(t, numbered(top), numbered(top|1), numbered(top|8), numbered(^uint(0)), numbered(0), numbered(^uint(0)-8))
	f, want := New(nil, nil), map[*Key]slot.Word{}
	for i := range uint(6) {
		k := numbered(top | i*8)
		f, want[k] = f.set(k, word(int(i))), word(int(i))
		expect(t, f, want)
	}
}

// Keys are compared by address and numbers are no code, so nothing in an update can
// fail but the text of a label, which is asked for before.
func Test86FailureLeavesTheFrameUnchanged(t *testing.T) {
	bad := labelled(4, "bad")
	bad.Text = func(w slot.Word) string {
		if number(w) == 13 {
			panic("no text")
		}
		return "fine"
	}
	for _, f := range []*Frame{New(nil, nil), filled()} {
		f = f.set(bad, word(1))
		want := maps.Collect(iter.Seq2[*Key, slot.Word](f.All))
		func() {
			defer func() {
				if recover() != "no text" {
					t.Error("With swallowed a panic")
				}
			}()
			f.set(bad, word(13))
		}()
		expect(t, f, want)
		if have := f.LabelOf(bad); have != "fine" {
			t.Errorf("the label is %q", have)
		}
	}
}

func Test87Stress(t *testing.T) {
	const size, compareEvery = 7000, 647
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	for round := range rounds {
		r := rand.New(rand.NewPCG(87, uint64(round)))
		keys := make([]*Key, size)
		taken := make(map[uint]bool)
		for i := range keys {
			num := uint(i)
			for round > 0 && (num == uint(i) || taken[num]) {
				num = uint(r.Uint64()) >> (r.UintN(bits.UintSize / 2)) // many small, all different
			}
			taken[num] = true
			keys[i] = numbered(num)
		}
		f, want := New(nil, nil), map[*Key]slot.Word{}
		for i, k := range keys {
			f = f.set(k, word(i))
			want[k] = word(i)
			w, _ := f.Find(k)
			want[k] = w // ints above 255 have a word of their own at each Pack
			if i%compareEvery == 0 {
				expect(t, f, want)
			}
		}
		expect(t, f, want)
		var snapshot *Frame
		var then map[*Key]slot.Word
		for step, i := range r.Perm(size) {
			if step == size/2 {
				snapshot, then = f, maps.Clone(want)
			}
			f = f.Without(keys[i])
			delete(want, keys[i])
			if step%compareEvery == 0 {
				expect(t, f, want)
			}
		}
		expect(t, f, want)
		expect(t, snapshot, then)
		if f.Len() != 0 {
			t.Fatalf("%d variables are left", f.Len())
		}
	}
}

func Test88AllCoversMixedLayouts(t *testing.T) {
	New(nil, nil).All(func(k *Key, _ slot.Word) bool {
		t.Errorf("an empty frame has %s", k.Name)
		return true
	})
	// Cells, strays, leaves and children at several depths, local and labelled ones.
	f, want := New(new(Owner), nil), map[*Key]slot.Word{}
	for i, k := range append([]*Key{numbered(0), numbered(8), numbered(16), numbered(5), numbered(24), numbered(1),
		numbered(2), numbered(32), numbered(3), numbered(19), numbered(3 | 1<<28), numbered(4)},
		local(100), local(108), labelled(5|1<<20, "label")) {
		f, want[k] = f.set(k, word(i)), word(i)
		expect(t, f, want)
	}
}

func Test89EqualityIgnoresHistory(t *testing.T) {
	r := rand.New(rand.NewPCG(89, 89))
	keys := append([]*Key{local(90)}, playKeys...)
	build := func() *Frame {
		f := New(new(Owner), nil)
		for _, i := range r.Perm(len(keys)) {
			f = f.set(keys[i], word(99)) // to be replaced
		}
		for _, i := range r.Perm(len(keys)) {
			if i%3 == 0 {
				f = f.Without(keys[i]) // to come back
			}
		}
		for _, i := range r.Perm(len(keys)) {
			f = f.set(keys[i], word(i))
		}
		return f
	}
	f := build()
	for range 50 {
		g := build()
		noChanges(t, f, g)
		noChanges(t, g, f)
		odd := keys[r.IntN(len(keys))]
		for what, h := range map[string]*Frame{
			"another word":  g.set(odd, word(100)),
			"a missing key": g.Without(odd),
		} {
			for _, pair := range [][2]*Frame{{f, h}, {h, f}} {
				var changed []*Key
				pair[0].Changes(pair[1], func(k *Key) { changed = append(changed, k) })
				if len(changed) != 1 || changed[0] != odd {
					t.Fatalf("%s gives changes %v, want %s", what, names(changed), odd.Name)
				}
			}
		}
	}
}

func Test90CyclesAreCollectable(t *testing.T) {
	type holder struct{ f *Frame }
	packing := slot.PackingOf[*holder]()
	cycle := func(f *Frame) weak.Pointer[holder] {
		h := new(holder)
		h.f = f.set(numbered(1), slot.Pack(h, packing))
		// An iterator that was not read to its end.
		next, stop := iter.Pull2(iter.Seq2[*Key, slot.Word](h.f.All))
		next()
		stop()
		return weak.Make(h)
	}
	for name, w := range map[string]weak.Pointer[holder]{"cell": cycle(New(nil, nil)), "trie": cycle(filled())} {
		if !collected(w) {
			t.Errorf("a value in a %s that holds its own frame is not collected", name)
		}
	}
}
