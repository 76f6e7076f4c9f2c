package debugvars

import (
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/census"
)

func TestFilter(t *testing.T) {
	odd := contextvars.New[string]("a=b~c")
	prefixed := contextvars.New[string]("tenant id")
	long := strings.Repeat("x", 300)
	l := taken(
		&census.Goroutine{ID: 1, State: "running"},
		&census.Goroutine{ID: 2, Content: holding(func() { tenant.Set("acme"); attempt.Set(1) }), State: "chan receive (nil chan)"},
		&census.Goroutine{ID: 3, Content: isTenant("Acme Inc"), Stack: standing("example.org/Shop.checkout")},
		&census.Goroutine{ID: 4, Content: holding(func() { odd.Set("d"); prefixed.Set("acme") }), Created: standing("example.org/Start")[0]},
		&census.Goroutine{ID: 5, Content: holding(func() { tenant.Set(""); attempt.Set(12) })},
		&census.Goroutine{ID: 6, Content: isTenant(long)},
	)
	for _, c := range []struct {
		query Query
		want  []uint64
	}{
		{Query{}, []uint64{2, 3, 4, 5, 6}},
		{Query{Vars: []string{"tenant"}}, []uint64{2, 3, 5, 6}},
		{Query{Vars: []string{"tenant=acme"}}, []uint64{2}},
		{Query{Vars: []string{"tenant=acm"}}, nil},
		{Query{Vars: []string{`tenant=""`}}, []uint64{5}},
		{Query{Vars: []string{"tenant="}}, nil},
		{Query{Vars: []string{"tenant~ACM"}}, []uint64{2, 3}},
		{Query{Vars: []string{"tenant~"}}, []uint64{2, 3, 5, 6}},
		{Query{Vars: []string{"tenant", "attempt"}}, []uint64{2, 5}},
		{Query{Vars: []string{"tenant=acme", "attempt=12"}}, nil},
		{Query{Vars: []string{"attempt~1"}}, []uint64{2, 5}},
		{Query{Vars: []string{"Tenant"}}, nil},
		{Query{Vars: []string{"a=b~c"}}, []uint64{4}},
		{Query{Vars: []string{"a=b~c=d"}}, []uint64{4}},
		{Query{Vars: []string{"a=b~c~D"}}, []uint64{4}},
		{Query{Vars: []string{"a=b~c=e"}}, nil},
		{Query{Vars: []string{"a"}}, nil},
		{Query{Vars: []string{"tenant id=acme"}}, []uint64{4}},
		{Query{Vars: []string{"tenant=" + long}}, nil},
		{Query{Vars: []string{"tenant=" + long[:maxValue]}}, []uint64{6}},
		{Query{State: "CHAN"}, []uint64{2}},
		{Query{State: "running"}, nil},
		{Query{Search: "acme"}, []uint64{2, 3, 4}},
		{Query{Search: "TENANT ID"}, []uint64{4}},
		{Query{Search: "shop.CHECKOUT"}, []uint64{3}},
		{Query{Search: "start.go"}, []uint64{4}},
		{Query{Search: "acme", Vars: []string{"attempt"}}, []uint64{2}},
		{Query{Limit: 2}, []uint64{2, 3}},
	} {
		s := l.ask(t, c.query, c.want...)
		if c.query.Limit == 0 && (s.Matching != len(c.want) || s.Shown != len(c.want)) || s.Holding != 5 || s.Total != 6 {
			t.Errorf("%+v: %d of %d, %d shown", c.query, s.Matching, s.Holding, s.Shown)
		}
	}
	if s := l.ask(t, Query{Limit: 2}, 2, 3); s.Matching != 5 || s.Shown != 2 {
		t.Errorf("%d match, %d shown", s.Matching, s.Shown)
	}
}

// TestNothingTellsARedactedValue: no answer depends on what it is.
func TestNothingTellsARedactedValue(t *testing.T) {
	look := func(value string) *look {
		return taken(
			&census.Goroutine{ID: 1, Content: holding(func() { password.Set(value) })},
			&census.Goroutine{ID: 2, Content: holding(func() { password.Set("hunter2") })},
		)
	}
	for _, q := range []Query{
		{}, {Vars: []string{"password"}}, {Vars: []string{"password=hunter2"}}, {Vars: []string{"password~hunter"}},
		{Vars: []string{"password~"}}, {Vars: []string{"password=[redacted]"}}, {Search: "hunter"}, {Group: "password"},
		{View: ViewTree},
	} {
		same, other := look("hunter2"), look("letmein")
		a, b := inJSON(t, same.answer(q)), inJSON(t, other.answer(q))
		if a != b || strings.Contains(a, "hunter") {
			t.Errorf("%+v:\n%s\n%s", q, a, b)
		}
	}
}

func TestGroups(t *testing.T) {
	l := taken(
		&census.Goroutine{ID: 1, Content: isTenant("b")},
		&census.Goroutine{ID: 2, Content: isTenant("a")},
		&census.Goroutine{ID: 3, Content: isTenant("c")},
		&census.Goroutine{ID: 4, Content: isTenant("c")},
		&census.Goroutine{ID: 5, Content: holding(func() { attempt.Set(1) })},
		&census.Goroutine{ID: 6},
	)
	groups := func(q Query, want ...Group) {
		t.Helper()
		if s := l.answer(q); !equal(s.Groups, want) {
			t.Errorf("%+v: %+v, want %+v", q, s.Groups, want)
		}
	}
	c, a, b := Group{"tenant", "c", false, 2}, Group{"tenant", "a", false, 1}, Group{"tenant", "b", false, 1}
	groups(Query{}, nil...)
	groups(Query{Group: "tenant"}, c, a, b, Group{"tenant", "", true, 1})
	groups(Query{Group: "tenant", Limit: 1}, c, a, b, Group{"tenant", "", true, 1})
	groups(Query{Group: "tenant", Vars: []string{"tenant"}}, c, a, b)
	groups(Query{Group: "nobody's"}, Group{"nobody's", "", true, 5})
	groups(Query{Group: "tenant", State: "none"}, nil...)
}

// A long group leaves room for the others.
func TestSomeOfEachGroupAreShown(t *testing.T) {
	var all []*census.Goroutine
	for id := range uint64(7) {
		all = append(all, &census.Goroutine{ID: 10 + id, Content: isTenant("busy")})
	}
	all = append(all, &census.Goroutine{ID: 20, Content: isTenant("idle")}, &census.Goroutine{ID: 21, Content: holding(func() { attempt.Set(1) })})
	l := taken(all...)
	l.ask(t, Query{Limit: 4}, 10, 11, 12, 13)
	l.ask(t, Query{Limit: 4, Group: "tenant"}, 10, 11, 20, 21)
	l.ask(t, Query{Limit: 2, Group: "tenant"}, 10, 20)
	l.ask(t, Query{Group: "tenant"}, 10, 11, 12, 13, 14, 15, 16, 20, 21)
}
