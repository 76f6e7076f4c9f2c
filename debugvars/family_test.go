package debugvars

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/internal/census"
)

// shape is a tree as a text, with those between in parentheses.
func shape(nodes []*Node) string {
	var all []string
	for _, n := range nodes {
		text := fmt.Sprint(n.ID)
		if n.ID == 0 {
			text = fmt.Sprint(n.OneOf)
		}
		if n.Between {
			text = "(" + text + ")"
		}
		if len(n.Started) > 0 {
			text += "[" + shape(n.Started) + "]"
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func TestTree(t *testing.T) {
	x := isTenant("x")
	l := taken(
		&census.Goroutine{ID: 1},
		&census.Goroutine{ID: 2, Content: x, Creator: 1},
		&census.Goroutine{ID: 3, Creator: 2},
		&census.Goroutine{ID: 4, Content: x, Creator: 3, State: "select"},
		&census.Goroutine{ID: 5, Creator: 3},
		&census.Goroutine{ID: 6, Content: x, Creator: 99, State: "select"},
		&census.Goroutine{ID: 7, Content: x, Creator: 4, InheritedFrom: 6},
		&census.Goroutine{OneOf: []uint64{8, 9}, Content: x, Creator: 2},
		&census.Goroutine{OneOf: []uint64{8, 9}, Content: x, Creator: 2},
		&census.Goroutine{Content: x},
	)
	for _, c := range []struct {
		query Query
		want  string
	}{
		{Query{}, "(1)[2[(3)[4[7]] [8 9] [8 9]]] 6 []"},
		{Query{State: "select"}, "(1)[(2)[(3)[4]]] 6"},
		{Query{Limit: 1}, "(1)[2]"},
		{Query{Goroutine: 3}, "(1)[(2)[(3)[4[7]]]]"},
		{Query{Goroutine: 6}, "(1)[(2)[(3)[(4)[7]]]] 6"},
		{Query{Goroutine: 9}, "(1)[(2)[[8 9] [8 9]]]"},
		{Query{Goroutine: 99}, "6"}, // it has ended, but has started 6
		{Query{Goroutine: 5}, ""},
		{Query{State: "none"}, ""},
	} {
		c.query.View = ViewTree
		got := shape(l.answer(c.query).Tree)
		if got != c.want {
			t.Errorf("%+v: %s, want %s", c.query, got, c.want)
		}
	}
}

func TestGoroutineThatIsNotThere(t *testing.T) {
	l := taken(&census.Goroutine{ID: 1}, &census.Goroutine{OneOf: []uint64{2, 3}, Content: isTenant("x")})
	for id, want := range map[uint64]int{1: 0, 3: 0, 4: 1} {
		if s := l.answer(Query{Goroutine: id}); len(s.Notes) != want {
			t.Errorf("%d: %q", id, s.Notes)
		}
	}
}

// TestRings: numbers that are used again could make a goroutine its own ancestor. Nobody is lost then, and nothing is
// without end.
func TestRings(t *testing.T) {
	x := isTenant("x")
	l := taken(
		&census.Goroutine{ID: 1, Content: x, Creator: 1},
		&census.Goroutine{ID: 2, Content: x, Creator: 4},
		&census.Goroutine{ID: 3, Content: x, Creator: 2},
		&census.Goroutine{ID: 4, Creator: 3},
		&census.Goroutine{ID: 5, Content: x, Creator: 4},
		&census.Goroutine{ID: 6, Creator: 6},
		&census.Goroutine{ID: 7, Content: x, Creator: 6},
	)
	if got, want := shape(l.answer(Query{View: ViewTree}).Tree), "1 2[3[(4)[5]]] (6)[7]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	l.ask(t, Query{Goroutine: 3}, 2, 3, 5)
	l.ask(t, Query{Goroutine: 6}, 7)
	l.ask(t, Query{Goroutine: 5}, 5)
}

// TestDeepTree: a long chain of ancestors is cut, and takes no long time.
func TestDeepTree(t *testing.T) {
	const deep = 50_000
	var chain []*census.Goroutine
	for i := range uint64(deep) {
		chain = append(chain, &census.Goroutine{ID: i + 1, Creator: i})
	}
	chain[deep-1].Content = isTenant("x")
	l := taken(chain...)
	tree := l.answer(Query{View: ViewTree}).Tree
	levels := 0
	for n := tree; len(n) == 1; n = n[0].Started {
		levels++
	}
	if levels != maxAncestors+1 {
		t.Errorf("%d levels", levels)
	}
	l.ask(t, Query{Goroutine: 1}, deep)
}

func TestSummarised(t *testing.T) {
	var all []*census.Goroutine
	for i := range 30 {
		all = append(all, &census.Goroutine{Content: isTenant(fmt.Sprint(i % 3)), Stack: standing("main.f")}, &census.Goroutine{})
	}
	l := lookAt(&census.Census{Goroutines: all, Total: len(all)}, nil)
	for _, view := range []string{ViewGoroutines, ViewTree} {
		s := l.ask(t, Query{View: view, Group: "tenant", Vars: []string{"tenant~1"}})
		if !s.Summarised || s.Total != 60 || s.Holding != 30 || s.Matching != 10 || s.Shown != 0 || len(s.Tree) != 0 || len(s.Notes) != 1 {
			t.Errorf("%+v", s)
		}
		if !equal(s.Groups, []Group{{"tenant", "1", false, 10}}) || s.Variables[0] != (VariableInfo{Name: "tenant", Type: "string", Goroutines: 30, Values: 3}) {
			t.Errorf("%+v, %+v", s.Groups, s.Variables)
		}
	}
}

func TestGroupsAreBounded(t *testing.T) {
	var all []*census.Goroutine
	for i := range maxValues + 5 {
		all = append(all, &census.Goroutine{Content: isTenant(fmt.Sprint(i))})
	}
	s := lookAt(&census.Census{Goroutines: all, Total: len(all)}, nil).answer(Query{Group: "tenant"})
	if len(s.Groups) != maxValues || len(s.Notes) != 2 || s.Variables[0].Values != maxValues || s.Variables[0].Goroutines != maxValues+5 {
		t.Errorf("%d groups, %q, %+v", len(s.Groups), s.Notes, s.Variables)
	}
}

func TestOwnOnlyIsNoted(t *testing.T) {
	l := lookAt(&census.Census{OwnOnly: true, Dumped: true}, nil)
	if s := l.ask(t, Query{}); len(s.Notes) != 1 || s.Variables == nil {
		t.Errorf("%+v", s)
	}
}
