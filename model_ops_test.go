package contextvars_test

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"runtime/pprof"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// operation does one thing to the package and to the model. It returns false
// to end the block that it stands in.
type operation struct {
	name string
	do   func(g *modelGoroutine) bool
}

// operations is filled in by init because blocks contain operations.
var operations []operation

func init() {
	operations = []operation{
		{"end", func(*modelGoroutine) bool { return false }},
		{"Set", opSet}, {"Set", opSet}, {"Set", opSet}, {"Set", opSet},
		{"Unset", opUnset}, {"Restore", opRestore}, {"Reset", opReset}, {"With", opWith},
		{"CopyContext", opCopyContext}, {"Copy", opCopy}, {"Run", opRun}, {"Equal", opEqual}, {"Adopt", opAdopt},
		{"Detach", opDetach}, {"Bind", opBind}, {"Lend", opLend},
		{"go", opGo}, {"Go", opGoFunc}, {"GoDetached", opGoDetached},
		{"SetGoroutineLabels", opRob}, {"pprof.Do", opForeignDo}, {"pprof.Do with ours", opOurDo},
		{"Isolate", opIsolate}, {"IsolatePull", opIsolatePull}, {"next", opNext}, {"next", opNext}, {"stop", opStop},
		{"yield", opYield}, {"yield", opYield}, {"yield", opYield},
		{"panic", func(g *modelGoroutine) bool { panic(errBoom) }},
		{"Goexit", func(g *modelGoroutine) bool { runtime.Goexit(); return false }},
		{"GC", func(g *modelGoroutine) bool {
			if g.next(16) == 0 {
				runtime.GC()
			}
			return true
		}},
	}
}

func opSet(g *modelGoroutine) bool {
	v, value := g.next(len(modelVars)), g.next(256)
	g.keepToken(modelVars[v].Set(value), v)
	g.set(v, value)
	return true
}

// set is for a v that was set just now.
func (g *modelGoroutine) set(v, value int) {
	g.current.put(v, value, true, g.newSite(v))
	g.current.knowSites(g.program)
}

func opUnset(g *modelGoroutine) bool {
	v := g.next(len(modelVars))
	g.keepToken(modelVars[v].Unset(), v)
	g.current.put(v, 0, false, nil)
	return true
}

// anyToken returns one of the last tokens, of whatever goroutine and context.
func (g *modelGoroutine) anyToken() *modelToken {
	if len(g.tokens) == 0 {
		return nil
	}
	return g.tokens[len(g.tokens)-1-g.next(min(8, len(g.tokens)))]
}

func (g *modelGoroutine) reset(t *modelToken) {
	t.used = true
	t.owner.put(t.v, t.old, t.had, t.site)
	if t.owner.below != nil && !t.changed {
		t.owner.uncover(t.v)
	}
}

func opRestore(g *modelGoroutine) bool {
	t := g.anyToken()
	if t == nil {
		return true
	}
	old, had := t.real.OldValue()
	if old != t.old || had != t.had || t.real.Used() != t.used {
		g.fail("token: old value %d %t, used %t; want %d %t, %t", old, had, t.real.Used(), t.old, t.had, t.used)
	}
	want := !t.used && t.owner == g.current
	if got := t.real.Restore(); got != want {
		g.fail("Restore: got %t, want %t", got, want)
	}
	if want {
		g.reset(t)
	}
	return true
}

func opReset(g *modelGoroutine) bool {
	t, v := g.anyToken(), g.next(len(modelVars))
	if t == nil {
		return true
	}
	if g.next(4) > 0 {
		v = t.v
	}
	var want error
	switch {
	case t.used:
		want = cv.ErrTokenUsed
	case t.v != v:
		want = cv.ErrTokenVar
	case t.owner != g.current:
		want = cv.ErrTokenContext
	}
	if got := modelVars[v].Reset(t.real); !errors.Is(got, want) || want == nil && got != nil {
		g.fail("Reset: got %v, want %v", got, want)
	}
	if want == nil {
		g.reset(t)
	}
	return true
}

