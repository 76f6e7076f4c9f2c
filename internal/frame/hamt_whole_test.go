package frame

import (
	"iter"
	"maps"
	"math/bits"
	"math/rand/v2"
	"testing"
	"weak"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// Numbers 87 to 90 of the behaviour list: see hamt_test.go.

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
