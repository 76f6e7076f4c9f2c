package census

// join puts together what was seen in slots, before and after, and what was printed in between.
//
// It goes from what is certain to what is likely. Whoever was seen at one place before and after stood there
// in between.
//
//   - Whoever looks is the first in each list.
//   - A context knows the goroutine that has it entered. If just one of those at the place of that goroutine
//     shows a context of it, that is it.
//   - The runtime lists goroutines in one order, seen or printed, but for those that run while it looks. So those
//     that have stayed at a place were printed in the order in which they were seen.
//   - If all that is left at a place shows the same, it does not matter who is who.
//
// Where two take turns between two places, one may be taken for the other: both looks see one there, and the dump the other. So
// nothing is said of a place if more than one in a hundred of those that were started with the same function as those
// there have moved. Who has stayed and is left over may be any of those left at its place. That somebody was started by the
// one whose context it shows says little: in tests every sixth such guess was wrong.
func join(before []*sighting, printed []*print, after []*sighting) (all []*Goroutine) {
	j := &joint{printed: make(map[uint64]*print, len(printed)), at: make(map[place]*spot), shows: make(map[uint64][]*sighting)}
	for _, s := range before {
		j.see(s)
	}
	for _, s := range after {
		b := j.spot(s.place)
		b.again = append(b.again, s.head)
	}
	for _, q := range printed {
		j.printed[q.ID] = q
		b := j.spot(q.place)
		b.printed = append(b.printed, q)
	}
	for _, b := range j.at {
		b.findStayers()
	}
	j.looker(before, printed)
	j.owners()
	j.moved()
	moving := j.moving(before, printed)
	for _, b := range j.at {
		if len(b.seen) > 0 && moving[b.seen[0].entry()]*stillness > len(b.seen) {
			continue
		}
		b.order()
		b.alike()
	}
	j.moved()
	for _, b := range j.at {
		b.rest()
	}
	for _, s := range before {
		all = append(all, s.goroutine())
	}
	for _, q := range printed {
		if !q.taken {
			all = append(all, q.goroutine())
		}
	}
	return all
}

type joint struct {
	printed map[uint64]*print
	at      map[place]*spot
	shows   map[uint64][]*sighting // who shows a context, by the goroutine that has it entered
}

func (j *joint) see(s *sighting) {
	b := j.spot(s.place)
	b.seen = append(b.seen, s)
	b.displaced = b.displaced || s.head != nil && s.seen == nil
	if id := s.owner(); id != 0 {
		j.shows[id] = append(j.shows[id], s)
	}
}

func (j *joint) spot(p place) *spot {
	b := j.at[p]
	if b == nil {
		b = new(spot)
		j.at[p] = b
	}
	return b
}

// stillness is how many have to stand at a place for each one that moves.
const stillness = 100

// moving returns how many goroutines have moved, or were on the move, by the functions that they were started with.
func (j *joint) moving(before []*sighting, printed []*print) map[string]int {
	moving := make(map[string]int)
	for _, s := range before {
		if !s.stays && s.is == nil {
			moving[s.entry()]++
		}
	}
	for _, q := range printed {
		if !q.taken && (q.State == "running" || q.State == "runnable") {
			moving[q.entry()]++
		}
	}
	return moving
}

// looker matches the goroutine that looks.
func (j *joint) looker(before []*sighting, printed []*print) {
	if len(before) > 0 && len(printed) > 0 && before[0].looker && printed[0].State == "running" {
		before[0].setPrint(printed[0])
	}
}

// owners matches goroutines with what shows a context that they have entered themselves.
func (j *joint) owners() {
	for id, all := range j.shows {
		q := j.printed[id]
		if q == nil || q.taken || j.spot(q.place).displaced {
			continue // of one whose context is displaced nothing is known, and it may be a child that shows it
		}
		var here []*sighting
		stay := true
		for _, s := range all {
			stay = stay && s.stays
			if s.place == q.place && s.is == nil {
				here = append(here, s)
			}
		}
		if len(here) == 1 && (stay || len(all) == 1) {
			here[0].setPrint(q)
		}
	}
}

// moved matches those that stood elsewhere when the dump was made, such as all that run: if only one is left that
// shows a context of the goroutine's, that is it.
func (j *joint) moved() {
	for id, all := range j.shows {
		q := j.printed[id]
		if q == nil || q.taken {
			continue
		}
		var left []*sighting
		for _, s := range all {
			if s.is == nil {
				left = append(left, s)
			}
		}
		if len(left) == 1 {
			left[0].setPrint(q)
		}
	}
}
