package debugvars

import (
	"cmp"
	"fmt"
	"slices"
)

// answer returns what the query asks for, as of the look. The event loops are asked when somebody first asks for them.
func (l *look) answer(q Query) *Snapshot {
	s := l.snapshot(q.View)
	f, limit := newFilter(l, q), cmp.Or(q.Limit, defaultLimit)
	var matching []*member
	for _, m := range l.members {
		if f.matches(m) {
			matching = append(matching, m)
		}
	}
	s.Matching = len(matching)
	if q.Group != "" {
		s.Groups = groupsOf(matching, q.Group)
		if more := len(s.Groups) - maxValues; more > 0 {
			s.Groups = s.Groups[:maxValues]
			s.Notes = append(s.Notes, fmt.Sprintf("%d more groups are not shown.", more))
		}
	}
	switch s.View {
	case ViewLoops:
		s.Loops = l.loops()
		return s
	case ViewEnded:
		s.Notes = append(s.Notes, l.notesOn(q)...)
		l.answerEnded(s, q, f, limit)
		return s
	}
	s.Notes = append(s.Notes, l.notesOn(q)...)
	if l.summarised {
		return s
	}
	shown := matching[:min(len(matching), limit)]
	if q.Group != "" {
		shown = ofEachGroup(matching, q.Group, limit)
	}
	s.Shown = len(shown)
	for _, m := range shown {
		s.Goroutines = append(s.Goroutines, m.Goroutine)
	}
	if s.View == ViewTree {
		s.Tree = l.family().tree(shown)
	}
	return s
}

// notesOn says what the query asks for that cannot be had.
func (l *look) notesOn(q Query) (notes []string) {
	if l.summarised {
		notes = append(notes, fmt.Sprintf("There are %d goroutines, too many to print each (MaxGoroutines is %d): states, creators, numbers and Local variables are not known.",
			l.total, l.maxGoroutines))
		if q.State != "" {
			notes = append(notes, "So it cannot be told which of them match the filter by state.")
		}
		if q.Goroutine != 0 {
			notes = append(notes, "So it cannot be told which of them match the filter by goroutine.")
		}
		return notes
	}
	there := func(m *member) bool { return m.ID == q.Goroutine || slices.Contains(m.OneOf, q.Goroutine) }
	if q.Goroutine != 0 && !slices.ContainsFunc(l.members, there) {
		notes = append(notes, fmt.Sprintf("Goroutine %d is not there, or not any more.", q.Goroutine))
	}
	return notes
}

// ofEachGroup returns limit of the members, as many of each group as of the others if it has them, in
// their order.
func ofEachGroup(members []*member, name string, limit int) []*member {
	type turn struct{ round, index int }
	turns := make([]turn, len(members))
	rounds := make(map[string]int)
	for i, m := range members {
		value, ok := m.seen.value(name)
		key := "without"
		if ok {
			key = "with " + value.Value
		}
		turns[i] = turn{rounds[key], i}
		rounds[key]++
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Compare(a.round, b.round) })
	turns = turns[:min(len(turns), limit)]
	slices.SortFunc(turns, func(a, b turn) int { return cmp.Compare(a.index, b.index) })
	shown := make([]*member, len(turns))
	for i, t := range turns {
		shown[i] = members[t.index]
	}
	return shown
}

// groupsOf counts the values that the variable has on the members.
func groupsOf(members []*member, name string) []Group {
	groups := []Group{} // in JSON a list, also if it is empty
	index := make(map[string]int)
	missing := Group{Name: name, Missing: true}
	for _, m := range members {
		v, ok := m.seen.value(name)
		if !ok {
			missing.Count++
			continue
		}
		i, known := index[v.Value]
		if !known {
			i = len(groups)
			index[v.Value] = i
			groups = append(groups, Group{Name: name, Value: v.Value})
		}
		groups[i].Count++
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	if missing.Count > 0 {
		groups = append(groups, missing)
	}
	return groups
}
