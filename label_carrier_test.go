package contextvars_test

import (
	"context"
	"runtime/pprof"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// What a variable adds to the profiler labels must not become one of the goroutine's own
// labels when runtime/pprof carries it.

func carrier(parent context.Context) context.Context {
	return cv.WithContext(parent, cv.CopyContext())
}

func TestLabelEndsWithRun(t *testing.T) {
	v := cv.New[string]("v", cv.Label())
	for name, carry := range map[string]func(){
		"nothing":            func() {},
		"SetGoroutineLabels": func() { pprof.SetGoroutineLabels(carrier(context.Background())) },
		"Do": func() {
			pprof.Do(carrier(context.Background()), pprof.Labels("k", "v"), func(context.Context) {})
		},
	} {
		for place, run := range map[string]func(func()){
			"Run":    cv.NewContext().Run,
			"Detach": cv.Detach,
			"Bind":   func(f func()) { cv.Bind(f)() },
			"Lend":   cv.Lend,
		} {
			t.Run(name+" in "+place, func(t *testing.T) {
				run(func() {
					v.Set("inside")
					carry()
				})
				v.Unset()
				wantProfiled(t)
			})
		}
	}
}

func TestLabelOfDetachedChild(t *testing.T) {
	v := cv.New[string]("v", cv.Label())
	v.Set("a")
	pprof.Do(carrier(context.Background()), pprof.Labels("k", "v"), func(context.Context) {
		elsewhereEmpty(func() {
			wantProfiled(t, "k=v")
			v.Set("b")
			wantProfiled(t, "k=v", "v=b")
			v.Unset()
			wantProfiled(t, "k=v")
		})
	})
}

// The label set was put together when the variable had another value.
func TestLabelOfEarlierValue(t *testing.T) {
	v := cv.New[string]("v", cv.Label())
	v.Set("early")
	ctx := pprof.WithLabels(carrier(context.Background()), pprof.Labels("k", "v"))
	v.Set("late")
	pprof.SetGoroutineLabels(ctx)
	wantValue(t, v, "late")
	wantProfiled(t, "k=v", "v=late")
	v.Unset()
	wantProfiled(t, "k=v")
}

// A label that the variable hides is back when the variable is unset, also when
// runtime/pprof has carried both.
func TestLabelHiddenByVariable(t *testing.T) {
	v := cv.New[string]("v", cv.Label())
	parent := pprof.WithLabels(context.Background(), pprof.Labels("v", "pprof"))
	for _, value := range []string{"variable", "pprof"} { // also if both are the same
		token := v.Set(value)
		pprof.Do(carrier(parent), pprof.Labels("k", "v"), func(context.Context) {
			wantProfiled(t, "github.com/gocontextvars/contextvars=", "k=v", "v="+value)
			elsewhere(func() {
				wantValue(t, v, value)
				wantProfiled(t, "k=v", "v="+value)
				v.Unset()
				wantProfiled(t, "k=v", "v=pprof")
			})
			want(t, "Restore", token.Restore(), true)
			wantProfiled(t, "k=v", "v=pprof")
		})
	}
}

// What pprof.Do sets over the variable's label is the goroutine's own.
func TestLabelSetOverCarrier(t *testing.T) {
	v := cv.New[string]("v", cv.Label())
	token := v.Set("variable")
	pprof.Do(carrier(context.Background()), pprof.Labels("v", "pprof"), func(context.Context) {
		wantValue(t, v, "variable")
		wantProfiled(t, "v=variable")
		cv.Detach(func() { wantProfiled(t, "v=pprof") })
		want(t, "Restore", token.Restore(), true)
		wantProfiled(t, "v=pprof")
	})
	v.Get()
	wantProfiled(t)
}

func TestLabelInChildOfCarrier(t *testing.T) {
	v := cv.New[string]("v", cv.Label())
	v.Set("a")
	pprof.Do(carrier(context.Background()), pprof.Labels("k", "v"), func(context.Context) {
		elsewhere(func() {
			wantValue(t, v, "a")
			wantProfiled(t, "k=v", "v=a")
			cv.NewContext().Run(func() { wantProfiled(t, "k=v") })
			v.Set("b")
			wantProfiled(t, "k=v", "v=b")
			v.Unset()
			wantProfiled(t, "k=v")
		})
	})
	v.Unset()
	wantProfiled(t)
}

// A ctx that carries may be made from one that did when the variable was set.
func TestLabelOfOuterCarrier(t *testing.T) {
	v := cv.New[string]("v", cv.Label())
	v.Set("a")
	ctx := pprof.WithLabels(carrier(context.Background()), pprof.Labels("k", "v"))
	v.Unset()
	v.Get()
	pprof.SetGoroutineLabels(carrier(ctx))
	wantNothing(t, v)
	wantProfiled(t, "k=v")
}

// A goroutine that has a context of its own keeps it, and takes only the labels.
func TestLabelCarriedToOtherGoroutine(t *testing.T) {
	v, w := cv.New[string]("v", cv.Label()), cv.New[string]("w", cv.Label())
	v.Set("a")
	ctx := pprof.WithLabels(carrier(context.Background()), pprof.Labels("k", "v"))
	elsewhereEmpty(func() {
		w.Set("b")
		pprof.SetGoroutineLabels(ctx)
		wantNothing(t, v)
		wantValue(t, w, "b")
		wantProfiled(t, "k=v", "w=b")
	})
}
