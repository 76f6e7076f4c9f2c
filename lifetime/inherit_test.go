package lifetime_test

import (
	"context"
	"fmt"
	"iter"
	"runtime/pprof"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
	"github.com/gocontextvars/contextvars/wire"
)

// What inherits variables inherits the work.
func TestInherited(t *testing.T) {
	track(t)
	lifetime.Run(contextvars.NewContext(), "w", func() {
		w := lifetime.Current()
		wantIn := func(where string, want *lifetime.Work) func() {
			return func() {
				t.Helper()
				if got := lifetime.Current(); got != want {
					t.Errorf("%s: got %v, want %v", where, got, want)
				}
			}
		}
		goes := func(f func()) { done := make(chan bool); go func() { defer close(done); f() }(); <-done }

		goes(wantIn("go", w))
		user.Set("ann")
		wantIn("after a Set", w)()
		local.Set("here")
		wantIn("after a Set of a Local variable", w)()
		goes(func() { user.Set("bob"); wantIn("a goroutine that has set", w)() })
		goes(func() { token := user.Set("bob"); token.Restore(); wantIn("a goroutine that has restored", w)() })
		goes(func() {
			for i := range many {
				many[i].Set(i)
			}
			wantIn("a goroutine that has set many", w)()
			for i := range many {
				many[i].Unset()
			}
			user.Unset()
			wantIn("a goroutine that has unset all", w)()
		})
		contextvars.CopyContext().Run(wantIn("copy", w))
		contextvars.CopyContext().Copy().Run(wantIn("copy of a copy", w))
		contextvars.NewContext().Run(wantIn("new context", nil))
		wantIn("after a new context", w)()
		contextvars.Detach(wantIn("Detach", nil))
		f := contextvars.Bind(wantIn("Bind", w))
		contextvars.Detach(f)
		done := make(chan bool)
		contextvars.GoDetached(func() { wantIn("GoDetached", nil)(); f(); close(done) })
		<-done
		fired := make(chan bool)
		contextvars.AfterFunc(0, func() { wantIn("AfterFunc", w)(); close(fired) })
		<-fired
		contextvars.Lend(func() {
			wantIn("Lend", w)()
			goes(wantIn("go in Lend", w))
			goes(func() { user.Set("bob"); wantIn("go in Lend, after Set", w)() })
		})
		for range contextvars.Isolate(func(yield func(int) bool) {
			user.Set("generator")
			wantIn("generator", w)()
			yield(1)
			wantIn("generator, second step", w)()
		}) {
			wantIn("body of a loop", w)()
			zone.Set("body")
		}
		next, stop := contextvars.IsolatePull(iter.Seq[int](func(yield func(int) bool) {
			wantIn("pulled generator", w)()
			yield(1)
		}))
		next()
		stop()
		pprof.Do(context.Background(), pprof.Labels("a", "b"), func(context.Context) {
			wantIn("foreign labels", w)()
		})
		lifetime.Run(contextvars.CopyContext(), "inner", func() {
			if lifetime.Current() == w || lifetime.Current().Name() != "inner" {
				t.Errorf("inside is %v, want the inner work", lifetime.Current())
			}
		})
		wantIn("after the inner work", w)()

		base := contextvars.CopyContext()
		elsewhere := contextvars.NewContext()
		elsewhere.Run(func() { user.Set("else"); contextvars.Adopt(contextvars.CopyContext(), base) })
		wantIn("after Adopt elsewhere", w)()
		changed := contextvars.NewContext()
		changed.Run(func() { user.Set("else") })
		contextvars.Adopt(changed, contextvars.NewContext())
		wantIn("after Adopt", w)()
		peer := wire.NewPeer("peer", wire.Accept(travelling))
		peer.Extract(wire.Map{"baggage": "travelling=x"}).Run(func() {
			wantIn("Extract", w)()
			want(t, "extracted", travelling.Get(), "x")
		})
	})
}

var (
	travelling = contextvars.New[string]("travelling", wire.Travels(wire.AllHops))
	many       = func() (all [20]*contextvars.ContextVar[int]) {
		for i := range all {
			all[i] = contextvars.New[int](fmt.Sprint("many", i))
		}
		return all
	}()
)

// The mark is no variable.
func TestMarkIsHidden(t *testing.T) {
	track(t)
	c := contextvars.NewContext()
	plain := contextvars.NewContext()
	plain.Run(func() { user.Set("ann") })
	lifetime.Run(c, "w", func() {
		want(t, "variables", contextvars.CopyContext().Len(), 0)
		user.Set("ann")
	})
	want(t, "variables", c.Len(), 1)
	for v := range c.All() {
		want[contextvars.Variable](t, "variable", v, user)
	}
	want(t, "equal", c.Equal(plain) && plain.Equal(c), true)
}

// Tokens of before, inside and after do what they always do.
func TestTokens(t *testing.T) {
	for name, opts := range map[string][]lifetime.Option{"": nil, "watched": {lifetime.Revoke()}} {
		t.Run(name, func(t *testing.T) {
			track(t, opts...)
			c := contextvars.NewContext()
			var before, inside contextvars.Token[string]
			c.Run(func() { zone.Set("z"); before = user.Set("ann") })
			lifetime.Run(c, "w", func() {
				want(t, "user", user.Get(), "ann")
				inside = user.Set("bob")
				want(t, "user", user.Get(), "bob")
				want(t, "inside restored", inside.Restore(), true)
				want(t, "user", user.Get(), "ann")
				want(t, "before restored", before.Restore(), true)
				_, ok := user.Lookup()
				want(t, "user is set", ok, false)
				want(t, "zone", zone.Get(), "z")
			})
		})
	}
}
