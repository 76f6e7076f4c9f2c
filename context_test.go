package contextvars_test

import (
	"iter"
	"maps"
	"runtime"
	"slices"
	"testing"
	"weak"

	cv "github.com/gocontextvars/contextvars"
)

// contextWith returns a Context with what f sets.
func contextWith(f func()) *cv.Context {
	c := cv.NewContext()
	c.Run(f)
	return c
}

// content returns what c holds, by name.
func content(c *cv.Context) map[string]any {
	m := map[string]any{}
	for v, value := range c.All() {
		m[v.Name()] = value
	}
	return m
}

func wantContent(t *testing.T, c *cv.Context, m map[string]any) {
	t.Helper()
	if got := content(c); !maps.Equal(got, m) || c.Len() != len(m) {
		t.Errorf("content: got %v, Len %d, want %v", got, c.Len(), m)
	}
}

func TestNewContextIsEmpty(t *testing.T) { // 45
	v := cv.New[int]("v")
	v.Set(1)
	c := cv.NewContext()
	wantContent(t, c, nil)
	c.Run(func() { wantNothing(t, v) })
	wantContent(t, c, nil)
}

func TestCopyContextIsACopy(t *testing.T) { // 46
	v := cv.New[int]("v")
	v.Set(1)
	c := cv.NewContext()
	c.Run(func() {
		v.Set(2)
		first, second := cv.CopyContext(), cv.CopyContext()
		want(t, "is the current one", first == c, false)
		want(t, "is always the same", first == second, false)
		want(t, "is equal", first.Equal(second) && first.Equal(c), true)
		first.Run(func() { v.Set(3) })
		wantValue(t, v, 2)
		wantContent(t, second, map[string]any{"v": 2})
	})
	wantContent(t, cv.CopyContext(), map[string]any{"v": 1})
}

func TestCopiesCostTheSameForAnySize(t *testing.T) { // 47
	for _, n := range []int{0, 1, 8, 9, 100, 1000} {
		c := contextWith(func() {
			for range n {
				cv.New[int]("v").Set(1)
			}
			if got := testing.AllocsPerRun(10, func() { cv.CopyContext() }); got > 1 {
				t.Errorf("CopyContext of %d variables allocates %v times, want once", n, got)
			}
		})
		want(t, "Len", c.Len(), n)
		if got := testing.AllocsPerRun(10, func() { c.Copy() }); got > 1 {
			t.Errorf("Copy of %d variables allocates %v times, want once", n, got)
		}
	}
}

func TestCopiesAreIndependent(t *testing.T) { // 48
	v, w := cv.New[int]("v"), cv.New[int]("w")
	c := contextWith(func() { v.Set(1) })
	d := c.Copy()
	c.Run(func() { v.Set(2) })
	d.Run(func() { w.Set(3) })
	wantContent(t, c, map[string]any{"v": 2})
	wantContent(t, d, map[string]any{"v": 1, "w": 3})
	c.Run(func() {
		e := cv.CopyContext()
		v.Unset()
		e.Run(func() { wantValue(t, v, 2) })
		wantContent(t, e, map[string]any{"v": 2})
	})
}

func TestCopyWhileEntered(t *testing.T) { // 49
	v := cv.New[int]("v")
	c := cv.NewContext()
	var inside *cv.Context
	c.Run(func() {
		v.Set(1)
		inside = c.Copy()
		inside.Run(func() { v.Set(2) }) // is not entered, though c is
		var outside *cv.Context
		elsewhere(func() { outside = c.Copy() })
		v.Set(3)
		wantContent(t, outside, map[string]any{"v": 1})
		wantContent(t, c, map[string]any{"v": 3})
	})
	wantContent(t, inside, map[string]any{"v": 2})
}

func TestContextIsAMapping(t *testing.T) { // 58
	v, w, x := cv.New[int]("v"), cv.New[string]("w"), cv.New[int]("x")
	c := contextWith(func() { v.Set(1); w.Set("two") })
	want(t, "Len", c.Len(), 2)
	want(t, "Contains", c.Contains(v) && c.Contains(w), true)
	want(t, "Contains of another", c.Contains(x), false)
	value, ok := c.Value(w)
	want(t, "Value", value, any("two"))
	want(t, "Value", ok, true)
	typed, ok := v.In(c)
	want(t, "In", typed, 1)
	want(t, "In", ok, true)
	wantContent(t, c, map[string]any{"v": 1, "w": "two"})
	want(t, "Equal", c.Equal(contextWith(func() { w.Set("two"); v.Set(1) })), true)
}

func TestContextValueMissing(t *testing.T) { // 61
	v := cv.NewDefault("v", 1)
	v.Set(2)
	c := cv.NewContext()
	if value, ok := c.Value(v); value != nil || ok {
		t.Errorf("Value: got %v, %v, want nil, false", value, ok)
	}
	if value, ok := v.In(c); value != 0 || ok {
		t.Errorf("In: got %v, %v, want 0, false", value, ok)
	}
}

func TestUnusedContextIsFree(t *testing.T) { // 70
	v := cv.New[int]("v")
	c := contextWith(func() { v.Set(1); elsewhere(func() { v.Set(2) }) })
	elsewhere(func() { c.Run(func() { v.Set(3) }) })
	w := weak.Make(c)
	want(t, "Len", c.Len(), 1)
	c = nil
	for range 3 {
		runtime.GC()
	}
	if w.Value() != nil {
		t.Error("a Context that nobody has is still there")
	}
}

// lazily returns a sequence whose body runs where it is iterated over.
func lazily(v *cv.ContextVar[int]) iter.Seq[int] {
	return func(yield func(int) bool) { yield(v.Get()) }
}

func TestIteratorRunsWhereItIsDriven(t *testing.T) { // 72
	v := cv.New[int]("v")
	v.Set(1)
	var seq iter.Seq[int]
	c := contextWith(func() {
		v.Set(2)
		seq = lazily(v)
	})
	want(t, "outside", slices.Collect(seq)[0], 1)
	c.Run(func() { want(t, "inside", slices.Collect(seq)[0], 2) })
}

func TestReadingFromOtherGoroutines(t *testing.T) {
	v := cv.New[int]("v")
	c := cv.NewContext()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			value, ok := v.In(c)
			if d := c.Copy(); ok != (value > 0) || c.Len() > 1 || d.Len() > 1 || !d.Equal(d) {
				t.Errorf("read %v, %v of %v", value, ok, d)
			}
			for _, value := range c.All() {
				want(t, "is there", value.(int) > 0, true)
			}
		}
	}()
	for i := range 1000 {
		c.Run(func() {
			v.Set(i + 1)
			v.Unset()
			v.Set(i + 1)
		})
	}
	close(stop)
	<-stopped
}

// No counterpart in Go: 51 (a func takes what it needs with it), 59, 60 (the compiler: there
// is nothing to assign to, and keys are Variables), 71 (go vet's copylocks check reports copies), 73 (Run is all there is, and is
// balanced), 74 (an interface for C), 75 (a draft).
// 50-57 are in context_run_test.go, 62-64 in context_all_test.go, 65-68 in context_equal_test.go.
