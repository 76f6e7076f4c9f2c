package contextvars_test

import (
	"context"
	"fmt"
	"runtime/pprof"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// notHere calls f in every way in which a copy of the current context can come into
// force.
var notHere = map[string]func(f func()){
	"go":                 elsewhere,
	"go twice":           func(f func()) { elsewhere(func() { elsewhere(f) }) },
	"Go":                 func(f func()) { done := make(chan int); cv.Go(func() { defer close(done); f() }); <-done },
	"Bind":               func(f func()) { cv.Bind(f)() },
	"Bind1":              func(f func()) { cv.Bind1(func(int) { f() })(1) },
	"BindResult":         func(f func()) { cv.BindResult(func(int) int { f(); return 1 })(1) },
	"Bind, elsewhere":    func(f func()) { elsewhere(cv.Bind(f)) },
	"CopyContext":        func(f func()) { cv.CopyContext().Run(f) },
	"Copy of a copy":     func(f func()) { cv.CopyContext().Copy().Run(f) },
	"CopyContext in go":  func(f func()) { elsewhere(func() { cv.CopyContext().Run(f) }) },
	"CopyContext for go": func(f func()) { c := cv.CopyContext(); elsewhere(func() { c.Run(f) }) },
	"AfterFunc":          func(f func()) { done := make(chan int); cv.AfterFunc(0, func() { defer close(done); f() }); <-done },
	"Adopt": func(f func()) {
		c := cv.CopyContext()
		cv.Detach(func() { cv.Adopt(c, cv.NewContext()); f() })
	},
	"pprof.Do, then go": func(f func()) {
		ctx := cv.WithContext(context.Background(), cv.CopyContext())
		pprof.Do(ctx, pprof.Labels("k", "v"), func(context.Context) { elsewhere(f) })
	},
}

func TestLocalIsInNoCopy(t *testing.T) {
	for _, n := range []int{0, 1, 8, 20} {
		for name, run := range notHere {
			t.Run(fmt.Sprint(name, " with ", n), func(t *testing.T) {
				local, other := cv.New[int]("local", cv.Local()), cv.New[int]("other")
				for range n {
					cv.New[int]("one more").Set(1)
				}
				local.Set(1)
				other.Set(1)
				ran := false
				run(func() {
					ran = true
					wantValue(t, other, 1)
					wantNothing(t, local)
					want(t, "Get", local.Get(), 0)
					want(t, "GetOr", local.GetOr(2), 2)
					_, ok := cv.LookupAny(local)
					want(t, "LookupAny", ok, false)
					want(t, "Len", cv.CopyContext().Len(), n+1)
					token := local.Set(5) // one of its own
					wantValue(t, local, 5)
					want(t, "Restore", token.Restore(), true)
					wantNothing(t, local)
					local.Set(6)
				})
				want(t, "ran", ran, true)
				wantValue(t, local, 1)
			})
		}
	}
}

func TestLocalIsInItsContext(t *testing.T) {
	local := cv.New[int]("local", cv.Local())
	c := cv.NewContext()
	c.Run(func() { local.Set(1) })
	elsewhere(func() {
		c.Run(func() {
			wantValue(t, local, 1)
			elsewhere(func() { wantNothing(t, local) })
			local.Set(2)
		})
		wantNothing(t, local)
	})
	c.Run(func() { wantValue(t, local, 2) })
	wantNothing(t, local)

	// From outside: c has it, a copy has not.
	value, ok := local.In(c)
	want(t, "In", value, 2)
	want(t, "In", ok, true)
	wantContent(t, c, map[string]any{"local": 2})
	wantContent(t, c.Copy(), nil)
	want(t, "Contains", c.Contains(local), true)
	want(t, "a copy Contains", c.Copy().Contains(local), false)
	want(t, "Equal to a copy", c.Equal(c.Copy()), false)
	want(t, "Equal to itself", c.Equal(c), true)
}

func TestLocalOnOneGoroutine(t *testing.T) {
	local := cv.New[int]("local", cv.Local())
	local.Set(1)
	cv.NewContext().Run(func() {
		wantNothing(t, local)
		local.Set(2)
		cv.Detach(func() { wantNothing(t, local) })
		wantValue(t, local, 2)
	})
	wantValue(t, local, 1)
	cv.Lend(func() {
		wantValue(t, local, 1)
		elsewhere(func() { wantNothing(t, local) })
		local.Set(3)
	})
	wantValue(t, local, 3)
	pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) {
		wantValue(t, local, 3)
		local.Set(4)
	})
	wantValue(t, local, 4)
	ctx := cv.WithContext(context.Background(), cv.CopyContext())
	pprof.Do(ctx, pprof.Labels("k", "v"), func(context.Context) { wantValue(t, local, 4) })
	wantValue(t, local, 4)
}

