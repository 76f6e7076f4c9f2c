package contextvars_test

import (
	"context"
	"runtime"
	"runtime/pprof"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

func TestSanity(t *testing.T) {
	v := cv.New[string]("v")
	w := cv.NewDefault("w", 7)
	tok := v.Set("a")
	if v.Get() != "a" || w.Get() != 7 {
		t.Fatal()
	}
	done := make(chan string)
	go func() { v.Set(v.Get() + "child"); done <- v.Get() }()
	if got := <-done; got != "achild" || v.Get() != "a" {
		t.Fatal(got)
	}
	pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) {
		if v.Get() != "a" {
			t.Error(v.Get())
		}
		v.Set("b")
		go func() { done <- v.Get() }()
		if got := <-done; got != "b" {
			t.Error(got)
		}
	})
	if v.Get() != "b" {
		t.Error(v.Get())
	}
	ctx := cv.WithContext(context.Background(), cv.CopyContext())
	pprof.Do(ctx, pprof.Labels("k", "v"), func(context.Context) {
		go func() { done <- v.Get() }()
		if got := <-done; got != "b" {
			t.Error(got)
		}
	})
	if err := v.Reset(tok); err != nil || v.Get() != "" {
		t.Error(err)
	}
	if err := v.Reset(tok); err == nil {
		t.Error(err)
	} else {
		t.Log(err)
	}
	c := cv.NewContext()
	c.Run(func() { w.Set(3); func() { defer func() { t.Log(recover()) }(); c.Run(func() {}) }() })
	t.Log(w.In(c))
	t.Log(w, tok, c)
	cv.Lend(func() { v.Set("lent"); go func() { g := v.Get(); done <- g; <-done; done <- v.Get() }(); t.Log(<-done) })
	done <- ""
	t.Log(<-done, v.Get())
	for range 1000 {
		go func() { v.Set("x") }()
	}
	runtime.GC()
}
