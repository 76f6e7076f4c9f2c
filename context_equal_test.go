package contextvars_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// testEqual says whether two contexts are equal in which v was set by one Set
// each, and that contexts with the same Set are equal.
func testEqual[T any](t *testing.T, name string, a, b T, equal bool) {
	t.Run(name, func(t *testing.T) {
		v := cv.New[T]("v")
		c, d := contextWith(func() { v.Set(a) }), contextWith(func() { v.Set(b) })
		if p := panicOf(func() {
			want(t, "Equal", c.Equal(d), equal)
			want(t, "Equal, the other way", d.Equal(c), equal)
			want(t, "Equal to itself", c.Equal(c), true)
		}); p != nil {
			t.Fatalf("Equal panicked: %v", p)
		}
		// The same Set, in contexts that are no longer the same.
		w := cv.New[int]("w")
		e := c.Copy()
		e.Run(func() { w.Set(1) })
		want(t, "Equal with one more", c.Equal(e), false)
		c.Run(func() { w.Set(1) })
		want(t, "Equal to a changed copy", c.Equal(e), true)
	})
}

func TestEqualByValue(t *testing.T) { // 65
	one, other := 1, 1
	f, ch := func() {}, make(chan int)
	type withBlank struct {
		a int
		_ int
	}
	testEqual(t, "ints", 1, 1, true)
	testEqual(t, "large ints", 1000, 1000, true)
	testEqual(t, "other ints", 1, 2, false)
	testEqual(t, "strings", "a", string([]byte{'a'}), true)
	testEqual(t, "structs", padded{1, 2, 3}, padded{1, 2, 3}, true)
	testEqual(t, "other structs", padded{1, 2, 3}, padded{1, 2, 4}, false)
	testEqual(t, "empty structs", struct{}{}, struct{}{}, true)
	testEqual(t, "structs with a blank field", withBlank{a: 1}, withBlank{a: 1}, true)
	testEqual(t, "arrays", [2]string{"a", "b"}, [2]string{"a", "b"}, true)
	testEqual(t, "pointers to one", &one, &one, true)
	testEqual(t, "pointers to equals", &one, &other, false)
	testEqual[*int](t, "nil pointers", nil, nil, true)
	testEqual(t, "one chan", ch, ch, true)
	testEqual(t, "two chans", ch, make(chan int), false)
	testEqual(t, "zeros", 0, math.Copysign(0, -1), true)
	testEqual[any](t, "int and float in interfaces", 1, 1.0, false)
	testEqual[any](t, "equal in interfaces", "a", "a", true)
	testEqual[any](t, "nil interfaces", nil, nil, true)
	testEqual(t, "structs with a nil interface", struct{ a any }{}, struct{ a any }{}, true)
	testEqual[any](t, "nil and a nil pointer", nil, (*int)(nil), false)
	testEqual[error](t, "one error", cv.ErrTokenUsed, cv.ErrTokenUsed, true)
	testEqual(t, "two errors", errors.New("x"), errors.New("x"), false)
	testEqual(t, "arrays of interfaces", [2]any{1, "x"}, [2]any{1, "x"}, true)

	// What is not equal to itself is equal only if it is the one of the same Set.
	testEqual(t, "NaN", math.NaN(), math.NaN(), false)
	testEqual(t, "NaN of float32", float32(math.NaN()), float32(math.NaN()), false)
	testEqual(t, "complex NaN", complex(math.NaN(), 0), complex(math.NaN(), 0), false)
	testEqual(t, "NaN in a struct", struct{ f float64 }{math.NaN()}, struct{ f float64 }{math.NaN()}, false)
	testEqual[any](t, "NaN in an interface", math.NaN(), math.NaN(), false)

	testEqual(t, "one func", f, f, false)
	testEqual[func()](t, "nil funcs", nil, nil, false)
	m, s := map[int]int{}, []int{1}
	testEqual(t, "one map", m, m, false)
	testEqual[map[int]int](t, "nil maps", nil, nil, false)
	testEqual(t, "one slice", s, s, false)
	testEqual[[]int](t, "nil slices", nil, nil, false)
}

