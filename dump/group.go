package dump

import (
	"cmp"
	"slices"
)

// A Group has the goroutines on which a label has one value.
type Group struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	// Missing: they do not have the label.
	Missing    bool         `json:"missing,omitempty"`
	Count      int          `json:"count"`
	Goroutines []*Goroutine `json:"goroutines"`
}

// GroupBy groups by the value of a label, such as the name of a variable made with the option
// Label: the largest group first, those without the label last.
func (d *Dump) GroupBy(label string) []Group {
	var groups []Group
	index := map[string]int{}
	missing := Group{Key: label, Missing: true}
	for _, g := range d.Goroutines {
		value, ok := g.Labels.Get(label)
		if !ok {
			missing.add(g)
			continue
		}
		i, ok := index[value]
		if !ok {
			i = len(groups)
			index[value] = i
			groups = append(groups, Group{Key: label, Value: value})
		}
		groups[i].add(g)
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	if missing.Count > 0 {
		groups = append(groups, missing)
	}
	return groups
}

func (g *Group) add(goroutine *Goroutine) {
	g.Count += goroutine.Count
	g.Goroutines = append(g.Goroutines, goroutine)
}

// A Key is a label's, with the number of goroutines that have it and of its values.
type Key struct {
	Key    string `json:"key"`
	Count  int    `json:"count"`
	Values int    `json:"values"`
}

// Keys returns the keys of all labels in the dump, in order.
func (d *Dump) Keys() []Key {
	type info struct {
		count  int
		values map[string]bool
	}
	found := map[string]*info{}
	for _, g := range d.Goroutines {
		for _, l := range g.Labels {
			k := found[l.Key]
			if k == nil {
				k = &info{values: map[string]bool{}}
				found[l.Key] = k
			}
			k.count += g.Count
			k.values[l.Value] = true
		}
	}
	keys := make([]Key, 0, len(found))
	for key, k := range found {
		keys = append(keys, Key{key, k.count, len(k.values)})
	}
	slices.SortFunc(keys, func(a, b Key) int { return cmp.Compare(a.Key, b.Key) })
	return keys
}

// A Filter chooses goroutines; see [Dump.Filter].
type Filter func(*Goroutine) bool

// HasLabel chooses the goroutines on which the label has the value.
func HasLabel(key, value string) Filter {
	return func(g *Goroutine) bool {
		v, ok := g.Labels.Get(key)
		return ok && v == value
	}
}

// Filter returns a dump with those goroutines only that all filters choose. It shares
// them with d.
func (d *Dump) Filter(filters ...Filter) *Dump {
	chosen := *d
	chosen.Goroutines = []*Goroutine{}
	for _, g := range d.Goroutines {
		if !slices.ContainsFunc(filters, func(f Filter) bool { return !f(g) }) {
			chosen.Goroutines = append(chosen.Goroutines, g)
		}
	}
	return &chosen
}
