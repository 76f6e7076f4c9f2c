package frame

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

func TestLayerHasWhatIsBelowAndItsOwn(t *testing.T) {
	for _, base := range []*Frame{New(new(Owner), nil), filled().Owned(new(Owner), nil)} {
		a, b, c, tag, loc := numbered(1), numbered(2), numbered(3), labelled(4, "tag"), local(5)
		count := base.Len()
		below := base.set(a, word(1)).set(b, word(1)).set(tag, word(1)).set(loc, word(1))
		l, o := new(Layer), new(Owner)
		f := l.Over(below, o, pairs("own", "label"))
		if f.Owner != o || f.Len() != count+4 || !slices.Equal(f.Labels(), pairs("own", "label", "tag", "1")) {
			t.Fatalf("over %d: owner %p, %d variables, labels %v", below.Len(), f.Owner, f.Len(), f.Labels())
		}
		f = f.set(a, word(2)).set(c, word(2)).Without(b).set(tag, word(2))
		f = f.set(a, word(3)) // once more
		if f.Stale(below) {
			t.Error("stale, and nothing has changed below")
		}
		below = below.set(a, word(9)).set(b, word(9)).set(c, word(9)).set(tag, word(9)).set(loc, word(9))
		if !f.Stale(below) {
			t.Error("not stale, though below has changed")
		}
		f = f.Renewed(below, nil)
		expectWords(t, f, map[*Key]int{a: 3, b: -1, c: 2, tag: 2, loc: 9})
		if f.Len() != count+4 || f.Owner != o || !slices.Equal(f.Labels(), pairs("tag", "2")) {
			t.Errorf("renewed: owner %p, %d variables, labels %v", f.Owner, f.Len(), f.Labels())
		}
		if f = f.Renewed(nil, nil); f.Len() != 3 { // below has become empty
			t.Errorf("over nothing: %d variables", f.Len())
		}
		if f.Stale(nil) || !f.Stale(below) {
			t.Error("stale over nothing, or not stale over something")
		}
	}
}

// expectWords fails unless f has these words, -1 for none.
func expectWords(t *testing.T, f *Frame, want map[*Key]int) {
	t.Helper()
	for k, n := range want {
		w, ok := f.Find(k)
		if ok != (n >= 0) || ok && number(w) != n {
			t.Errorf("%s: got %t, want %d", k.Name, ok, n)
		}
	}
}

func TestFrameOfAnotherOwnerIsInNoLayer(t *testing.T) {
	below, k := New(new(Owner), nil), numbered(1)
	l := new(Layer)
	f := l.Over(below, new(Owner), nil).set(k, word(1))
	if f.Owned(f.Owner, pairs("k", "v")).hasChanged(k) != true {
		t.Error("with other labels the layer is lost")
	}
	if g := f.Owned(new(Owner), nil); g.layered() || g.rest != nil {
		t.Error("with another owner the frame is still in the layer")
	}
	// A layer over a layer is one of its own.
	g := new(Layer).Over(f, new(Owner), nil)
	if g.hasChanged(k) {
		t.Error("what the layer below has changed counts as changed by the one above")
	}
	f.rest.layer.Forget()
	if g.Stale(f) {
		t.Error("Forget of the layer below makes the one above stale")
	}
}

func TestRestoredInALayer(t *testing.T) {
	for name, k := range places() {
		t.Run(name, func(t *testing.T) {
			below := filled().set(k, word(0)).Owned(new(Owner), nil).set(k, word(1))
			f0 := new(Layer).Over(below, new(Owner), nil)
			f1 := f0.set(k, word(2))
			f2 := f1.Without(k)
			f3 := f2.set(k, word(3))
			below = below.set(k, word(9))
			f := f3.Renewed(below, nil)
			for _, c := range []struct {
				to      *Frame
				want    int
				changed bool
			}{{f2, -1, true}, {f1, 2, true}, {f0, 9, false}, {f1, 2, true}} {
				f = f.Restored(k, c.to)
				expectWords(t, f, map[*Key]int{k: c.want})
				if f.hasChanged(k) != c.changed {
					t.Errorf("restored to %d: changed is %t", c.want, !c.changed)
				}
			}
			// Restored means as it is below now, also if that is nothing.
			f = f.Renewed(below.Without(k), nil).Restored(k, f0)
			expectWords(t, f, map[*Key]int{k: -1})
			f = f.Renewed(below, nil)
			expectWords(t, f, map[*Key]int{k: 9})
		})
	}
}