// Python lets an exception in a comparison out (67). In Go only values that cannot be
// compared would raise one, and those are unequal instead.
func TestEqualOfUncomparableValues(t *testing.T) { // 67
	s, m, f := []int{1}, map[int]int{}, func() {}
	testEqual[any](t, "slices in interfaces", s, s, false)
	testEqual[any](t, "maps in interfaces", m, m, false)
	testEqual[any](t, "funcs in interfaces", f, f, false)
	testEqual[any](t, "slice and int", s, 1, false)
	testEqual[any](t, "int and slice", 1, s, false)
	testEqual[any](t, "slice and nil", s, nil, false)
	testEqual[any](t, "struct with a slice", struct{ s []int }{s}, struct{ s []int }{s}, false)
	testEqual[any](t, "array of funcs", [1]func(){f}, [1]func(){f}, false)
	testEqual(t, "struct with a func", struct{ f func() }{}, struct{ f func() }{}, false)
	testEqual(t, "slice in an interface in a struct", struct{ a any }{s}, struct{ a any }{s}, false)
	testEqual(t, "slice in an interface in an array", [2]any{1, s}, [2]any{1, s}, false)
	testEqual(t, "deep", [1]struct{ a any }{{[1]any{s}}}, [1]struct{ a any }{{[1]any{s}}}, false)
	testEqual(t, "blank slice", struct{ _ []int }{}, struct{ _ []int }{}, false)
	testEqual[error](t, "error type of slice", sliceError{}, sliceError{}, false)

	// Without size: reflect's Value.Comparable says true of some, and their
	// boxes have one address.
	type marker = [0]func()
	testEqual(t, "no funcs", marker{}, marker{}, false)
	testEqual[any](t, "no funcs in an interface", marker{}, marker{}, false)
	testEqual(t, "struct with no funcs", struct{ _ marker }{}, struct{ _ marker }{}, false)
	testEqual(t, "int and no funcs", struct {
		n int
		_ marker
	}{}, struct {
		n int
		_ marker
	}{}, false)
	type empties = [0]struct{ f func() }
	testEqual(t, "no structs", empties{}, empties{}, false)
	testEqual[any](t, "no structs in an interface", empties{}, empties{}, false)
	testEqual(t, "int and no structs", struct {
		n int
		e empties
	}{}, struct {
		n int
		e empties
	}{}, false)
}

type sliceError []string

func (sliceError) Error() string { return "several" }

func TestEqualOfOtherVariables(t *testing.T) { // 65
	v, w, d := cv.New[int]("same"), cv.New[int]("same"), cv.NewDefault("d", 1)
	empty := cv.NewContext()
	want(t, "empty ones", empty.Equal(cv.NewContext()), true)
	hasV := contextWith(func() { v.Set(1) })
	want(t, "variables of one name", hasV.Equal(contextWith(func() { w.Set(1) })), false)
	want(t, "with an empty one", hasV.Equal(empty) || empty.Equal(hasV), false)
	want(t, "a default set", contextWith(func() { d.Set(1) }).Equal(empty), false)
	want(t, "emptied", contextWith(func() { v.Set(1); v.Unset() }).Equal(empty), true)
}

func TestEqualOfManyVariables(t *testing.T) { // 65: whatever the order and history
	for _, n := range testCounts {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var vars []*cv.ContextVar[int]
			for range n {
				vars = append(vars, cv.New[int]("v"))
			}
			c := contextWith(func() {
				for i, v := range vars {
					v.Set(i)
				}
			})
			d := contextWith(func() {
				for i := range vars {
					cv.New[int]("passing").Set(i)
					vars[n-1-i].Set(-1)
				}
				for v := range cv.CopyContext().All() {
					if v.Name() == "passing" {
						v.(*cv.ContextVar[int]).Unset()
					}
				}
				for i, v := range vars {
					v.Set(i)
				}
			})
			want(t, "Equal", c.Equal(d) && d.Equal(c), true)
			for i, v := range vars {
				d.Run(func() {
					token := v.Set(-1)
					want(t, "Equal with another value", c.Equal(d) || d.Equal(c), false)
					token.Restore()
					token = v.Unset()
					want(t, "Equal with one less", c.Equal(d) || d.Equal(c), false)
					token.Restore()
				})
				if i > 20 {
					break
				}
			}
			want(t, "Equal", c.Equal(d) && d.Equal(c), true)
		})
	}
}

// No counterpart in Go: 66 (the compiler: Equal takes a *Context, and there is no order).
// 68 is in option_test.go: no code of a user runs in a comparison or in hashing.
