package frame

import (
	"fmt"
	"iter"
	"maps"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// The tests in this file and in hamt_whole_test.go are numbers 76 to 90 of the behaviour list, on Python's
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
