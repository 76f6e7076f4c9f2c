package contextvars_test

import (
	"fmt"
	"iter"
	"slices"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

func TestAllIsASnapshot(t *testing.T) { // 62
	for _, n := range []int{1, 3, 8, 9, 40} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			c := cv.NewContext()
			c.Run(func() {
				var vars []*cv.ContextVar[int]
				for i := range n {
					vars = append(vars, cv.New[int](fmt.Sprint(i)))
					vars[i].Set(i)
				}
				all := c.All()
				cv.New[int]("late").Set(1)
				seen := 0
				for v, value := range all {
					seen++
					want(t, v.Name(), fmt.Sprint(value), v.Name())
					vars[(value.(int)+1)%n].Set(-1)
					vars[(value.(int)+2)%n].Unset()
					cv.New[int]("later").Set(2)
				}
				want(t, "variables seen", seen, n)
				again := 0
				for range all {
					again++
				}
				want(t, "variables seen again", again, n)
			})
		})
	}
}

func TestLenIsWhatAllYields(t *testing.T) { // 63
	var vars []*cv.ContextVar[int]
	for i := range 40 {
		vars = append(vars, cv.New[int](fmt.Sprint(i)))
		vars[i].Set(i)
		want(t, "Len", cv.CopyContext().Len(), i+1)
		want(t, "yields", len(content(cv.CopyContext())), i+1)
	}
	for i, v := range vars {
		v.Unset()
		v.Unset()
		want(t, "Len", cv.CopyContext().Len(), len(vars)-1-i)
		want(t, "yields", len(content(cv.CopyContext())), len(vars)-1-i)
	}
}

func TestOrderOfAll(t *testing.T) { // 64
	for range 40 {
		cv.New[int]("v").Set(1)
		c := cv.CopyContext()
		order := slices.Collect(keys(c.All()))
		for what, again := range map[string]*cv.Context{"itself": c, "a copy": c.Copy()} {
			if !slices.Equal(slices.Collect(keys(again.All())), order) {
				t.Errorf("All of %s has another order", what)
			}
		}
		next, stop := iter.Pull2(c.All())
		for _, v := range order {
			got, _, ok := next()
			want(t, "pulled", got, v)
			want(t, "pulled", ok, true)
		}
		stop()
	}
}

func keys[K, V any](seq iter.Seq2[K, V]) iter.Seq[K] {
	return func(yield func(K) bool) {
		for k := range seq {
			if !yield(k) {
				return
			}
		}
	}
}

func TestAllStopsEarly(t *testing.T) {
	local := cv.New[int]("local", cv.Local())
	c := contextWith(func() {
		local.Set(0)
		for range 40 {
			cv.New[int]("v").Set(1)
		}
	})
	for stop := 1; stop <= 41; stop++ {
		seen := 0
		for range c.All() {
			if seen++; seen == stop {
				break
			}
		}
		want(t, "seen before break", seen, stop)
	}
}
