package frame

import (
	"context"
	"math/rand/v2"
	"runtime/pprof"
	"slices"
	"strconv"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

func pairs(list ...string) (labels []slot.Label) {
	for i := 0; i < len(list); i += 2 {
		labels = append(labels, slot.Label{Key: list[i], Value: list[i+1]})
	}
	return labels
}

func TestTagsAreMergedInOrder(t *testing.T) {
	own := pairs("b", "own", "d", "own")
	for name, want := range map[string][]slot.Label{
		"a": pairs("a", "1", "b", "own", "d", "own"),
		"b": pairs("b", "1", "d", "own"),
		"c": pairs("b", "own", "c", "1", "d", "own"),
		"d": pairs("b", "own", "d", "1"),
		"e": pairs("b", "own", "d", "own", "e", "1"),
		"":  pairs("", "1", "b", "own", "d", "own"),
	} {
		k := labelled(1, name)
		f := New(nil, own).set(k, word(1))
		if have := f.Labels(); !slices.Equal(have, want) {
			t.Errorf("%q: labels are %v, want %v", name, have, want)
		}
		if !f.HasOwn(own) {
			t.Errorf("%q: own labels are %v", name, f.Own())
		}
		if f = f.Without(k); !slices.Equal(f.Labels(), own) || !f.HasOwn(own) {
			t.Errorf("%q: labels after Without are %v", name, f.Labels())
		}
	}
	if !slices.Equal(own, pairs("b", "own", "d", "own")) {
		t.Error("the goroutine's own labels were written to")
	}
}

// Profiles and runtime/pprof expect sorted sets without duplicates.
func TestLabelsAreAsPprofKeepsThem(t *testing.T) {
	f := New(nil, pairs("m", "own"))
	for i, name := range []string{"z", "m", "a", "z", "k"} {
		f = f.set(labelled(uint(i), name), word(i))
	}
	var list []string
	for _, l := range f.Labels() {
		list = append(list, l.Key, l.Value)
	}
	var want []slot.Label
	pprof.ForLabels(pprof.WithLabels(context.Background(), pprof.Labels(list...)), func(k, v string) bool {
		want = append(want, slot.Label{Key: k, Value: v})
		return true
	})
	slices.SortFunc(want, func(a, b slot.Label) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	if have := f.Labels(); !slices.Equal(have, want) {
		t.Errorf("labels are %v, runtime/pprof has %v", have, want)
	}
}

func TestLaterTagOfANameWins(t *testing.T) {
	a, b := labelled(1, "name"), labelled(2, "name")
	f := New(nil, nil).set(a, word(1)).set(b, word(2))
	if have := f.Labels(); !slices.Equal(have, pairs("name", "2")) {
		t.Errorf("labels are %v", have)
	}
	if have := f.set(a, word(3)).Labels(); !slices.Equal(have, pairs("name", "3")) {
		t.Errorf("labels after the first was set again are %v", have)
	}
	if have := f.Without(b).Labels(); !slices.Equal(have, pairs("name", "1")) {
		t.Errorf("labels after the second was unset are %v", have)
	}
	if have := f.Without(a).Labels(); !slices.Equal(have, pairs("name", "2")) {
		t.Errorf("labels after the first was unset are %v", have)
	}
}

func TestTagsMoveWithTheContentAndOwnWithTheGoroutine(t *testing.T) {
	k := labelled(1, "tag")
	here, there := pairs("tag", "here", "x", "1"), pairs("tag", "there", "y", "2")
	f := New(new(Owner), here).set(k, word(1))
	g := f.Owned(new(Owner), there)
	if have := g.Labels(); !slices.Equal(have, pairs("tag", "1", "y", "2")) {
		t.Errorf("labels are %v", have)
	}
	if !g.HasOwn(there) || g.HasOwn(here) || !f.HasOwn(here) {
		t.Error("own labels are not the goroutine's")
	}
	if have := g.Without(k).Labels(); !slices.Equal(have, there) {
		t.Errorf("labels without the tag are %v", have)
	}
	if have := f.Owned(f.Owner, nil).Labels(); !slices.Equal(have, pairs("tag", "1")) {
		t.Errorf("labels without own ones are %v", have)
	}
}

func TestHasOwnIsAboutTheVeryLabels(t *testing.T) {
	own := pairs("k", "v")
	f := New(nil, own)
	if !f.HasOwn(own) {
		t.Error("a frame does not have its own labels")
	}
	if f.HasOwn(slices.Clone(own)) || f.HasOwn(nil) || f.HasOwn(own[:0]) || New(nil, nil).HasOwn(own) {
		t.Error("a frame has labels of others")
	}
	if !New(nil, nil).HasOwn(nil) || !New(nil, nil).HasOwn([]slot.Label{}) {
		t.Error("no labels are not no labels")
	}
}

func TestTaggedAndUntagged(t *testing.T) {
	k := labelled(1, "tag")
	f := New(nil, nil).set(k, word(1))
	for name, c := range map[string]struct{ labels, all, hidden []slot.Label }{
		"none":      {nil, pairs("tag", "1"), nil},
		"others":    {pairs("a", "1", "z", "1"), pairs("a", "1", "tag", "1", "z", "1"), nil},
		"same key":  {pairs("a", "1", "tag", "own"), pairs("a", "1", "tag", "1"), pairs("tag", "own")},
		"same pair": {pairs("tag", "1"), pairs("tag", "1"), pairs("tag", "1")},
	} {
		before := slices.Clone(c.labels)
		all, hidden := f.Tagged(c.labels)
		if !slices.Equal(all, c.all) || !slices.Equal(hidden, c.hidden) {
			t.Errorf("%s: tagged labels are %v, hidden %v", name, all, hidden)
		}
		if !slices.Equal(c.labels, before) {
			t.Errorf("%s: Tagged wrote to its argument", name)
		}
		if have := f.Untagged(all, hidden); !slices.Equal(have, c.labels) {
			t.Errorf("%s: untagged labels are %v", name, have)
		}
	}
	// A label of the name with another value is somebody else's.
	if have := f.Untagged(pairs("tag", "2"), nil); !slices.Equal(have, pairs("tag", "2")) {
		t.Errorf("untagged labels are %v", have)
	}
	all := pairs("a", "1")
	if have := f.Without(k).Untagged(all, nil); &have[0] != &all[0] {
		t.Error("a frame without tags copies")
	}
}

// Whatever tags there are, in whatever order they were set, Untagged gives the
// labels back that Tagged was given.
func TestUntaggedUndoesTagged(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"a", "b", "c", "d", "e", "f"}
	for range 2000 {
		f := New(nil, nil)
		for i := range r.IntN(6) {
			f = f.set(labelled(uint(i), alphabet[r.IntN(len(alphabet))]), word(r.IntN(3)))
		}
		var labels []slot.Label
		for _, key := range alphabet {
			if r.IntN(2) == 0 {
				labels = append(labels, slot.Label{Key: key, Value: strconv.Itoa(r.IntN(3))})
			}
		}
		all, hidden := f.Tagged(labels)
		if have := f.Untagged(slices.Clone(all), hidden); !slices.Equal(have, labels) {
			t.Fatalf("labels %v with tags are %v, and without them again %v; hidden were %v", labels, all, have, hidden)
		}
	}
}

func TestTextIsAskedOnce(t *testing.T) {
	calls := 0
	k := labelled(1, "tag")
	k.Text = func(slot.Word) string {
		calls++
		return "text"
	}
	f := New(nil, nil).set(k, word(1))
	f = f.set(numbered(2), word(1)).Owned(new(Owner), nil).Shared().Without(numbered(2))
	f.Labels()
	if calls != 1 {
		t.Errorf("the text was made %d times", calls)
	}
}