func TestLocalAmongMany(t *testing.T) {
	for _, n := range testCounts[:13] { // every one is searched for in a row
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			var locals, others []*cv.ContextVar[int]
			var tokens []cv.Token[int]
			for i := range n {
				locals = append(locals, cv.New[int]("local", cv.Local()))
				others = append(others, cv.New[int]("other"))
				tokens = append(tokens, locals[i].Set(i), others[i].Set(-i))
			}
			check := func(from int) {
				for i := from; i < n; i++ {
					wantValue(t, locals[i], i)
					wantValue(t, others[i], -i)
				}
			}
			check(0)
			want(t, "Len of a copy", cv.CopyContext().Len(), n)
			elsewhere(func() {
				for i := range n {
					wantNothing(t, locals[i])
					wantValue(t, others[i], -i)
				}
				others[0].Set(5)
				wantNothing(t, locals[0])
			})
			for i := range n {
				want(t, "Restore", tokens[2*i].Restore(), true)
				wantNothing(t, locals[i])
				want(t, "Restore", tokens[2*i+1].Restore(), true)
				check(i + 1)
			}
		})
	}
}

func TestTokenOfLocal(t *testing.T) {
	local, v := cv.NewDefault("local", 9, cv.Local()), cv.New[int]("v")
	wantValue(t, local, 9)
	first := local.Set(1)
	second := local.Set(2)
	v.Set(1)
	third := local.Unset()
	wantValue(t, local, 9)
	elsewhere(func() {
		wantValue(t, local, 9)
		wantReset(t, local, third, cv.ErrTokenContext)
	})
	cv.CopyContext().Run(func() { wantReset(t, local, second, cv.ErrTokenContext) })
	wantReset(t, local, third, nil)
	wantValue(t, local, 2)
	wantReset(t, local, second, nil)
	wantValue(t, local, 1)
	old, ok := third.OldValue()
	want(t, "OldValue", old, 2)
	want(t, "OldValue", ok, true)
	wantReset(t, local, first, nil)
	wantValue(t, local, 9)
	wantValue(t, v, 1)
	local.With(3, func() { wantValue(t, local, 3) })
	wantValue(t, local, 9)

	c := cv.NewContext()
	var inC cv.Token[int]
	c.Run(func() { inC = local.Set(4) })
	elsewhere(func() {
		c.Run(func() {
			wantReset(t, local, inC, nil)
			wantValue(t, local, 9)
		})
	})
}

func TestAdoptLeavesLocalAlone(t *testing.T) {
	local, v := cv.New[int]("local", cv.Local()), cv.New[int]("v")
	local.Set(1)
	base := cv.CopyContext()
	child := base.Copy()
	child.Run(func() { local.Set(2); v.Set(2) })
	cv.Adopt(child, base)
	wantValue(t, local, 1)
	wantValue(t, v, 2)
	cv.Adopt(base, child) // does not unset it either
	wantValue(t, local, 1)
	wantNothing(t, v)
}
