package frame

import (
	"fmt"
	"runtime"
	"testing"
	"weak"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// Number 177: what the newest frame does not hold any more is free, whatever
// way it took to get there.

// collected reports whether the garbage collector lets go of w.
func collected[T any](w weak.Pointer[T]) bool {
	for range 10 {
		if w.Value() == nil {
			return true
		}
		runtime.GC()
	}
	return w.Value() == nil
}

type payload struct{ _ [64]byte }

func fresh() (slot.Word, weak.Pointer[payload]) {
	p := new(payload)
	return slot.Pack(p, slot.PackingOf[*payload]()), weak.Make(p)
}

// frames of every shape, and keys with a place of every kind in each.
func shapes() map[string]*Frame {
	list := map[string]*Frame{"empty": New(new(Owner), nil)}
	f := list["empty"]
	for i := range uint(8) {
		f = f.set(numbered(100+i*3), word(0))
		list[fmt.Sprintf("%d cells", i+1)] = f
	}
	for i := range uint(20) {
		f = f.set(numbered(1000+i*7), word(0))
	}
	list["trie"] = f
	return list
}

func places() map[string]*Key {
	label := labelled(2, "label")
	label.Text = func(slot.Word) string { return "text" }
	return map[string]*Key{"plain": numbered(1), "deep": numbered(1000 + 1<<24), "local": local(3), "labelled": label}
}

func Test177ReplacedAndRemovedValuesAreFree(t *testing.T) {
	for shape, f := range shapes() {
		for place, k := range places() {
			w, replaced := fresh()
			g := f.set(k, w)
			w, removed := fresh()
			g = g.set(k, w)
			w = slot.Word{}
			if !collected(replaced) {
				t.Errorf("%s, %s: the newest frame keeps a value that was replaced", shape, place)
			}
			if removed.Value() == nil {
				t.Fatalf("%s, %s: a value was collected that the frame has", shape, place)
			}
			g = g.Without(k)
			if !collected(removed) {
				t.Errorf("%s, %s: the newest frame keeps a value that was removed", shape, place)
			}
			runtime.KeepAlive(g)
		}
		runtime.KeepAlive(f)
	}
}

func Test177OldFramesAreFree(t *testing.T) {
	var old []weak.Pointer[Frame]
	f := New(new(Owner), nil)
	step := func(g *Frame) {
		old = append(old, weak.Make(f))
		f = g
	}
	for range 3 {
		for i, k := range playKeys {
			step(f.set(k, word(i)))
			step(f.set(k, word(i+1)))
		}
		step(f.Shared())
		step(f.Owned(new(Owner), playLabels[3]))
		for i, k := range playKeys {
			if i%2 == 0 {
				step(f.Without(k))
			}
		}
	}
	alive := 0
	for _, w := range old {
		if !collected(w) {
			alive++
		}
	}
	if alive > 0 {
		t.Errorf("%d of %d old frames are kept alive by the newest", alive, len(old))
	}
	runtime.KeepAlive(f)
}

func TestSharedDropsLocalValues(t *testing.T) {
	w, value := fresh()
	k := local(1)
	f := New(new(Owner), nil).set(numbered(2), word(1)).set(k, w).Shared()
	w = slot.Word{}
	if !collected(value) {
		t.Error("Shared keeps a local value alive")
	}
	runtime.KeepAlive(f)
}

// The goroutine's labels as they were when a label variable was unset are no
// business of frames that were made for other labels.
func TestFormerOwnLabelsAreFree(t *testing.T) {
	k := labelled(1, "tag")
	f, former := func() (*Frame, weak.Pointer[slot.Label]) {
		own := []slot.Label{{Key: "former", Value: "label"}}
		f := New(new(Owner), own).set(k, word(1)).Without(k)
		return f, weak.Make(&own[0])
	}()
	f = f.Owned(f.Owner, nil)
	if !collected(former) {
		t.Error("a frame keeps labels alive that its goroutine has no more")
	}
	runtime.KeepAlive(f)
}
