package contextvars_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	cv "github.com/gocontextvars/contextvars"
)

type (
	named      int
	pointerBox struct{ p *int } // one pointer, which an interface holds as it is
	padded     struct {
		a byte
		b int64
		c byte
	}
	recursive struct {
		next  *recursive
		value any
	}
)

// identical is == for everything: NaN is itself, 0 is not -0, funcs, maps and
// slices are compared as what they point to.
func identical(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if x.IsValid() && y.IsValid() && x.Type() == y.Type() {
		switch x.Kind() {
		case reflect.Func, reflect.Map:
			return x.UnsafePointer() == y.UnsafePointer()
		case reflect.Slice:
			return x.UnsafePointer() == y.UnsafePointer() && x.Len() == y.Len()
		case reflect.Float64:
			return math.Float64bits(x.Float()) == math.Float64bits(y.Float())
		}
	}
	return reflect.DeepEqual(a, b)
}

// testValues takes values of one type through everything that stores, moves or
// returns them.
func testValues[T any](t *testing.T, values ...T) {
	typ := strings.ReplaceAll(reflect.TypeFor[T]().String(), " ", "")
	t.Run(typ, func(t *testing.T) {
		v := cv.New[T](typ)
		same := func(what string, got T, ok bool, value T) {
			t.Helper()
			if !ok || !identical(any(got), any(value)) {
				t.Errorf("%s: got %v, %v, want %v", what, got, ok, value)
			}
		}
		for _, value := range values {
			here := func(where string) {
				t.Helper()
				same(where+": Get", v.Get(), true, value)
				got, ok := v.Lookup()
				same(where+": Lookup", got, ok, value)
				same(where+": MustGet", v.MustGet(), true, value)
				var zero T
				same(where+": GetOr", v.GetOr(zero), true, value)
			}
			token := v.Set(value)
			runtime.GC()
			here("Set")
			elsewhere(func() { here("go") })
			bound := cv.Bind(func() { here("Bind") })
			cv.Detach(bound)
			c := cv.CopyContext()
			c.Run(func() { here("Run") })
			got, ok := v.In(c)
			same("In", got, ok, value)
			if got, ok := c.Value(v); !ok || !identical(got, any(value)) {
				t.Errorf("Value: got %v, %v, want %v", got, ok, value)
			}
			if got, ok := cv.LookupAny(v); !ok || !identical(got, any(value)) {
				t.Errorf("LookupAny: got %v, %v, want %v", got, ok, value)
			}
			for _, got := range c.All() {
				if !identical(got, any(value)) {
					t.Errorf("All: got %v, want %v", got, value)
				}
			}
			want(t, "Equal to its copy", c.Equal(c.Copy()), true)
			second := v.Unset()
			old, ok := second.OldValue()
			same("OldValue", old, ok, value)
			same("GetOr of nothing", v.GetOr(value), true, value)
			cv.Adopt(c, cv.NewContext())
			here("Adopt")
			want(t, "Restore", second.Restore(), true)
			here("Restore")
			want(t, "Restore", token.Restore(), true)
			wantNothing(t, v)
			same("NewDefault", cv.NewDefault(typ, value).Get(), true, value)
		}
	})
}

func TestValuesOfManyTypes(t *testing.T) {
	one := 1
	testValues(t, true, false)
	testValues(t, 0, 1, 127, 128, 255, 256, 257, -1, math.MaxInt, math.MinInt)
	testValues[int8](t, 0, -1, math.MinInt8, math.MaxInt8)
	testValues[uint8](t, 0, 1, 255)
	testValues[uint16](t, 0, 255, 256, math.MaxUint16)
	testValues[int64](t, 0, 255, 256, math.MaxInt64, math.MinInt64)
	testValues[uintptr](t, 0, 1, math.MaxUint32)
	testValues(t, 0.0, math.Copysign(0, -1), math.NaN(), math.Inf(1), 1e300)
	testValues[float32](t, 0, 1.5)
	testValues(t, complex(0, 0), complex(1, -2))
	testValues(t, "", "x", strings.Repeat("long", 1000))
	testValues[named](t, 0, 3, 300)
	testValues(t, time.Time{}, time.Unix(1, 2))
	testValues(t, struct{}{})
	testValues(t, [0]int{})
	testValues(t, [1]*int{nil}, [1]*int{&one})
	testValues(t, [3]string{"a", "", "c"})
	testValues(t, [1024]byte{1023: 1})
	testValues(t, pointerBox{}, pointerBox{&one})
	testValues(t, padded{1, 2, 3})
	testValues(t, recursive{}, recursive{next: &recursive{}, value: []int{1}})
	testValues(t, nil, &one)
	testValues(t, nil, new(struct{}))
	testValues(t, nil, make(chan int))
	testValues[<-chan int](t, nil, make(chan int))
	testValues(t, nil, func() {}, one2)
	testValues(t, nil, map[string]int{}, map[string]int{"a": 1})
	testValues(t, nil, []int{}, []int{1, 2}, make([]int, 0, 5))
	testValues[any](t, nil, 0, 256, "s", (*int)(nil), &one, []int{1}, map[int]int{}, one2, struct{}{}, pointerBox{&one})
	testValues[error](t, nil, errors.New("x"), (*cv.LookupError)(nil))
	testValues[fmt.Stringer](t, nil, (*cv.ContextVar[int])(nil), time.Second)
	testValues(t, [2]any{1, nil}, [2]any{[]int{}, 256})
}

func one2() {}

// testCounts are numbers of variables on both sides of every change of how a
// context keeps them.
var testCounts = []int{1, 2, 3, 4, 5, 7, 8, 9, 10, 16, 17, 33, 64, 257, 1000}

// gaps are distances in which variables in use are made: one place in a context
// may be wanted by all of them.
var gaps = map[string]func(*rand.Rand) int{
	"none":      func(*rand.Rand) int { return 0 },
	"different": func(r *rand.Rand) int { return r.IntN(4) },
	"7":         func(*rand.Rand) int { return 7 },
	"15":        func(*rand.Rand) int { return 15 },
	"255":       func(*rand.Rand) int { return 255 },
}

func TestManyVariables(t *testing.T) {
	for name, gap := range gaps {
		t.Run("gaps "+name, func(t *testing.T) { testManyVariables(t, gap) })
	}
}

func testManyVariables(t *testing.T, gap func(*rand.Rand) int) {
	for _, n := range testCounts {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(n), 1))
			vars := make([]*cv.ContextVar[int], n)
			for i := range vars {
				vars[i] = cv.New[int](fmt.Sprint(i))
				for range gap(random) {
					cv.New[int]("a gap in the numbers")
				}
			}
			tokens := make([]cv.Token[int], n)
			for _, i := range random.Perm(n) {
				tokens[i] = vars[i].Set(i)
			}
			full := cv.CopyContext()
			want(t, "Len", full.Len(), n)
			seen := map[cv.Variable]any{}
			for v, value := range full.All() {
				seen[v] = value
			}
			for i, v := range vars {
				wantValue(t, v, i)
				want(t, "All", seen[v], any(i))
				want(t, "Contains", full.Contains(v), true)
			}
			order := random.Perm(n)
			for done, i := range order {
				want(t, "Restore", tokens[i].Restore(), true)
				wantNothing(t, vars[i])
				want(t, "Len", cv.CopyContext().Len(), n-done-1)
			}
			elsewhere(func() {
				cv.Adopt(full, cv.NewContext())
				for i, v := range vars {
					wantValue(t, v, i)
				}
				want(t, "Equal after Adopt", cv.CopyContext().Equal(full), true)
			})
		})
	}
}
