package debugvars

import (
	"cmp"
	"slices"
)

// A family is who has started whom among the members of a look.
type family map[uint64]*member

func (l *look) family() family {
	f := make(family, len(l.members))
	for _, m := range l.members {
		if m.ID != 0 {
			f[m.ID] = m
		}
	}
	return f
}

// creator returns who has started m; nil if that is not known, or has ended.
func (f family) creator(m *member) *member { return f[m.Creator] }

// relatedTo returns the goroutine with the id, those that may be it, those that have inherited from it, and those that
// any of these have started, directly or by others that still run.
func (f family) relatedTo(id uint64, members []*member) map[*member]bool {
	related := make(map[*member]bool, len(members))
	var path []*member
	for _, m := range members {
		is := false
		path = path[:0]
		for ; m != nil; m = f.creator(m) {
			known, seen := related[m]
			if is = known || m.ID == id || m.InheritedFrom == id || m.Creator == id || slices.Contains(m.OneOf, id); is || seen {
				break
			}
			related[m] = false // and the end of a ring
			path = append(path, m)
		}
		if m != nil {
			related[m] = is
		}
		for _, m := range path {
			related[m] = is
		}
	}
	return related
}

// maxAncestors is how many generations of those are in a tree that do not match themselves.
const maxAncestors = 100

// tree puts the members below those that have started them. Ancestors of theirs connect them; a member of which
// nobody runs any more who has started it stands at the top, in the order given.
func (f family) tree(members []*member) []*Node {
	nodes := make(map[*member]*Node)
	var order []*member
	add := func(m *member, between bool) {
		nodes[m] = &Node{Goroutine: m.Goroutine, Between: between}
		order = append(order, m)
	}
	for _, m := range members {
		add(m, false)
	}
	for _, m := range members {
		for range maxAncestors {
			if m = f.creator(m); m == nil || nodes[m] != nil {
				break
			}
			add(m, true)
		}
	}
	slices.SortStableFunc(order, func(a, b *member) int { return compareIDs(a.ID, b.ID) })
	var roots []*Node
	ends := f.rings(order)
	for _, m := range order {
		creator := nodes[f.creator(m)]
		if creator == nil || ends[m] {
			roots = append(roots, nodes[m])
			continue
		}
		creator.Started = append(creator.Started, nodes[m])
	}
	return roots
}

// rings returns a member of each ring, which there are none of unless a number is taken for another one's.
func (f family) rings(members []*member) map[*member]bool {
	ends := make(map[*member]bool)
	walk := make(map[*member]int)
	for i, m := range members {
		for ; m != nil; m = f.creator(m) {
			if walk[m] == i+1 {
				ends[m] = true
			}
			if walk[m] != 0 {
				break
			}
			walk[m] = i + 1
		}
	}
	return ends
}

// compareIDs puts those without a number last.
func compareIDs(a, b uint64) int { return cmp.Compare(a-1, b-1) }
