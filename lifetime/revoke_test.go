package lifetime_test

import (
	"fmt"
	"iter"
	"sync"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
	"github.com/gocontextvars/contextvars/wire"
)

// wantNothing checks that all ways to read say that the current context is empty.
func wantNothing(t *testing.T) {
	t.Helper()
	want(t, "Get", user.Get(), "")
	_, ok := user.Lookup()
	want(t, "Lookup", ok, false)
	want(t, "GetOr", user.GetOr("nobody"), "nobody")
	want(t, "default", zone.Get(), "utc")
	want(t, "Local", local.Get(), "")
	_, ok = contextvars.LookupAny(user)
	want(t, "LookupAny", ok, false)
	for i := range many {
		want(t, "many", many[i].Get(), 0)
	}
	wantEmpty(t, contextvars.CopyContext())
}

func wantEmpty(t *testing.T, c *contextvars.Context) {
	t.Helper()
	want(t, "Len", c.Len(), 0)
	for v := range c.All() {
		t.Errorf("All has %v", v)
	}
	_, ok := user.In(c)
	want(t, "In", ok, false)
	_, ok = c.Value(user)
	want(t, "Value", ok, false)
	want(t, "Contains", c.Contains(user), false)
	want(t, "Equal to an empty one", c.Equal(contextvars.NewContext()) && contextvars.NewContext().Equal(c), true)
}

func setAll() {
	user.Set("ann")
	zone.Set("cet")
	local.Set("here")
	travelling.Set("far")
	for i := range many {
		many[i].Set(i + 1)
	}
}

// wantAll checks that what setAll has set is there.
func wantAll(t *testing.T, locals bool) {
	t.Helper()
	want(t, "user", user.Get(), "ann")
	want(t, "zone", zone.Get(), "cet")
	if locals {
		want(t, "local", local.Get(), "here")
	}
	for i := range many {
		want(t, "many", many[i].Get(), i+1)
	}
	n := 3 + len(many)
	c := 0
	for range contextvars.CopyContext().All() {
		c++
	}
	want(t, "Len", contextvars.CopyContext().Len(), n)
	want(t, "All", c, n)
}

// later calls f on a goroutine that w had started, after the end of w.
func afterwards(before, f func()) {
	start, done := make(chan bool), make(chan bool)
	during("w", func() {
		setAll()
		ready := make(chan bool)
		go func() {
			defer close(done)
			if before != nil {
				before()
			}
			close(ready)
			<-start
			f()
		}()
		<-ready
	})
	close(start)
	<-done
}

