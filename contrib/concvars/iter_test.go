package concvars_test

import (
	"fmt"
	"testing"

	"github.com/sourcegraph/conc/iter"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/concvars"
)

// alone has one goroutine do all elements, one after the other.
const alone = 1

// walks call f for two elements on one goroutine, bound if help is true, and are what package
// iter can do.
var walks = map[string]func(help bool, f func()){
	"iter.ForEach": func(help bool, f func()) {
		g := func(*int) { f() }
		if help {
			g = contextvars.Bind1(g)
		}
		iter.Iterator[int]{MaxGoroutines: alone}.ForEach(make([]int, 2), g)
	},
	"iter.ForEachIdx": func(help bool, f func()) {
		g := func(int, *int) { f() }
		if help {
			g = concvars.BindIdx(g)
		}
		iter.Iterator[int]{MaxGoroutines: alone}.ForEachIdx(make([]int, 2), g)
	},
	"iter.Map": func(help bool, f func()) {
		g := func(*int) int { f(); return 0 }
		if help {
			g = contextvars.BindResult(g)
		}
		iter.Mapper[int, int]{MaxGoroutines: alone}.Map(make([]int, 2), g)
	},
	"iter.MapErr": func(help bool, f func()) {
		g := func(*int) (int, error) { f(); return 0, nil }
		if help {
			g = concvars.BindErr(g)
		}
		_, _ = iter.Mapper[int, int]{MaxGoroutines: alone}.MapErr(make([]int, 2), g)
	},
}

// walked returns what f sees for the second element, after leaving something for the first one.
func walked(name string, help bool) (saw string) {
	defer who.Set("the caller's").Restore()
	walks[name](help, func() { saw = sees(); leave() })
	return saw
}

func TestIterSeesTheCaller(t *testing.T) {
	for name := range walks {
		want(t, name+" sees", walked(name, true), "the caller's")
	}
}

func TestBindIdxPassesItsArguments(t *testing.T) {
	elements := []string{"a", "b", "c"}
	iter.ForEachIdx(elements, concvars.BindIdx(func(i int, s *string) { *s = fmt.Sprint(i, *s) }))
	want(t, "the elements", fmt.Sprint(elements), "[0a 1b 2c]")
}

func TestBindErrPassesResults(t *testing.T) {
	squares, err := iter.MapErr([]int{1, 2, 3}, concvars.BindErr(func(n *int) (int, error) {
		if *n == 2 {
			return 0, errOh
		}
		return *n * *n, nil
	}))
	want(t, "the results", fmt.Sprint(squares), "[1 0 9]")
	wantErr(t, "the error", err)
}
