package contextvars_test

import (
	"context"
	"runtime/pprof"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// What cannot be done on a stock runtime. Each test shows one limit as it stands in
// the package documentation, with the way round it, and fails when the limit is gone.

// A go statement inside a foreign pprof.Do copies pprof's label set, which knows
// nothing of the variables, unless a call of ours came before it.
func TestLimitChildOfForeignDo(t *testing.T) {
	user.With("alice", func() {
		pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) {
			want(t, "child at once", inChild(user.Get), "")
			user.Get()
			want(t, "child after any call of ours", inChild(user.Get), "alice")
		})
		pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) {
			bound := cv.BindResult(func(int) string { return user.Get() })
			want(t, "child of Bind", inChild(func() string { return bound(0) }), "alice")
		})
	})
}

// Of the calls of this package that start goroutines, none is subject to that.
func TestGoInForeignDo(t *testing.T) {
	user.With("alice", func() {
		pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) {
			got := make(chan string)
			cv.Go(func() { got <- user.Get() })
			want(t, "Go at once", <-got, "alice")
		})
	})
}

// A detached goroutine stays so, though it has set nothing, whatever ctx pprof gets there.
func TestDetachedWithDerivedCtx(t *testing.T) {
	user.With("alice", func() {
		ctx := pprof.WithLabels(cv.WithContext(context.Background(), cv.CopyContext()), pprof.Labels("k", "v"))
		got := make(chan string)
		cv.GoDetached(func() {
			pprof.Do(ctx, pprof.Labels("l", "w"), func(context.Context) { got <- user.Get() })
			got <- user.Get()
		})
		want(t, "inside", <-got, "")
		want(t, "after", <-got, "")
	})
}

// A goroutine that has only inherited has left no trace but its slot.
func TestLimitInheritedInForeignDo(t *testing.T) {
	user.With("alice", func() {
		lost := func() string {
			pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) {})
			return user.Get()
		}
		want(t, "go", inChild(lost), "")
		bound := cv.BindResult(func(int) string { return lost() })
		want(t, "go, with a context entered", inChild(func() string { return bound(0) }), "alice")
		got := make(chan string)
		cv.Go(func() { got <- lost() })
		want(t, "Go", <-got, "alice")
		want(t, "go, with a variable set", inChild(func() string { other.Set("x"); return lost() }), "alice")
	})
}

// A ctx that pprof.WithLabels has derived from ours holds what was in force then. The
// goroutine itself knows better, but not a child that is started at once.
func TestLimitNestedDoAndChildAtOnce(t *testing.T) {
	user.With("alice", func() {
		ctx := cv.WithContext(context.Background(), cv.CopyContext())
		pprof.Do(ctx, pprof.Labels("k", "v"), func(ctx context.Context) {
			user.Set("bob")
			pprof.Do(ctx, pprof.Labels("k", "w"), func(context.Context) {
				want(t, "child at once", inChild(user.Get), "alice")
				want(t, "the goroutine itself", user.Get(), "bob")
				want(t, "child after that", inChild(user.Get), "bob")
			})
		})
	})
}

// A derived ctx that comes to a goroutine with nothing of its own brings along
// what was in force where it was made.
func TestLimitLabelsOfAnotherGoroutine(t *testing.T) {
	var ctx context.Context
	user.With("alice", func() {
		ctx = pprof.WithLabels(cv.WithContext(context.Background(), cv.CopyContext()), pprof.Labels("k", "v"))
	})
	want(t, "nothing of its own", inChild(func() string { pprof.SetGoroutineLabels(ctx); return user.Get() }), "alice")
	want(t, "a context of its own", inChild(func() string {
		user.Set("bob")
		pprof.SetGoroutineLabels(ctx)
		return user.Get()
	}), "bob")
}
