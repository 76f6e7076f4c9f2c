package debugvars

import (
	"fmt"
	"net/url"
	"strconv"
)

// The views that a [Query] can ask for.
const (
	ViewGoroutines = "goroutines"
	ViewTree       = "tree"
	ViewLoops      = "loops"
	ViewEnded      = "ended"
)

const defaultLimit = 500

// A Query says which part of a [Snapshot] is wanted. On the page and its JSON and text it is the parameters of the URL.
type Query struct {
	// View is "goroutines" (the default), "tree", "loops" or "ended". (view)
	View string
	// Vars are filters on variables: "name=value" for goroutines on which the variable's text is value, "name~part" for
	// those whose text contains part, whatever the case, and "name" for those that have the variable at all. All
	// have to hold. A variable whose own name begins with "=" or "~" cannot be filtered by. (var, any number of times)
	Vars []string
	// State chooses goroutines whose state contains it. (state)
	State string
	// Search chooses goroutines of which a variable's name or value, a function or a file name contains it, whatever
	// the case. (q)
	Search string
	// Goroutine chooses one goroutine, with those that it has started, directly or not, and those that have inherited from it. (goroutine)
	Goroutine uint64
	// Group is the name of the variable to group by. (group)
	Group string
	// Limit is how many goroutines are shown at most; 0 is 500. (limit)
	Limit int
}

// filtered reports whether less is asked for than all goroutines with variables.
func (q Query) filtered() bool {
	return q.Search != "" || len(q.Vars) > 0 || q.State != "" || q.Goroutine != 0
}

// ParseQuery reads the parameters of a URL. Empty ones count as absent, as forms send them, and unknown ones are
// ignored. The error says which one is wrong and what it may be.
func ParseQuery(values url.Values) (Query, error) {
	q := Query{
		View:   values.Get("view"),
		State:  values.Get("state"),
		Search: values.Get("q"),
		Group:  values.Get("group"),
	}
	for _, v := range values["var"] {
		if v != "" {
			q.Vars = append(q.Vars, v)
		}
	}
	if text := values.Get("goroutine"); text != "" {
		id, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return Query{}, fmt.Errorf("debugvars: goroutine=%.40q: give the number of a goroutine", text)
		}
		q.Goroutine = id
	}
	if text := values.Get("limit"); text != "" {
		limit, err := strconv.Atoi(text)
		if err != nil {
			return Query{}, fmt.Errorf("debugvars: limit=%.40q: give a number of goroutines", text)
		}
		q.Limit = limit
	}
	if err := q.check(); err != nil {
		return Query{}, err
	}
	return q, nil
}

// Values returns the parameters of a URL that [ParseQuery] reads as q.
func (q Query) Values() url.Values {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("view", q.View)
	set("state", q.State)
	set("q", q.Search)
	set("group", q.Group)
	for _, v := range q.Vars {
		values.Add("var", v)
	}
	if q.Goroutine != 0 {
		set("goroutine", strconv.FormatUint(q.Goroutine, 10))
	}
	if q.Limit != 0 {
		set("limit", strconv.Itoa(q.Limit))
	}
	return values
}

func (q Query) check() error {
	switch q.View {
	case "", ViewGoroutines, ViewTree, ViewLoops, ViewEnded:
	default:
		return fmt.Errorf("debugvars: view=%.40q: use goroutines, tree, loops or ended", q.View)
	}
	for _, v := range q.Vars {
		if v == "" || v[0] == '=' || v[0] == '~' {
			return fmt.Errorf("debugvars: var=%.40q: the name is missing: give name, name=value or name~part", v)
		}
	}
	if n := q.size(); n > maxQuery {
		return fmt.Errorf("debugvars: the query has %d bytes: give %d at most", n, maxQuery)
	}
	if q.Limit < 0 {
		return fmt.Errorf("debugvars: limit=%d: give a number of goroutines from 1 on, or 0 for %d", q.Limit, defaultLimit)
	}
	return nil
}

// maxQuery bounds the texts of a query together, in bytes: each link of the page has them all.
const maxQuery = 1000

func (q Query) size() int {
	n := len(q.State) + len(q.Search) + len(q.Group)
	for _, v := range q.Vars {
		n += len(v) + len("&var=")
	}
	return n
}
