package contextvars_test

import (
	"context"
	"errors"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

type goctxKey string

func TestWithContext(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	c := contextWith(func() { v.Set(2) })
	ctx := cv.WithContext(context.Background(), c)
	wantValue(t, v, 1) // it changes nothing about what is seen
	got, ok := cv.FromContext(ctx)
	want(t, "FromContext is c itself", got, c)
	want(t, "FromContext", ok, true)
	elsewhere(func() {
		got, _ := cv.FromContext(ctx)
		got.Run(func() { wantValue(t, v, 2); v.Set(3) })
	})
	wantContent(t, c, map[string]any{"v": 3})
}

func TestFromContextWithoutOne(t *testing.T) {
	for name, ctx := range map[string]context.Context{
		"Background": context.Background(),
		"TODO":       context.TODO(),
		"WithValue":  context.WithValue(context.Background(), goctxKey("k"), cv.NewContext()),
	} {
		got, ok := cv.FromContext(ctx)
		want(t, name, got, nil)
		want(t, name, ok, false)
	}
}

func TestWithContextAndOtherContexts(t *testing.T) {
	c, d := cv.NewContext(), cv.NewContext()
	parent, cancel := context.WithCancelCause(context.WithValue(context.Background(), goctxKey("k"), "v"))
	ctx := cv.WithContext(parent, c)
	want(t, "a value of the parent", ctx.Value(goctxKey("k")), any("v"))
	want(t, "a value that nobody has", ctx.Value(goctxKey("other")), nil)
	want(t, "a key that cannot be compared", ctx.Value([]int{}), nil)

	derived, stop := context.WithCancel(context.WithValue(ctx, goctxKey("k"), "w"))
	defer stop()
	got, _ := cv.FromContext(derived)
	want(t, "FromContext of a derived one", got, c)
	got, _ = cv.FromContext(context.WithoutCancel(derived))
	want(t, "FromContext without cancel", got, c)
	got, _ = cv.FromContext(cv.WithContext(derived, d))
	want(t, "FromContext of an inner one", got, d)
	got, _ = cv.FromContext(ctx)
	want(t, "FromContext of the outer one", got, c)

	want(t, "Err", derived.Err(), nil)
	reason := errors.New("reason")
	cancel(reason)
	<-derived.Done()
	want(t, "Err", derived.Err(), context.Canceled)
	want(t, "Cause", context.Cause(derived), reason)
}
