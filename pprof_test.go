package contextvars_test

import (
	"context"
	"runtime/pprof"
	"slices"
	"testing"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// What runtime/pprof does to the slot, and what becomes of the variables. The
// cases that a stock runtime cannot help stand in pprof_limits_test.go.

var (
	user  = cv.New[string]("user")
	other = cv.New[string]("other")
)

// labels returns what a profile would show of the running goroutine, as k=v.
func labels() []string {
	var list []string
	if h := slot.Load(); h != nil {
		for _, l := range h.Labels() {
			list = append(list, l.Key+"="+l.Value)
		}
	}
	return list
}

// inChild returns what f returns in a goroutine that is started here.
func inChild[T any](f func() T) T {
	c := make(chan T)
	go func() { c <- f() }()
	return <-c
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func wantLabels(t *testing.T, want ...string) {
	t.Helper()
	if got := labels(); !slices.Equal(got, want) {
		t.Errorf("labels: got %q, want %q", got, want)
	}
}

type ctxKey struct{}

// ctxs are the kinds of ctx that people give to runtime/pprof.
var ctxs = map[string]func() context.Context{
	"foreign": context.Background,
	"foreign with labels": func() context.Context {
		return pprof.WithLabels(context.Background(), pprof.Labels("outer", "1"))
	},
	"ours":         func() context.Context { return cv.WithContext(context.Background(), cv.CopyContext()) },
	"ours, though": func() context.Context { return cv.WithContext(context.Background(), cv.NewContext()) },
	"derived from ours": func() context.Context {
		ctx, cancel := context.WithCancel(cv.WithContext(context.Background(), cv.CopyContext()))
		cancel()
		return context.WithValue(ctx, ctxKey{}, 1)
	},
	"labels below ours": func() context.Context {
		ctx := pprof.WithLabels(context.Background(), pprof.Labels("outer", "1"))
		return cv.WithContext(ctx, cv.CopyContext())
	},
	"labels above ours": func() context.Context {
		ctx := cv.WithContext(context.Background(), cv.CopyContext())
		return pprof.WithLabels(ctx, pprof.Labels("outer", "1"))
	},
}

// places are the situations that the goroutine itself can be in when
// pprof comes along. Each calls f with user set to "alice".
var places = map[string]func(f func()){
	"its own context":      func(f func()) { user.With("alice", f) },
	"a goroutine with Set": func(f func()) { inChild(func() any { user.Set("alice"); f(); return nil }) },
	"inside Run":           func(f func()) { cv.NewContext().Run(func() { user.Set("alice"); f() }) },
	"inside nested Runs": func(f func()) {
		user.With("bob", func() {
			cv.NewContext().Run(func() {
				user.Set("carol")
				cv.NewContext().Run(func() { user.Set("alice"); f() })
			})
		})
	},
	"a bound func": func(f func()) { user.With("alice", func() { f = cv.Bind(f) }); f() },
	"a goroutine of Go": func(f func()) {
		user.With("alice", func() { done := make(chan int); cv.Go(func() { f(); close(done) }); <-done })
	},
	"a context with nine more": func(f func()) { user.With("alice", func() { setMany(9); f() }) },
	"Lend":                     func(f func()) { user.With("alice", func() { cv.Lend(f) }) },
}

var many = func() (vs []*cv.ContextVar[int]) {
	for range 1000 {
		vs = append(vs, cv.New[int]("one of many"))
	}
	return vs
}()

func setMany(n int) {
	for i, v := range many[:n] {
		v.Set(i)
	}
}

func TestPprofDo(t *testing.T) {
	for place, in := range places {
		for kind, ctx := range ctxs {
			t.Run(place+"/"+kind, func(t *testing.T) {
				in(func() { testDo(t, ctx()) })
			})
		}
	}
}

func testDo(t *testing.T, ctx context.Context) {
	token := other.Set("before")
	pprof.Do(ctx, pprof.Labels("k", "v"), func(ctx context.Context) {
		want(t, "read inside", user.Get(), "alice")
		want(t, "child, after a call of ours", inChild(user.Get), "alice")
		inner := other.Set("inside")
		pprof.Do(ctx, pprof.Labels("k", "w"), func(context.Context) {
			want(t, "set, read in a nested Do", other.Get(), "inside")
			user.With("bob", func() { want(t, "With inside", user.Get(), "bob") })
		})
		want(t, "after the nested Do", user.Get()+" "+other.Get(), "alice inside")
		want(t, "token of inside", inner.Restore(), true)
		want(t, "restored inside", other.Get(), "before")
		other.Set("stays")
	})
	want(t, "read after", user.Get(), "alice")
	want(t, "set inside, read after", other.Get(), "stays")
	want(t, "child after", inChild(other.Get), "stays")
	if err := other.Reset(token); err != nil {
		t.Errorf("a token from before: %v", err)
	}
	want(t, "reset", other.Get(), "")
}

// Nothing is read before the go statement, so the child starts with the label set that
// pprof made.
func TestPprofDoChildAtOnce(t *testing.T) {
	for place, in := range places {
		for _, kind := range []string{"ours", "ours, though", "derived from ours", "labels below ours"} {
			t.Run(place+"/"+kind, func(t *testing.T) {
				in(func() {
					ctx := ctxs[kind]()
					other.Set("since the ctx was made")
					pprof.Do(ctx, pprof.Labels("k", "v"), func(context.Context) {
						got := inChild(func() string {
							grandchild := inChild(func() string { return user.Get() + "/" + other.Get() })
							user.Set("child")
							return grandchild
						})
						want(t, "grandchild", got, "alice/since the ctx was made")
						want(t, "what the child set", user.Get(), "alice")
					})
					want(t, "child after Do, at once", inChild(user.Get), "alice")
				})
			})
		}
	}
}

// A goroutine that has only inherited keeps its variables with a ctx of ours.
func TestPprofDoInherited(t *testing.T) {
	user.With("alice", func() {
		inChild(func() any {
			ctx := cv.WithContext(context.Background(), cv.CopyContext())
			pprof.Do(ctx, pprof.Labels("k", "v"), func(context.Context) {
				want(t, "inside", user.Get(), "alice")
				wantLabels(t, "k=v")
			})
			want(t, "after", user.Get(), "alice")
			wantLabels(t)
			return nil
		})
	})
}

func TestSetGoroutineLabels(t *testing.T) {
	for place, in := range places {
		for kind, ctx := range ctxs {
			t.Run(place+"/"+kind, func(t *testing.T) {
				in(func() {
					pprof.SetGoroutineLabels(ctx())
					want(t, "read", user.Get(), "alice")
					token := user.Set("bob")
					pprof.SetGoroutineLabels(ctx())
					want(t, "set, read", user.Get(), "bob")
					pprof.SetGoroutineLabels(ctx())
					want(t, "restore", token.Restore(), true)
					want(t, "restored", user.Get(), "alice")
					pprof.SetGoroutineLabels(context.Background())
				})
			})
		}
	}
}

// The first thing that the goroutine does after pprof has been there is
// each of the calls in turn.
func TestFirstCallAfterPprof(t *testing.T) {
	overwrite := func() { pprof.SetGoroutineLabels(context.Background()) }
	user.With("alice", func() {
		overwrite()
		got, ok := user.Lookup()
		want(t, "Lookup", got, "alice")
		want(t, "Lookup", ok, true)
		overwrite()
		want(t, "GetOr", user.GetOr("x"), "alice")
		overwrite()
		want(t, "MustGet", user.MustGet(), "alice")
		overwrite()
		any, _ := cv.LookupAny(user)
		want(t, "LookupAny", any, "alice")
		overwrite()
		got, _ = user.In(cv.CopyContext())
		want(t, "CopyContext", got, "alice")
		overwrite()
		bound := cv.Bind(func() { got = user.Get() })
		cv.Detach(bound)
		want(t, "Bind", got, "alice")
		overwrite()
		token := user.Unset()
		want(t, "Unset", user.Get(), "")
		overwrite()
		want(t, "Restore", token.Restore(), true)
		want(t, "Restore", user.Get(), "alice")
		overwrite()
		cv.NewContext().Run(func() { want(t, "Run", user.Get(), "") })
		want(t, "after Run", user.Get(), "alice")
		cv.NewContext().Run(overwrite)
		want(t, "after Run that overwrote", user.Get(), "alice")
		overwrite()
		changed := cv.CopyContext()
		changed.Run(func() { user.Set("adopted") })
		overwrite()
		cv.Adopt(changed, cv.NewContext())
		want(t, "Adopt", user.Get(), "adopted")
		overwrite()
		cv.Lend(func() { want(t, "Lend", user.Get(), "adopted") })
		overwrite()
		cv.Go(overwrite)
		want(t, "Go", user.Get(), "adopted")
	})
}
