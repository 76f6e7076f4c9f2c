package contextvars_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// Numbers in comments are those of the behaviours of Python's contextvars that
// a test is for.

// wantValue says that v has this value here.
func wantValue[T comparable](t *testing.T, v *cv.ContextVar[T], value T) {
	t.Helper()
	if got, ok := v.Lookup(); got != value || !ok {
		t.Errorf("%s: got %v, %v, want %v", v.Name(), got, ok, value)
	}
	want(t, v.Name()+".Get()", v.Get(), value)
}

// wantNothing says that v has neither a value nor a default here.
func wantNothing[T any](t *testing.T, v *cv.ContextVar[T]) {
	t.Helper()
	if got, ok := v.Lookup(); ok {
		t.Errorf("%s: got %v, want no value", v.Name(), got)
	}
}

func TestEmptyName(t *testing.T) { // 3
	v := cv.New[int]("")
	v.Set(1)
	want(t, "Name()", v.Name(), "")
	wantValue(t, v, 1)
}

func TestName(t *testing.T) { // 4
	const name = "a name, \"with\" everything\n\x00é"
	want(t, "New's name", cv.New[int](name).Name(), name)
	want(t, "NewDefault's name", cv.NewDefault(name, 1).Name(), name)
}

func TestSameNameIsNotSameVariable(t *testing.T) { // 5
	a, b := cv.New[int]("same"), cv.New[int]("same")
	a.Set(1)
	wantNothing(t, b)
	b.Set(2)
	wantValue(t, a, 1)
	wantValue(t, b, 2)
	want(t, "Len", cv.CopyContext().Len(), 2)
}

func TestVariableAsMapKey(t *testing.T) { // 6: the identity is stable
	a, b := cv.New[int]("same"), cv.New[int]("same")
	of := map[cv.Variable]string{a: "a", b: "b"}
	a.Set(1)
	b.Set(2)
	runtime.GC()
	for v := range cv.CopyContext().All() {
		want(t, "map[variable]", of[v], map[any]string{1: "a", 2: "b"}[mustLookup(t, v)])
	}
}

func mustLookup(t *testing.T, v cv.Variable) any {
	t.Helper()
	value, ok := cv.LookupAny(v)
	if !ok {
		t.Errorf("%v has no value here", v)
	}
	return value
}

func TestGetOrder(t *testing.T) { // 12: value, argument, default, nothing
	plain, withDefault := cv.New[int]("plain"), cv.NewDefault("withDefault", 3)
	wantNothing(t, plain)
	want(t, "Get without anything", plain.Get(), 0)
	want(t, "GetOr without anything", plain.GetOr(2), 2)
	want(t, "Get of the default", withDefault.Get(), 3)
	want(t, "GetOr with a default", withDefault.GetOr(2), 2)
	want(t, "MustGet of the default", withDefault.MustGet(), 3)
	for _, v := range []*cv.ContextVar[int]{plain, withDefault} {
		v.Set(1)
		wantValue(t, v, 1)
		want(t, "GetOr of a value", v.GetOr(2), 1)
		want(t, "MustGet of a value", v.MustGet(), 1)
	}
}

func TestLookupErrorCarriesVariable(t *testing.T) { // 13
	v := cv.New[int]("the missing one")
	var err *cv.LookupError
	if e, ok := panicOf(func() { v.MustGet() }).(error); !ok || !errors.As(e, &err) {
		t.Fatalf("MustGet panicked with %v, want a *LookupError", e)
	}
	want(t, "Var", err.Var, cv.Variable(v))
	if !strings.Contains(err.Error(), v.String()) {
		t.Errorf("error %q does not show %v", err, v)
	}
}

func TestGetOrZeroFallback(t *testing.T) { // 14
	v := cv.NewDefault[error]("v", errors.New("default"))
	want(t, "GetOr(nil)", v.GetOr(nil), nil)
	n := cv.NewDefault("n", 5)
	want(t, "GetOr(0)", n.GetOr(0), 0)
}

func TestNilIsAValue(t *testing.T) { // 16
	v := cv.NewDefault[error]("v", errors.New("default"))
	p := cv.NewDefault("p", new(int))
	v.Set(nil)
	p.Set(nil)
	wantValue(t, v, nil)
	wantValue(t, p, nil)
	c := cv.CopyContext()
	want(t, "Contains", c.Contains(v) && c.Contains(p), true)
	want(t, "Len", c.Len(), 2)
	if value, ok := c.Value(v); value != nil || !ok {
		t.Errorf("Value = %v, %v, want nil, true", value, ok)
	}
}

func TestEverySetMakesAToken(t *testing.T) { // 17
	v := cv.New[string]("v")
	first, second := v.Set("x"), v.Set("x")
	if first == second {
		t.Error("two Sets of an equal value made the same token")
	}
	want(t, "Restore of the second", second.Restore(), true)
	wantValue(t, v, "x")
	want(t, "first is used", first.Used(), false)
	want(t, "Restore of the first", first.Restore(), true)
	wantNothing(t, v)
}

