package census

import "github.com/gocontextvars/contextvars/internal/slot/slots"

// join puts together what was seen in slots, before and after, and what was printed in between.
//
// It goes from what is certain to what is likely. Whoever was seen at one place before and after stood there
// in between.
//
//   - A context knows the goroutine that has it entered. If just one of those at the place of that goroutine
//     shows a context of it, that is it.
//   - The runtime lists goroutines that stand still in one order, seen or printed; those that run while the list is
//     made come early. If a place is listed the same before and after, nobody ran, and the order tells who is who.
//   - Who has inherited from a goroutine was most likely started by it, or by one that was. If as many at
//     the place were started by it as show its context, all of them the same, these are those.
//   - If all that is left at a place shows the same, it does not matter who is who.
//
// The others may be any of those left at their place.
func join(p *places, before []slots.Record, printed []*print, after []slots.Record) (all []*Goroutine) {
	j := &joint{printed: make(map[uint64]*print, len(printed)), at: make(map[place]*spot), shows: make(map[uint64][]*sighting)}
	seen := make([]*sighting, len(before))
	for i, r := range before {
		seen[i] = p.sighted(r)
		j.see(seen[i])
	}
	for _, r := range after {
		j.spot(p.stackOf(r.Stack).place).again(r.Head)
	}
	for _, q := range printed {
		j.printed[q.ID] = q
		b := j.spot(q.place)
		b.printed = append(b.printed, q)
	}
	j.owners()
	for _, b := range j.at {
		b.order()
		b.families(func(q *print) uint64 { return q.Creator })
		b.families(j.elder(b))
		b.alike()
	}
	j.moved()
	for _, b := range j.at {
		b.rest()
	}
	for _, s := range seen {
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

// maxForebears bounds the way up: a chain of goroutines may be as long as there are any.
const maxForebears = 32

// elder returns a function that finds the nearest of a goroutine's creators from whom somebody at
// b has inherited.
func (j *joint) elder(b *spot) func(*print) uint64 {
	from := make(map[uint64]bool)
	for _, s := range b.open() {
		from[s.from()] = true
	}
	return func(q *print) uint64 {
		for range maxForebears {
			if q == nil {
				break
			}
			if from[q.Creator] {
				return q.Creator
			}
			q = j.printed[q.Creator]
		}
		return 0
	}
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
