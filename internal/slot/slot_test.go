package slot

import (
	"bytes"
	"context"
	"math/bits"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"unsafe"
	"weak"
)

// own is the struct that Heads are the first field of in these tests.
type own struct {
	Head
	content string
}

func newOwn(content string, labels ...Label) *own {
	o := &own{content: content}
	o.Mark(labels)
	return o
}

// elsewhere calls f on a goroutine of its own, so that the test's slot stays as it is.
func elsewhere(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// foreignSets returns label sets as runtime/pprof makes them.
func foreignSets() map[string]context.Context {
	background := context.Background()
	one := pprof.WithLabels(background, pprof.Labels("a", "1"))
	many := make([]string, 0, 200)
	for i := range 100 {
		many = append(many, strings.Repeat("k", i+1), "v")
	}
	return map[string]context.Context{
		"empty":        pprof.WithLabels(background, pprof.Labels()),
		"one":          one,
		"merged":       pprof.WithLabels(one, pprof.Labels("b", "2")),
		"left only":    pprof.WithLabels(one, pprof.Labels()),
		"same key":     pprof.WithLabels(one, pprof.Labels("a", "2")),
		"not sorted":   pprof.WithLabels(background, pprof.Labels("b", "2", "a", "1", "b", "3")),
		"hundred":      pprof.WithLabels(background, pprof.Labels(many...)),
		"hundred more": pprof.WithLabels(one, pprof.Labels(many...)),
	}
}

func TestStoreAndLoad(t *testing.T) {
	elsewhere(func() {
		Store(nil)
		if Load() != nil {
			t.Error("an emptied slot is not empty")
		}
		a, b := newOwn("a"), newOwn("b")
		for _, o := range []*own{a, b, a} {
			Store(&o.Head)
			if h := Load(); h != &o.Head || Outer[own](h) != o {
				t.Error("Load does not return what was stored")
			}
		}
	})
}

func TestChildStartsWithItsCreatorsSlot(t *testing.T) {
	elsewhere(func() {
		a, b := newOwn("a"), newOwn("b")
		Store(&a.Head)
		let, seen := make(chan bool), make(chan string)
		go func() {
			first := Outer[own](Load()).content
			<-let
			Store(&newOwn("child").Head)
			seen <- first + Outer[own](Load()).content
		}()
		Store(&b.Head)
		close(let)
		if have := <-seen; have != "achild" {
			t.Errorf("the child saw %s", have)
		}
		if Load() != &b.Head {
			t.Error("what the child stored is here")
		}
	})
}

func TestSlotEndsWithItsGoroutine(t *testing.T) {
	const goroutines = 200
	for range goroutines { // with g structures that are used again and again
		elsewhere(func() {
			if Load() != nil {
				t.Error("a new goroutine of one with an empty slot has something")
			}
			Store(&newOwn("left over").Head)
		})
	}
}

func TestSlotKeepsWhatItPointsTo(t *testing.T) {
	stored, let, free := make(chan weak.Pointer[own]), make(chan bool), make(chan bool)
	go func() {
		func() {
			o := newOwn("content", Label{strings.Clone("k"), strings.Clone("v")})
			Store(&o.Head)
			stored <- weak.Make(o)
		}()
		<-let
		if o := Outer[own](Load()); o.content != "content" || o.Labels()[0] != (Label{"k", "v"}) {
			t.Error("what the slot points to has changed")
		}
		Store(nil)
		free <- true
		<-let
	}()
	w := <-stored
	runtime.GC()
	runtime.GC()
	if w.Value() == nil {
		t.Error("what the slot points to was collected")
	}
	let <- true
	<-free
	if !collected(w) {
		t.Error("an emptied slot keeps what it pointed to")
	}
	let <- true
}

func TestForeignSetsAreNotMarked(t *testing.T) {
	for name, ctx := range foreignSets() {
		elsewhere(func() {
			pprof.SetGoroutineLabels(ctx)
			h := Load()
			if h == nil {
				t.Fatalf("%s: the slot is empty", name)
			}
			if h.Marked() {
				t.Errorf("%s: a label set of runtime/pprof is taken for ours", name)
			}
			var want []Label
			pprof.ForLabels(ctx, func(k, v string) bool {
				want = append(want, Label{k, v})
				return true
			})
			if have := h.Labels(); !slices.Equal(have, want) {
				t.Errorf("%s: labels are %v, want %v", name, have, want)
			}
		})
	}
}

func TestForeignSetsAreNeverMarkedWhereverTheyAre(t *testing.T) {
	sets := 20000
	if testing.Short() {
		sets = 1000
	}
	kept := make([]context.Context, sets)
	elsewhere(func() {
		for i := range kept {
			kept[i] = pprof.WithLabels(context.Background(), pprof.Labels("a", "1"))
			pprof.SetGoroutineLabels(kept[i])
			if Load().Marked() {
				t.Fatal("a label set of runtime/pprof is taken for ours")
			}
		}
	})
}

func TestMarkDependsOnTheAddress(t *testing.T) {
	o := newOwn("content", Label{"k", "v"})
	if !o.Marked() {
		t.Fatal("Mark does not mark")
	}
	// As runtime/pprof copies a set: into an allocation of 24 bytes.
	copied := new([]Label)
	*copied = *(*[]Label)(unsafe.Pointer(&o.Head))
	h := (*Head)(unsafe.Pointer(copied))
	if h.Marked() {
		t.Error("a copy is marked")
	}
	if !slices.Equal(h.Labels(), o.Labels()) {
		t.Errorf("a copy has labels %v", h.Labels())
	}
	// And a copy of the whole struct.
	whole := new(own)
	*whole = *o
	if whole.Marked() {
		t.Error("a copy of the whole struct is marked")
	}
	// Neighbours, which differ in the lowest bits only.
	array := make([]Head, 64)
	for i := range array {
		array[i].Mark(nil)
		for j := range array {
			if h := array[j]; i != j {
				array[j] = array[i]
				if array[j].Marked() {
					t.Fatalf("the mark of head %d is good for head %d", i, j)
				}
				array[j] = h
			}
		}
	}
}

func TestUnmarkedHeads(t *testing.T) {
	if new(Head).Marked() || new(own).Marked() {
		t.Error("a zero Head is marked")
	}
}

// Readers of label sets know a slice: its length must not be above its capacity, and
// a capacity that a slice of labels could really have must not be a mark.
func TestMarkIsACapacityThatNoSliceHas(t *testing.T) {
	const most = 1 << (bits.UintSize - 4) // labels of 16 bytes, or more, in all of memory
	for range 1000 {
		o := newOwn("", Label{"k", "v"})
		// Not by cap of a slice: the compiler knows what that can be.
		if int(o.mark) < most {
			t.Fatalf("a marked head is a slice with capacity %#x", o.mark)
		}
	}
}

func TestMarkLike(t *testing.T) {
	a := newOwn("a", Label{"k", "v"})
	b := new(own)
	b.MarkLike(&a.Head)
	if !b.Marked() || !a.Marked() || &b.Labels()[0] != &a.Labels()[0] {
		t.Error("MarkLike does not give the same labels and a mark of its own")
	}
	c := new(own)
	c.MarkLike(&newOwn("none").Head)
	if !c.Marked() || len(c.Labels()) != 0 {
		t.Error("MarkLike of a head without labels")
	}
}

func TestLabelsOfHeads(t *testing.T) {
	if have := newOwn("").Labels(); len(have) != 0 {
		t.Errorf("labels are %v", have)
	}
	labels := make([]Label, 2, 10)
	have := newOwn("", labels...).Labels()
	if len(have) != 2 || cap(have) != 2 || &have[0] != &labels[0] {
		t.Errorf("labels have length %d and capacity %d", len(have), cap(have))
	}
}

// To runtime/pprof our heads are label sets.
func TestProfilesShowOurLabels(t *testing.T) {
	stored, let := make(chan bool), make(chan bool)
	go func() {
		Store(&newOwn("content", Label{"slot-test-key", "slot-test-value"}).Head)
		stored <- true
		<-let
	}()
	<-stored
	var profile bytes.Buffer
	err := pprof.Lookup("goroutine").WriteTo(&profile, 1)
	let <- true
	if err != nil {
		t.Fatal(err)
	}
	if want := `"slot-test-key":"slot-test-value"`; !strings.Contains(profile.String(), want) {
		t.Errorf("the goroutine profile does not have %s:\n%s", want, profile.String())
	}
	profile.Reset()
	if err := pprof.Lookup("goroutine").WriteTo(&profile, 0); err != nil { // the binary one
		t.Fatal(err)
	}
}

// pprof.Do merges with the labels of its ctx, not with the goroutine's: ours are
// overwritten, and stay so.
func TestDoOverwritesTheSlot(t *testing.T) {
	elsewhere(func() {
		o := newOwn("content", Label{"k", "v"})
		Store(&o.Head)
		pprof.Do(context.Background(), pprof.Labels("a", "1"), func(context.Context) {
			if h := Load(); h.Marked() || !slices.Equal(h.Labels(), []Label{{"a", "1"}}) {
				t.Error("the slot inside is not the foreign set")
			}
		})
		if Load() != nil {
			t.Error("the slot afterwards is not empty")
		}
		if !o.Marked() {
			t.Error("our head was written to")
		}
	})
}