func TestSetSameValueAgain(t *testing.T) { // 18
	v := cv.New[*int]("v")
	p := new(int)
	v.Set(p)
	before := cv.CopyContext()
	token := v.Set(p)
	if old, ok := token.OldValue(); old != p || !ok {
		t.Errorf("OldValue = %p, %v, want %p", old, ok, p)
	}
	want(t, "content is as before", cv.CopyContext().Equal(before), true)
}

func TestDefaultIsInNoContext(t *testing.T) { // 19
	v := cv.NewDefault("v", 7)
	want(t, "Get", v.Get(), 7)
	for name, c := range map[string]*cv.Context{
		"CopyContext": cv.CopyContext(), "NewContext": cv.NewContext(),
	} {
		want(t, name+".Len", c.Len(), 0)
		want(t, name+".Contains", c.Contains(v), false)
		if value, ok := v.In(c); ok || value != 0 {
			t.Errorf("In(%s) = %v, %v, want 0, false", name, value, ok)
		}
		if value, ok := c.Value(v); ok || value != nil {
			t.Errorf("%s.Value = %v, %v, want nil, false", name, value, ok)
		}
		for v := range c.All() {
			t.Errorf("%s.All yields %v", name, v)
		}
	}
}

func TestValuesAreNotCopiedDeeply(t *testing.T) { // 20
	set, byDefault := cv.New[[]int]("set"), cv.NewDefault("byDefault", map[string]int{})
	set.Set([]int{0})
	elsewhere(func() {
		set.Get()[0] = 1
		byDefault.Get()["x"] = 1
		set.Set([]int{2}) // its own from here on
		set.Get()[0] = 3
	})
	want(t, "shared slice's element", set.Get()[0], 1)
	want(t, "shared default's element", byDefault.Get()["x"], 1)
}

func TestAlternatingContexts(t *testing.T) { // 21
	v := cv.NewDefault("v", -1)
	v.Set(0)
	contexts := []*cv.Context{cv.NewContext(), cv.NewContext(), cv.CopyContext()}
	values := []int{-1, -1, 0}
	for round := range 30 {
		i := round % len(contexts)
		step := func() {
			contexts[i].Run(func() {
				wantValue(t, v, values[i])
				values[i] = 100*i + round
				v.Set(values[i])
				wantValue(t, v, values[i])
			})
		}
		if round%2 == 0 {
			step()
		} else {
			elsewhere(step)
		}
		wantValue(t, v, 0)
	}
}

func TestUnset(t *testing.T) {
	plain, withDefault := cv.New[int]("plain"), cv.NewDefault("withDefault", 1)
	plain.Set(2)
	withDefault.Set(3)
	a, b := plain.Unset(), withDefault.Unset()
	wantNothing(t, plain)
	wantValue(t, withDefault, 1)
	want(t, "Len", cv.CopyContext().Len(), 0)
	if old, ok := a.OldValue(); old != 2 || !ok {
		t.Errorf("OldValue of an Unset = %v, %v, want 2, true", old, ok)
	}
	want(t, "Restore", a.Restore() && b.Restore(), true)
	wantValue(t, plain, 2)
	wantValue(t, withDefault, 3)
}

func TestUnsetOfNothing(t *testing.T) {
	v := cv.NewDefault("v", 1)
	token := v.Unset()
	if old, ok := token.OldValue(); ok {
		t.Errorf("OldValue = %v, want none", old)
	}
	v.Set(2)
	want(t, "Restore", token.Restore(), true)
	wantValue(t, v, 1)
	want(t, "Contains", cv.CopyContext().Contains(v), false)
}

func TestWith(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	v.With(2, func() {
		wantValue(t, v, 2)
		v.With(3, func() { wantValue(t, v, 3) })
		wantValue(t, v, 2)
		v.Set(4)
	})
	wantValue(t, v, 1)
	want(t, "panic of f", panicOf(func() { v.With(2, func() { panic("out") }) }), any("out"))
	wantValue(t, v, 1)
	elsewhere(func() {
		defer func() { wantValue(t, v, 1) }()
		v.With(2, runtime.Goexit)
	})
}

func TestLookupAny(t *testing.T) {
	plain, withDefault := cv.New[int]("plain"), cv.NewDefault[error]("withDefault", nil)
	if value, ok := cv.LookupAny(plain); value != nil || ok {
		t.Errorf("LookupAny of nothing = %v, %v, want nil, false", value, ok)
	}
	if value, ok := cv.LookupAny(withDefault); value != nil || !ok {
		t.Errorf("LookupAny of a nil default = %v, %v, want nil, true", value, ok)
	}
	plain.Set(3)
	want(t, "LookupAny of a value", mustLookup(t, plain), any(3))
}

// No counterpart in Go: 1, 2, 15 (the compiler checks number and types of arguments), 7 (there is
// no inheritance), 8 (generic types, checked by the compiler).
// 11 is in format_test.go.
