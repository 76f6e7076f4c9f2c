package contextvars_test

import (
	"runtime"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

func TestGo(t *testing.T) {
	v := cv.New[int]("v")
	token := v.Set(1)
	proceed, done := make(chan struct{}), make(chan struct{})
	cv.Go(func() {
		defer close(done)
		<-proceed
		wantValue(t, v, 1)
		wantReset(t, v, token, cv.ErrTokenContext)
		inGo := v.Set(3)
		elsewhere(func() { wantValue(t, v, 3) })
		wantReset(t, v, inGo, nil)
	})
	v.Set(2)
	close(proceed)
	<-done
	wantValue(t, v, 2)
	wantReset(t, v, token, nil)
}

func TestGoDetached(t *testing.T) {
	v, d := cv.New[int]("v"), cv.NewDefault("d", 1)
	v.Set(1)
	d.Set(2)
	elsewhereEmpty(func() {
		wantContent(t, cv.CopyContext(), nil)
		wantNothing(t, v)
		wantValue(t, d, 1)
		elsewhere(func() { wantNothing(t, v) })
		token := v.Set(3)
		elsewhere(func() { wantValue(t, v, 3) })
		wantReset(t, v, token, nil)
		wantNothing(t, v)
	})
	wantValue(t, v, 1)
}

func TestDetach(t *testing.T) {
	v, d := cv.New[int]("v"), cv.NewDefault("d", 1)
	token := v.Set(1)
	d.Set(2)
	for range 2 {
		cv.Detach(func() {
			wantContent(t, cv.CopyContext(), nil)
			wantNothing(t, v)
			wantValue(t, d, 1)
			wantReset(t, v, token, cv.ErrTokenContext)
			v.Set(3)
			elsewhere(func() { wantValue(t, v, 3) })
			cv.Detach(func() { wantNothing(t, v) })
			wantValue(t, v, 3)
		})
		wantValue(t, v, 1)
	}
	want(t, "panic", panicOf(func() { cv.Detach(func() { panic("out") }) }), any("out"))
	wantValue(t, v, 1)
	elsewhere(func() {
		defer func() { wantValue(t, v, 1) }()
		cv.Detach(runtime.Goexit)
	})
	wantReset(t, v, token, nil)
}

func TestDetachInRun(t *testing.T) {
	v := cv.New[int]("v")
	c := cv.NewContext()
	c.Run(func() {
		v.Set(1)
		cv.Detach(func() {
			wantReentry(t, c, func() { c.Run(func() {}) })
			v.Set(2)
		})
		wantValue(t, v, 1)
		cv.Detach(func() { cv.Bind(func() { wantNothing(t, v) })() })
	})
	wantContent(t, c, map[string]any{"v": 1})
}
