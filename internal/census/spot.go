package census

import (
	"slices"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// A spot is a place with those who stand there, as they were seen, printed, and seen again.
type spot struct {
	seen    []*sighting
	printed []*print

	agains    int
	asBefore  bool // those that were seen again are the first of seen, in that order
	remaining map[*slot.Head][]*sighting
}

// again notes that one with this head was seen here again.
func (b *spot) again(h *slot.Head) {
	if b.agains == 0 {
		b.asBefore = true
		b.remaining = make(map[*slot.Head][]*sighting)
		for _, s := range slices.Backward(b.seen) {
			b.remaining[s.head] = append(b.remaining[s.head], s)
		}
	}
	if b.agains >= len(b.seen) || b.seen[b.agains].head != h {
		b.asBefore = false
	}
	b.agains++
	if all := b.remaining[h]; len(all) > 0 {
		last := len(all) - 1
		all[last].stays = true
		b.remaining[h] = all[:last]
	}
}

// open returns those that were seen and are not matched.
func (b *spot) open() (open []*sighting) {
	for _, s := range b.seen {
		if s.is == nil {
			open = append(open, s)
		}
	}
	return open
}

// left returns those that were printed and are not matched.
func (b *spot) left() (left []*print) {
	for _, p := range b.printed {
		if !p.taken {
			left = append(left, p)
		}
	}
	return left
}

// displaced reports whether the slot of one here holds something that is not ours.
func (b *spot) displaced() bool {
	for _, s := range b.seen {
		if s.head != nil && s.seen == nil {
			return true
		}
	}
	return false
}

// order matches all if nobody here has run meanwhile, and if that agrees with what is certain.
func (b *spot) order() {
	if len(b.seen) != len(b.printed) || len(b.seen) != b.agains || !b.asBefore {
		return
	}
	for i, s := range b.seen {
		if s.is != nil && s.is != b.printed[i] || s.is == nil && b.printed[i].taken {
			return
		}
	}
	for i, s := range b.seen {
		s.setPrint(b.printed[i])
	}
}

// families matches those with one forebear, who is asked for, if they hold the same.
func (b *spot) families(forebear func(*print) uint64) {
	children := make(map[uint64][]*print)
	for _, p := range b.left() {
		id := forebear(p)
		children[id] = append(children[id], p)
	}
	heirs := make(map[uint64][]*sighting)
	for _, s := range b.open() {
		heirs[s.from()] = append(heirs[s.from()], s)
	}
	delete(heirs, 0)
	for id, all := range heirs {
		if len(all) == len(children[id]) && uniform(all) && stay(all) {
			match(all, children[id])
		}
	}
}

// alike matches the rest if all of them hold the same.
func (b *spot) alike() {
	open, left := b.open(), b.left()
	if uniform(open) && stay(open) && len(left) == len(open) {
		match(open, left)
	}
}

// rest says who may be who.
func (b *spot) rest() {
	left := b.left()
	open := b.open()
	for _, s := range open {
		s.may = left
	}
	for _, p := range left {
		p.taken = len(open) > 0
	}
}

// uniform reports whether all show the same.
func uniform(all []*sighting) bool {
	for _, s := range all {
		if s.seen != all[0].seen {
			return false
		}
	}
	return true
}

// stay reports whether all were there again.
func stay(all []*sighting) bool {
	for _, s := range all {
		if !s.stays {
			return false
		}
	}
	return true
}

func match(all []*sighting, printed []*print) {
	for i, s := range all {
		s.setPrint(printed[i])
	}
}
