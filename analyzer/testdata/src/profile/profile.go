package profile

import (
	"context"
	"runtime/pprof"
	"time"

	cv "github.com/gocontextvars/contextvars"
)

var user = cv.New[string]("user")

func bad() {
	pprof.Do(context.Background(), pprof.Labels("a", "b"), work) // want `a goroutine that has only inherited its variables loses them in pprof.Do with this ctx; use one of contextvars.WithContext`
	pprof.SetGoroutineLabels(context.TODO())                     // want `pprof.SetGoroutineLabels`
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	pprof.Do(ctx, pprof.Labels("a", "b"), work) // want `loses them`
	labelled := pprof.WithLabels(context.WithValue(ctx, key{}, 1), pprof.Labels())
	pprof.SetGoroutineLabels(labelled) // want `loses them`
}

type key struct{}

func work(context.Context) { user.Get() }

// From here on everything is as it should be.

func good(ctx context.Context) {
	pprof.Do(ctx, pprof.Labels("a", "b"), work)
	pprof.Do(cv.WithContext(context.Background(), cv.CopyContext()), pprof.Labels("a", "b"), work)
	ours := cv.WithContext(context.Background(), cv.CopyContext())
	pprof.Do(ours, pprof.Labels("a", "b"), work)
	either := context.Background()
	either = ours
	pprof.Do(either, pprof.Labels("a", "b"), work)
	cv.Go(func() { pprof.Do(context.Background(), pprof.Labels("a", "b"), work) })
	cv.NewContext().Run(func() { pprof.SetGoroutineLabels(context.Background()) })
}

func hasSet() {
	defer user.Set("x").Restore()
	pprof.Do(context.Background(), pprof.Labels("a", "b"), work)
}

func init() { pprof.SetGoroutineLabels(context.Background()) }
