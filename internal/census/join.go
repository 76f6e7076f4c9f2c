package census

// join puts together what was seen in slots, before and after, and what was printed in between.
//
// It goes from what is certain to what is likely. Whoever was seen at one place before and after stood there
// in between.
//
//   - A context knows the goroutine that has it entered. If just one of those at the place of that goroutine
//     shows a context of it, that is it.
//   - The runtime lists goroutines in one order, seen or printed, but for those that run while it looks. So those
//     that have stayed at a place were printed in the order in which they were seen.
//   - If all that is left at a place shows the same, it does not matter who is who.
//
// The others may be any of those left at their place. That somebody was started by the one whose context it shows
// says little: in tests every sixth such guess was wrong.
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
	j.owners()
	for _, b := range j.at {
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

// owners matches goroutines with what shows a context that they have entered themselves.
func (j *joint) owners() {
	for id, all := range j.shows {
		q := j.printed[id]
		if q == nil || j.spot(q.place).displaced() {
			continue // of one whose context is displaced nothing is known, and it may be a child that shows it
		}
		var here []*sighting
		stay := true
		for _, s := range all {
			stay = stay && s.stays
			if s.place == q.place {
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