// What is below on lease is on lease in the layer, too, until the layer changes something.
func TestLayerOverALease(t *testing.T) {
	a, b, loc := numbered(1), numbered(2), local(3)
	lender := New(new(Owner), nil).set(a, word(1)).set(loc, word(1))
	lease := new(Lease)
	below := lease.Lend(lender).Borrow(new(Owner), nil)
	o := new(Owner)
	f := new(Layer).Over(below, o, nil)
	if !f.Borrowed() || !f.Stale(below) {
		t.Fatal("not on lease, or not to be asked again")
	}
	expectWords(t, f, map[*Key]int{a: 1, loc: -1})
	kept := f.Keep()
	g := kept.set(b, word(2))
	expectWords(t, g, map[*Key]int{a: 1, b: 2, loc: -1})
	lease.Lend(lender.set(a, word(3)).set(b, word(3)))
	g = g.Renewed(below, nil)
	expectWords(t, g, map[*Key]int{a: 3, b: 2, loc: -1})
	if g.Borrowed() {
		t.Error("what the layer has changed is on lease")
	}
	g = g.Restored(b, kept)
	expectWords(t, g, map[*Key]int{a: 3, b: 3})
	g = g.Renewed(below, nil)
	if !g.Borrowed() || g.Borrow(o, nil).hasChanged(b) || !g.Borrow(o, nil).layered() {
		t.Error("all is restored, and the layer is not on lease again")
	}
	lease.End()
	expectWords(t, g, map[*Key]int{a: -1, b: -1})
	if kept = g.Keep(); !kept.set(a, word(5)).hasChanged(a) {
		t.Error("what is kept of nothing has left the layer")
	}
	expectWords(t, kept.set(a, word(5)).Restored(a, kept), map[*Key]int{a: -1})
}

func TestFramesOfALayerDoNotShareWhatTheyHaveChanged(t *testing.T) {
	f := new(Layer).Over(nil, new(Owner), nil)
	for i := range uint(20) {
		g := f.set(numbered(100+i), word(0))
		h := f.set(numbered(200+i), word(0))
		if a, b := g.rest.changed, h.rest.changed; a[i] == b[i] || len(a) != int(i)+1 || len(b) != int(i)+1 {
			t.Fatalf("two frames made of one with %d changes have %v and %v", i, names(a), names(b))
		}
		f = g
	}
}

func TestRestoredLabels(t *testing.T) {
	k := labelled(1, "tag")
	below := New(new(Owner), nil).set(k, word(1))
	f0 := new(Layer).Over(below, new(Owner), nil)
	f1 := f0.set(k, word(2))
	f := f1.set(k, word(3)).Restored(k, f1)
	if have := f.Labels(); !slices.Equal(have, pairs("tag", "2")) {
		t.Errorf("labels restored in the layer: %v", have)
	}
	if have := f.Restored(k, f0).Labels(); !slices.Equal(have, pairs("tag", "1")) {
		t.Errorf("labels restored to what is below: %v", have)
	}
}

func TestLayerHoldsNothingItDoesNotShow(t *testing.T) {
	k := numbered(1)
	w, value := fresh()
	l := new(Layer)
	f := l.Over(New(new(Owner), nil).set(k, w), new(Owner), nil).set(k, word(1))
	w = slot.Word{}
	runtime.GC()
	if value.Value() == nil {
		t.Fatal("what is below was collected")
	}
	l.Forget()
	if !collected(value) {
		t.Error("a frame that hides a value keeps it, though its layer is over")
	}
	runtime.KeepAlive(f)
}

// Random changes to a layer and to what is below it, against plain maps.
func TestLayerModel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		keys := []*Key{local(1000), labelled(1001, "tag")}
		for i := range uint(20) {
			keys = append(keys, numbered(i*uint(1+random.IntN(3))<<random.IntN(6)+i<<12))
		}
		under, own := map[*Key]int{}, map[*Key]int{}
		below := New(new(Owner), nil)
		f := new(Layer).Over(below, new(Owner), nil)
		type change struct {
			key     *Key
			prev    *Frame
			value   int
			changed bool
		}
		var tokens []change
		for range 100 {
			k, n := keys[random.IntN(len(keys))], random.IntN(100)
			switch random.IntN(6) {
			case 0:
				below, under[k] = below.setAt(k, n, siteOf(n)), n
				f = f.Renewed(below, nil)
			case 1:
				below = below.Without(k)
				delete(under, k)
				f = f.Renewed(below, nil)
			case 2, 3:
				value, changed := own[k]
				tokens = append(tokens, change{k, f, value, changed})
				if n < 30 {
					f, own[k] = f.Without(k), -1
				} else {
					f, own[k] = f.setAt(k, n, siteOf(n)), n
				}
			default:
				if len(tokens) == 0 {
					continue
				}
				c := tokens[random.IntN(len(tokens))]
				if f = f.Restored(c.key, c.prev); c.changed {
					own[c.key] = c.value
				} else {
					delete(own, c.key)
				}
			}
			want := map[*Key]int{}
			for _, k := range keys {
				want[k] = -1
				if n, ok := under[k]; ok {
					want[k] = n
				}
				if n, ok := own[k]; ok {
					want[k] = n
				}
				if _, changed := own[k]; f.hasChanged(k) != changed {
					t.Fatalf("%s: changed is %t", k.Name, !changed)
				}
			}
			expectWords(t, f, want)
			for k, n := range want {
				var s *Site
				if n >= 0 {
					s = siteOf(n)
				}
				expectSite(t, "in the model", f, k, s)
			}
			if t.Failed() {
				return
			}
		}
	}
}
