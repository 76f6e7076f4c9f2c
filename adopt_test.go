package contextvars_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

func TestAdopt(t *testing.T) {
	set, changed, unset := cv.New[int]("set"), cv.New[int]("changed"), cv.New[int]("unset")
	same, here := cv.New[int]("same"), cv.New[int]("here")
	changed.Set(1)
	unset.Set(1)
	same.Set(1000)
	base := cv.CopyContext()
	child := base.Copy()
	child.Run(func() {
		set.Set(2)
		changed.Set(2)
		unset.Unset()
		same.Set(1000) // again
	})
	same.Set(9) // what both have alike is left as it is here
	here.Set(9)
	cv.Adopt(child, base)
	wantContent(t, cv.CopyContext(), map[string]any{"set": 2, "changed": 2, "same": 9, "here": 9})
	wantContent(t, base, map[string]any{"changed": 1, "unset": 1, "same": 1000})
	wantContent(t, child, map[string]any{"set": 2, "changed": 2, "same": 1000})
}

func TestAdoptFromGoroutine(t *testing.T) {
	v, w := cv.New[int]("v"), cv.New[int]("w")
	v.Set(1)
	base := cv.CopyContext()
	var after *cv.Context
	elsewhere(func() {
		v.Set(2)
		w.Set(2)
		after = cv.CopyContext()
	})
	cv.Adopt(after, base)
	wantContent(t, cv.CopyContext(), map[string]any{"v": 2, "w": 2})
	cv.Adopt(after, base) // again, to no effect
	wantContent(t, cv.CopyContext(), map[string]any{"v": 2, "w": 2})
	cv.Adopt(base, after) // and back
	wantContent(t, cv.CopyContext(), map[string]any{"v": 1})
}

// Adopt(c, c.Copy()) does nothing, and Adopt(c, empty) to an empty context makes it equal to
// c, whatever c holds.
func TestAdoptLaws(t *testing.T) {
	local, label := cv.New[int]("local", cv.Local()), cv.New[float64]("label", cv.Label())
	vars := []*cv.ContextVar[any]{}
	for range 30 {
		vars = append(vars, cv.New[any]("v"))
	}
	values := []any{nil, 1, 2, "x", math.NaN(), []int{1}, map[int]int{}, func() {}, (*int)(nil), [1]any{[]int{2}}}
	random := rand.New(rand.NewPCG(1, 2))
	change := func() {
		for range random.IntN(12) {
			v := vars[random.IntN(len(vars))]
			if random.IntN(4) == 0 {
				v.Unset()
			} else {
				v.Set(values[random.IntN(len(values))])
			}
		}
		local.Set(random.IntN(9))
		label.Set(math.NaN())
	}
	for range 200 {
		cv.Detach(func() {
			change()
			c := cv.CopyContext()
			c.Run(change)
			before := cv.CopyContext()
			cv.Adopt(c, c.Copy())
			cv.Adopt(c.Copy(), c)
			cv.Adopt(c, c)
			want(t, "content is as before", cv.CopyContext().Equal(before), true)
			cv.Adopt(c, before)
			want(t, "content is c's", cv.CopyContext().Equal(c.Copy()), true)
			cv.Adopt(before, c)
			want(t, "content is as before", cv.CopyContext().Equal(before), true)
			cv.Detach(func() {
				cv.Adopt(c, cv.NewContext())
				want(t, "content is c's", cv.CopyContext().Equal(c.Copy()), true)
				cv.Adopt(cv.NewContext(), c)
				wantContent(t, cv.CopyContext(), nil)
			})
		})
	}
}

func TestAdoptWithTokens(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	token := v.Set(2)
	child := contextWith(func() { v.Set(3) })
	cv.Adopt(child, cv.CopyContext())
	wantValue(t, v, 3)
	wantReset(t, v, token, nil)
	wantValue(t, v, 1)
}

func TestAdoptInto(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	c := contextWith(func() { v.Set(2) })
	c.Run(func() {
		cv.Adopt(contextWith(func() { v.Set(3) }), c)
		wantValue(t, v, 3)
		cv.Adopt(c, cv.NewContext()) // the current one
		wantValue(t, v, 3)
	})
	wantContent(t, c, map[string]any{"v": 3})
	wantValue(t, v, 1)
	elsewhere(func() { // one that only inherited
		cv.Adopt(c, cv.NewContext())
		wantValue(t, v, 3)
	})
	wantValue(t, v, 1)
}

func TestAdoptAmongMany(t *testing.T) {
	for _, n := range testCounts {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var vars []*cv.ContextVar[int]
			for i := range n {
				vars = append(vars, cv.New[int]("v"))
				vars[i].Set(i)
			}
			base := cv.CopyContext()
			added := cv.New[int]("added")
			child := base.Copy()
			child.Run(func() {
				added.Set(1)
				vars[n/2].Set(-1)
				vars[0].Unset()
			})
			cv.Adopt(child, base)
			want(t, "Equal", cv.CopyContext().Equal(child), true)
			wantValue(t, added, 1)
			wantNothing(t, vars[0])
			for i, v := range vars[1:] {
				if i+1 != n/2 {
					wantValue(t, v, i+1)
				}
			}
			cv.Adopt(base, child)
			want(t, "Equal", cv.CopyContext().Equal(base), true)
		})
	}
}
