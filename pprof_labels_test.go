package contextvars_test

import (
	"context"
	"runtime/pprof"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// What profiles show of a goroutine, with variables and runtime/pprof at work on the
// same slot.

func TestLabelsSetBeforeStay(t *testing.T) {
	pprof.Do(context.Background(), pprof.Labels("a", "1", "b", "2"), func(context.Context) {
		user.With("alice", func() {
			wantLabels(t, "a=1", "b=2")
			want(t, "child", inChild(func() int { return len(labels()) }), 2)
			cv.NewContext().Run(func() { wantLabels(t, "a=1", "b=2") })
			cv.Detach(func() { wantLabels(t, "a=1", "b=2") })
			cv.Bind(func() { wantLabels(t, "a=1", "b=2") })()
			cv.Lend(func() { wantLabels(t, "a=1", "b=2") })
			setMany(20)
			wantLabels(t, "a=1", "b=2")
		})
		wantLabels(t, "a=1", "b=2")
		done := make(chan bool)
		cv.GoDetached(func() { wantLabels(t, "a=1", "b=2"); close(done) })
		<-done
	})
	user.Get()
	wantLabels(t)
}

func TestLabelsOfDo(t *testing.T) {
	user.With("alice", func() {
		pprof.Do(context.Background(), pprof.Labels("k", "v"), func(ctx context.Context) {
			wantLabels(t, "k=v")
			user.Get()
			wantLabels(t, "k=v")
			pprof.Do(ctx, pprof.Labels("l", "w"), func(context.Context) {
				user.Set("bob")
				wantLabels(t, "k=v", "l=w")
			})
			user.Get()
			wantLabels(t, "k=v")
		})
		user.Get()
		wantLabels(t)
	})
}

// Labels belong to the goroutine: those set inside Run stay when it ends.
func TestLabelsSetInRunStay(t *testing.T) {
	user.With("alice", func() {
		ctx := pprof.WithLabels(context.Background(), pprof.Labels("k", "v"))
		cv.NewContext().Run(func() { pprof.SetGoroutineLabels(ctx) })
		wantLabels(t, "k=v")
		want(t, "after Run", user.Get(), "alice")
		cv.Detach(func() {
			pprof.SetGoroutineLabels(context.Background())
			user.Get()
		})
		wantLabels(t)
		cv.Lend(func() { pprof.SetGoroutineLabels(ctx) })
		wantLabels(t, "k=v")
		cv.Bind(func() { pprof.SetGoroutineLabels(context.Background()) })()
		wantLabels(t)
		want(t, "after all", user.Get(), "alice")
	})
}

// Nor does a Context bring along the labels of a goroutine that it was entered by.
func TestLabelsOfEarlierRun(t *testing.T) {
	c := cv.NewContext()
	do := func(k string) {
		pprof.Do(context.Background(), pprof.Labels(k, "v"), func(context.Context) {
			c.Run(func() { user.Set("alice"); wantLabels(t, k+"=v") })
		})
	}
	do("k")
	do("l")
	c.Run(func() { wantLabels(t); want(t, "value", user.Get(), "alice") })
	inChild(func() any { do("m"); return nil })
}

// The label that leads back to the variables is gone after the first call of ours.
func TestCarryingLabel(t *testing.T) {
	user.With("alice", func() {
		ctx := cv.WithContext(context.Background(), cv.CopyContext())
		pprof.Do(ctx, pprof.Labels("k", "v"), func(context.Context) {
			wantLabels(t, "github.com/gocontextvars/contextvars=", "k=v")
			user.Get()
			wantLabels(t, "k=v")
		})
		wantLabels(t, "github.com/gocontextvars/contextvars=")
		user.Get()
		wantLabels(t)
	})
	value, ok := pprof.Label(cv.WithContext(context.Background(), cv.NewContext()), "k")
	want(t, "a label that is not there", value, "")
	want(t, "a label that is not there", ok, false)
	ctx := pprof.WithLabels(context.Background(), pprof.Labels("k", "v"))
	value, _ = pprof.Label(cv.WithContext(ctx, cv.NewContext()), "k")
	want(t, "a label of the parent", value, "v")
}

var tenant = cv.New[string]("tenant", cv.Label())

func TestLabelVariableAndPprof(t *testing.T) {
	tenant.With("acme", func() {
		wantLabels(t, "tenant=acme")
		pprof.Do(context.Background(), pprof.Labels("k", "v", "tenant", "pprof"), func(context.Context) {
			tenant.Get()
			wantLabels(t, "k=v", "tenant=acme") // the variable wins
			tenant.With("globex", func() { wantLabels(t, "k=v", "tenant=globex") })
			cv.Detach(func() { wantLabels(t, "k=v", "tenant=pprof") }) // and is out of force here
			token := tenant.Unset()
			wantLabels(t, "k=v", "tenant=pprof")
			token.Restore()
			wantLabels(t, "k=v", "tenant=acme")
		})
		tenant.Get()
		wantLabels(t, "tenant=acme")

		// With a ctx of ours the labels of variables are in the set from the start.
		ctx := cv.WithContext(context.Background(), cv.CopyContext())
		pprof.Do(ctx, pprof.Labels("k", "v"), func(context.Context) {
			wantLabels(t, "github.com/gocontextvars/contextvars=", "k=v", "tenant=acme")
			tenant.Unset()
			wantLabels(t, "k=v")
			tenant.Set("initech")
		})
		tenant.Get()
		wantLabels(t, "tenant=initech")
	})
	wantLabels(t)
}