func TestRevoked(t *testing.T) {
	track(t, lifetime.Revoke())
	t.Run("goroutine", func(t *testing.T) { afterwards(func() { wantAll(t, false) }, func() { wantNothing(t) }) })
	t.Run("goroutine that has set", func(t *testing.T) {
		afterwards(func() { user.Set("bob"); local.Set("there") }, func() { wantNothing(t) })
	})
	t.Run("its children", func(t *testing.T) {
		afterwards(nil, func() {
			done := make(chan bool)
			go func() { wantNothing(t); close(done) }()
			<-done
		})
	})
	t.Run("bound function", func(t *testing.T) {
		var f func()
		during("w", func() { setAll(); f = contextvars.Bind(func() { wantNothing(t) }) })
		f()
	})
	t.Run("context", func(t *testing.T) {
		c, other := contextvars.NewContext(), contextvars.NewContext()
		lifetime.Run(c, "w", func() {
			setAll()
			wantAll(t, true)
			other = contextvars.CopyContext()
			want(t, "copy is equal", other.Len(), 3+len(many))
		})
		wantEmpty(t, c)
		wantEmpty(t, other)
		wantEmpty(t, c.Copy())
		c.Run(func() { wantNothing(t) })
		other.Run(func() { wantNothing(t) })
		c.Run(func() {
			user.Set("bob")
			want(t, "user", user.Get(), "bob")
			want(t, "work", lifetime.Current(), nil)
		})
		want(t, "Len after a Set", c.Len(), 1)
		lifetime.Run(c, "another", func() { want(t, "user", user.Get(), "bob") })
		wantEmpty(t, c)
		lifetime.Run(other, "another", func() { wantNothing(t); setAll(); wantAll(t, true) })
	})
	t.Run("borrowed", func(t *testing.T) {
		start, done := make(chan bool), make(chan bool)
		contextvars.Detach(func() {
			var c *contextvars.Context
			lifetime.Run(contextvars.CopyContext(), "w", func() { setAll(); c = contextvars.CopyContext() })
			c.Run(func() {
				contextvars.Lend(func() {
					go func() {
						defer close(done)
						wantNothing(t)
						user.Set("bob")
						want(t, "user", user.Get(), "bob")
						<-start
					}()
					close(start)
					<-done
				})
			})
		})
	})
	t.Run("generator", func(t *testing.T) {
		afterwards(nil, func() {
			for range contextvars.Isolate(func(yield func(int) bool) {
				wantNothing(t)
				user.Set("generator")
				yield(1)
				want(t, "in the generator", user.Get(), "generator")
				want(t, "what the body has set", zone.Get(), "body")
				yield(2)
			}) {
				want(t, "in the body", user.Get(), "")
				zone.Set("body")
			}
			want(t, "zone", zone.Get(), "body")
		})
	})
	t.Run("generator of before", func(t *testing.T) {
		start := make(chan bool)
		done := make(chan bool)
		during("w", func() {
			setAll()
			ready := make(chan bool)
			wait := sync.OnceFunc(func() { close(ready); <-start })
			go func() {
				defer close(done)
				for range contextvars.Isolate(func(yield func(int) bool) {
					token := user.Set("generator")
					yield(1)
					wantNothing(t)
					token.Restore()
					wantNothing(t)
					zone.Set("anew")
					yield(2)
					want(t, "zone", zone.Get(), "anew")
				}) {
					wait()
					wantNothing(t)
				}
			}()
			<-ready
		})
		close(start)
		<-done
	})
	t.Run("wire", func(t *testing.T) {
		peer := wire.NewPeer("peer", wire.Send(travelling), wire.Accept(travelling))
		afterwards(nil, func() {
			m := wire.Map{}
			peer.Inject(m)
			want(t, "injected", len(m), 0)
			peer.Extract(wire.Map{"baggage": "travelling=x"}).Run(func() {
				want(t, "extracted", travelling.Get(), "x")
				want(t, "user", user.Get(), "")
			})
		})
	})
}

// A Work that goes on keeps what it began with.
func TestInnerWorkGoesOn(t *testing.T) {
	track(t, lifetime.Revoke())
	inner, end := make(chan bool), make(chan bool)
	var done chan bool
	during("outer", func() {
		setAll()
		done = make(chan bool)
		go func() {
			defer close(done)
			during("inner", func() { close(inner); <-end; wantAll(t, false) })
			wantNothing(t)
		}()
		<-inner
	})
	close(end)
	<-done
}

// Without Revoke all stays as it is.
func TestNotRevoked(t *testing.T) {
	track(t)
	afterwards(nil, func() {
		wantAll(t, false)
		want(t, "work", lifetime.Current().Name(), "w")
	})
}

// A generator that belongs to no work keeps its own values, whatever work pulls it.
func TestGeneratorOfNoWorkKeepsItsValues(t *testing.T) {
	track(t, lifetime.Revoke())
	next, stop := contextvars.IsolatePull(iter.Seq[string](func(yield func(string) bool) {
		user.Set("own")
		for yield(user.Get() + " " + zone.Get()) {
		}
	}))
	defer stop()
	wantNext := func(what string) {
		t.Helper()
		got, _ := next()
		want(t, "next", got, what)
	}
	wantNext("own utc")
	for i := range 3 {
		lifetime.Run(contextvars.NewContext(), "request", func() {
			zone.Set(fmt.Sprint("zone ", i))
			wantNext(fmt.Sprint("own zone ", i))
		})
	}
	wantNext("own utc")
}
