package frame

import (
	"maps"
	"slices"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

func TestCellsGrowAndShrinkByNeed(t *testing.T) {
	for name, step := range map[string]uint{"neighbours": 1, "same cell": 8, "two cells": 4} {
		t.Run(name, func(t *testing.T) {
			f, want := New(nil, nil), map[*Key]slot.Word{}
			var keys []*Key
			for i := range uint(12) {
				k := numbered(i * step)
				keys = append(keys, k)
				f, want[k] = f.set(k, word(int(i))), word(int(i))
				expect(t, f, want)
				if n := int(i) + 1; n <= maxCells && f.rest != nil {
					t.Fatalf("%d variables need a trie", n)
				} else if n > maxCells && int(f.rest.size) != n-maxCells {
					t.Fatalf("%d of %d variables are in the trie", f.rest.size, n)
				}
			}
			full, wantFull := f, maps.Clone(want)
			for rotation := range keys {
				f, want := full, maps.Clone(wantFull)
				for i := range keys {
					k := keys[(i+rotation)%len(keys)]
					f = f.Without(k)
					delete(want, k)
					expect(t, f, want)
				}
			}
			expect(t, full, wantFull)
		})
	}
}

func TestVariableInTheTrieStaysThere(t *testing.T) {
	f := filled()
	k := numbered(3)
	f = f.set(k, word(1))
	var first *Key
	f.All(func(k *Key, _ slot.Word) bool {
		first = k
		return false
	})
	f = f.Without(first) // a cell is free now
	f = f.set(k, word(2))
	if w, ok := inTrie(f, k); !ok || w != word(2) {
		t.Error("the variable is not in the trie any more")
	}
	sound(t, f)
	other := numbered(4)
	f = f.set(other, word(3))
	if f.index(other) < 0 {
		t.Error("a new variable was not given the free cell")
	}
	sound(t, f)
}

func TestStraysAreFoundAfterEveryRemoval(t *testing.T) {
	// In every order, remove all but one of eight that want the same cell.
	var keys []*Key
	f := New(nil, nil)
	for i := range uint(8) {
		keys = append(keys, numbered(i*8))
		f = f.set(keys[i], word(int(i)))
	}
	for i, k := range keys {
		g := f
		for j, other := range keys {
			if i != j {
				g = g.Without(other)
				if w, ok := g.Find(k); !ok || w != word(i) {
					t.Fatalf("%s is lost after %s was removed", k.Name, other.Name)
				}
				sound(t, g)
			}
		}
		if g.strays {
			t.Error("a single variable is a stray")
		}
	}
}

func TestOwnedKeepsContentAndFormerFrame(t *testing.T) {
	a, b := new(Owner), new(Owner)
	labels := []slot.Label{{Key: "k", Value: "v"}}
	f, want := New(a, nil), map[*Key]slot.Word{}
	for i, k := range playKeys {
		f, want[k] = f.set(k, word(i)), word(i)
	}
	shared := maps.Clone(want)
	maps.DeleteFunc(shared, func(k *Key, _ slot.Word) bool { return k.Local })

	same, other := f.Owned(a, labels), f.Owned(b, labels)
	expect(t, same, want)
	expect(t, other, shared)
	expect(t, f, want)
	if f.Owner != a || same.Owner != a || other.Owner != b {
		t.Error("owners are wrong")
	}
	if f.HasOwn(labels) || !same.HasOwn(labels) || !other.HasOwn(labels) {
		t.Error("own labels are wrong")
	}
}

func TestSharedIsItselfWithoutLocals(t *testing.T) {
	f := New(new(Owner), nil)
	for _, k := range playKeys {
		if !k.Local {
			f = f.set(k, word(0))
		}
	}
	if f.Shared() != f {
		t.Error("Shared copies a frame without local variables")
	}
	k := local(1)
	if g := f.set(k, word(1)).Without(k); g.Shared() != g {
		t.Error("Shared copies a frame without local variables any more")
	}
	g := f.set(k, word(1))
	if h := g.Shared(); h == g || h.Owner != g.Owner || h.Len() != f.Len() {
		t.Error("Shared does not leave out local variables, and nothing else")
	}
}

func TestLocalsAreIndependent(t *testing.T) {
	keys := []*Key{local(0), local(8), local(16)}
	f, want := New(new(Owner), nil), map[*Key]slot.Word{}
	for i, k := range keys {
		f, want[k] = f.set(k, word(i)), word(i)
		expect(t, f, want)
	}
	f, want[keys[1]] = f.set(keys[1], word(7)), word(7)
	expect(t, f, want)
	before := maps.Clone(want)
	g := f
	for _, k := range keys {
		g = g.Without(k)
		delete(want, k)
		expect(t, g, want)
	}
	expect(t, f, before)
}

// A variable that is local and a label, too, is not among the labels, since a
// child would inherit those.
func TestLocalLabelIsNoTag(t *testing.T) {
	k := labelled(1, "label")
	k.Local = true
	k.Init()
	f := New(new(Owner), nil).set(k, word(1))
	if len(f.Labels()) != 0 || f.LabelOf(k) != "" {
		t.Errorf("labels are %v", f.Labels())
	}
	if w, ok := f.Find(k); !ok || w != word(1) {
		t.Error("the variable has no value")
	}
	if f = f.Without(k); f.Len() != 0 || len(f.Labels()) != 0 {
		t.Error("something is left of the variable")
	}
}

func TestClassFor(t *testing.T) {
	var have []uint8
	for n := range uint8(17) {
		have = append(have, classFor(n))
	}
	if want := []uint8{0, 0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4}; !slices.Equal(have, want) {
		t.Errorf("classes are %v, want %v", have, want)
	}
}
