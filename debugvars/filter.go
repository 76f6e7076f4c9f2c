package debugvars

import (
	"slices"
	"strings"
)

// A filter chooses members of a look as a query says. What it has found out of one context or stack it remembers
// for the others that have the same.
type filter struct {
	query   Query
	state   string
	search  string // both in lower case
	related map[*member]bool

	chosen map[*seen]bool
	found  map[*seen]bool
	passed map[*Call]bool // by the first call of a stack
}

func newFilter(l *look, q Query) *filter {
	f := &filter{
		query:  q,
		state:  strings.ToLower(q.State),
		search: strings.ToLower(q.Search),
		chosen: make(map[*seen]bool),
		found:  make(map[*seen]bool),
		passed: make(map[*Call]bool),
	}
	if q.Goroutine != 0 {
		f.related = l.family().relatedTo(q.Goroutine, l.members)
	}
	return f
}

// matches reports whether the filter chooses m, which it does only if m sees variables.
func (f *filter) matches(m *member) bool { return m.seen != nil && f.chooses(m) }

// chooses also says so of one that sees no variables, as who holds work does whose values were taken back.
func (f *filter) chooses(m *member) bool {
	return (f.query.Goroutine == 0 || f.related[m]) &&
		contains(m.State, f.state) &&
		f.hasAll(m.seen) &&
		(f.search == "" || f.finds(m))
}

// hasAll reports whether each filter on variables holds.
func (f *filter) hasAll(h *seen) bool {
	if len(f.query.Vars) == 0 {
		return true
	}
	if h == nil {
		return false
	}
	chosen, known := f.chosen[h]
	if !known {
		chosen = !slices.ContainsFunc(f.query.Vars, func(text string) bool {
			return !slices.ContainsFunc(h.variables, func(v Variable) bool { return v.passes(text) })
		})
		f.chosen[h] = chosen
	}
	return chosen
}

// passes reports whether a filter is one on v, and holds. The values of a redacted variable match nothing: who may try
// texts one after the other would come to know the value.
func (v Variable) passes(text string) bool {
	rest, ok := strings.CutPrefix(text, v.Name)
	switch {
	case !ok:
		return false
	case rest == "":
		return true
	case v.Redacted:
		return false
	case rest[0] == '=':
		return v.Value == rest[1:]
	case rest[0] == '~':
		return contains(v.Value, strings.ToLower(rest[1:]))
	}
	return false // another variable, with a longer name
}

// finds reports whether what is searched for is in the member's variables, stack or creation.
func (f *filter) finds(m *member) bool {
	found, known := f.found[m.seen]
	if !known {
		found = slices.ContainsFunc(m.Variables, func(v Variable) bool {
			return contains(v.Name, f.search) || !v.Redacted && contains(v.Value, f.search)
		})
		f.found[m.seen] = found
	}
	return found || len(m.Stack) > 0 && f.passes(&m.Stack[0], m.Stack) || m.Created != nil && f.passes(m.Created, []Call{*m.Created})
}

// passes reports whether what is searched for is in the stack that begins with first.
func (f *filter) passes(first *Call, stack []Call) bool {
	passed, known := f.passed[first]
	if !known {
		passed = slices.ContainsFunc(stack, func(c Call) bool {
			return contains(c.Func, f.search) || contains(c.File, f.search)
		})
		f.passed[first] = passed
	}
	return passed
}

// contains reports whether part, which is in lower case, is in s, whatever the case of that.
func contains(s, part string) bool { return part == "" || strings.Contains(strings.ToLower(s), part) }