func opWith(g *modelGoroutine) bool {
	v, value := g.next(len(modelVars)), g.next(256)
	t := g.token(cv.Token[int]{}, v)
	g.block(nil, func(f func()) {
		defer g.reset(t)
		modelVars[v].With(value, func() {
			g.set(v, value)
			f()
		})
	})
	return true
}

func (g *modelGoroutine) keep(c *modelContext, real *cv.Context) {
	c.real = real
	if g.contexts = append(g.contexts, c); len(g.contexts) > 6 {
		g.contexts = g.contexts[1:]
	}
}

func (g *modelGoroutine) anyContext() *modelContext {
	if len(g.contexts) == 0 {
		g.keep(empty(), cv.NewContext())
	}
	return g.contexts[g.next(len(g.contexts))]
}

func opCopyContext(g *modelGoroutine) bool {
	g.keep(g.current.copied(), cv.CopyContext())
	return true
}

func opCopy(g *modelGoroutine) bool {
	c := g.anyContext()
	g.keep(c.copied(), c.real.Copy())
	return true
}

func opRun(g *modelGoroutine) bool {
	c := g.anyContext()
	g.rooted = true
	if !c.entered {
		g.block(c, c.real.Run)
		return true
	}
	func() {
		defer func() {
			var reentry *cv.ReentryError
			if err, _ := recover().(error); !errors.As(err, &reentry) || reentry.Context != c.real {
				g.fail("Run of an entered context: %v", err)
			}
		}()
		c.real.Run(func() { g.fail("Run of an entered context ran") })
	}()
	return true
}

func opEqual(g *modelGoroutine) bool {
	c, d := g.anyContext(), g.anyContext()
	if got, want := c.real.Equal(d.real), maps.Equal(c.values, d.values); got != want {
		g.fail("Equal: got %t, want %t", got, want)
	}
	return true
}

func opAdopt(g *modelGoroutine) bool {
	changed, base := g.anyContext(), g.anyContext()
	cv.Adopt(changed.real, base.real)
	defer g.current.knowSites(g.program)
	values := maps.Clone(changed.values) // may be the current context
	for v := range modelVars {
		now, in := values[v]
		was, had := base.values[v]
		if !isLocal(v) && (in != had || now != was) {
			var s *frame.Site
			if in {
				s = g.newSite(v)
			}
			defer g.current.put(v, now, in, s)
			g.rooted = true
		}
	}
	return true
}

func empty() *modelContext {
	return &modelContext{values: map[int]int{}, sites: map[int]*frame.Site{}}
}

func opDetach(g *modelGoroutine) bool {
	g.rooted = true
	g.block(empty(), cv.Detach)
	return true
}

func opBind(g *modelGoroutine) bool {
	c := g.current.copied()
	g.rooted = true
	g.block(c, func(f func()) { cv.Bind(f)() })
	return true
}

func opLend(g *modelGoroutine) bool {
	g.rooted = true
	g.block(nil, cv.Lend)
	return true
}

func opGo(g *modelGoroutine) bool {
	g.child(g.current.copied(), false, func(f func()) { go f() })
	return true
}

func opGoFunc(g *modelGoroutine) bool {
	g.child(g.current.copied(), true, cv.Go)
	return true
}

func opGoDetached(g *modelGoroutine) bool {
	g.child(empty(), false, cv.GoDetached)
	return true
}

func opRob(g *modelGoroutine) bool {
	pprof.SetGoroutineLabels(context.Background())
	g.robbed()
	return true
}

func opForeignDo(g *modelGoroutine) bool {
	g.block(nil, func(f func()) {
		do(context.Background())(func() {
			g.robbed()
			g.check()
			f()
		})
	})
	g.robbed()
	return true
}

func opOurDo(g *modelGoroutine) bool {
	g.block(nil, do(cv.WithContext(context.Background(), cv.CopyContext())))
	return true
}
