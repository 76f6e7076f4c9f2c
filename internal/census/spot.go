package census

import (
	"slices"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// A spot is a place with those who stand there, as they were seen, printed, and seen again, each in the runtime's order.
type spot struct {
	seen      []*sighting
	printed   []*print
	again     []*slot.Head
	displaced bool // the slot of one here holds something that is not ours
	// stayers were here before and after.
	stayers []*sighting
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

// findStayers finds those that were here before and after. Such as have run are not among stayers: that is the
// longest part of seen that comes again in the same order. Of those that show the same it does not matter who is who.
func (b *spot) findStayers() {
	at := make(map[*slot.Head][]int)
	for i, h := range slices.Backward(b.again) {
		at[h] = append(at[h], i)
	}
	var positions []int
	var paired []*sighting
	for _, s := range b.seen {
		if all := at[s.head]; len(all) > 0 {
			last := len(all) - 1
			s.stays = true
			paired, positions = append(paired, s), append(positions, all[last])
			at[s.head] = all[:last]
		}
	}
	for _, i := range longestRise(positions) {
		b.stayers = append(b.stayers, paired[i])
	}
}

// order matches those that have stayed, who were printed in the same order. Those that are matched already part
// them; where as many were printed between two of these as stayed there, they are the same.
func (b *spot) order() {
	place := make(map[*print]int, len(b.printed))
	for i, p := range b.printed {
		place[p] = i
	}
	var between []*sighting
	first := 0
	for _, s := range append(b.stayers, nil) {
		end := len(b.printed)
		switch {
		case s == nil:
		case s.is == nil:
			between = append(between, s)
			continue
		default:
			i, here := place[s.is]
			if !here || i < first {
				return // it was not printed where it stays, so one of these is mistaken
			}
			end = i
		}
		var left []*print
		for _, p := range b.printed[first:end] {
			if !p.taken {
				left = append(left, p)
			}
		}
		if len(left) == len(between) {
			match(between, left)
		}
		between, first = between[:0], end+1
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
	left, open := b.left(), b.open()
	if len(open) == 0 {
		return
	}
	var crowd *crowd
	for _, s := range open {
		if !s.stays {
			continue // it may have stood anywhere
		}
		if crowd == nil {
			crowd = newCrowd(left)
		}
		s.may = crowd
	}
	for _, p := range left {
		p.taken = crowd != nil
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
