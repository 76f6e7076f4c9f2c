package contextvars_test

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	cv "github.com/gocontextvars/contextvars"
)

func TestBind(t *testing.T) {
	v, w := cv.New[int]("v"), cv.New[int]("w")
	v.Set(1)
	calls := 0
	f := cv.Bind(func() {
		calls++
		wantValue(t, v, 1)
		wantNothing(t, w)
		v.Set(2)
		w.Set(2)
		elsewhere(func() { wantValue(t, v, 2) })
	})
	v.Set(3)
	w.Set(3)
	f()
	f() // nothing of the first call is left
	elsewhere(f)
	elsewhereEmpty(f)
	cv.NewContext().Run(f)
	want(t, "calls", calls, 5)
	wantValue(t, v, 3)
	wantValue(t, w, 3)
}

func TestBindEmpty(t *testing.T) {
	v := cv.New[int]("v")
	elsewhereEmpty(func() {
		f := cv.Bind(func() {
			wantContent(t, cv.CopyContext(), nil)
			v.Set(1)
		})
		v.Set(2)
		f()
		f()
		wantValue(t, v, 2)
	})
}

func TestBind1(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	sum := 0
	f := cv.Bind1(func(n int) { sum += v.Get() * n; v.Set(50) })
	v.Set(2)
	f(3)
	elsewhere(func() { f(4) })
	want(t, "sum", sum, 7)
	wantValue(t, v, 2)
}

func TestBindResult(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	failure := errors.New("failure")
	f := cv.BindResult(func(n int) (err error) {
		if n != v.Get() {
			return failure
		}
		v.Set(50)
		return nil
	})
	v.Set(2)
	want(t, "result", f(1), nil)
	want(t, "result", f(2), failure)
	elsewhere(func() { want(t, "result", f(1), nil) })
	wantValue(t, v, 2)
}

func TestBoundFuncAtOnce(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(-1)
	f := cv.Bind1(func(n int) {
		wantValue(t, v, -1)
		defer v.Set(n).Restore()
		for range 10 {
			runtime.Gosched()
			wantValue(t, v, n)
		}
	})
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			for range 20 {
				f(i)
			}
		})
	}
	group.Wait()
}

func TestBoundFuncCallsItself(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	var f func(int)
	f = cv.Bind1(func(n int) {
		wantValue(t, v, 1)
		v.Set(n)
		if n < 20 {
			f(n + 1)
		}
		wantValue(t, v, n)
	})
	f(2)
	wantValue(t, v, 1)
}

func TestBoundFuncThatPanics(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	f := cv.Bind(func() { v.Set(2); panic("out") })
	g := cv.BindResult(func(n int) int { panic(n) })
	v.Set(3)
	want(t, "panic", panicOf(f), any("out"))
	want(t, "panic", panicOf(func() { g(4) }), any(4))
	wantValue(t, v, 3)
	elsewhere(func() {
		defer func() { wantValue(t, v, 3) }()
		cv.Bind(runtime.Goexit)()
		t.Error("runs on after Goexit")
	})
}

func TestTokenOfBoundCall(t *testing.T) {
	v := cv.New[int]("v")
	token := v.Set(1)
	var inCall cv.Token[int]
	f := cv.Bind(func() {
		wantReset(t, v, token, cv.ErrTokenContext)
		if inCall.Var() != nil {
			wantReset(t, v, inCall, cv.ErrTokenContext) // that of another call
		}
		inCall = v.Set(2)
	})
	f()
	f()
	wantReset(t, v, inCall, cv.ErrTokenContext)
	wantReset(t, v, token, nil)
}

func TestAfterFunc(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	fired := make(chan int)
	timer := cv.AfterFunc(0, func() {
		fired <- v.Get()
		v.Set(2) // is not seen when it fires again
	})
	v.Set(3)
	want(t, "first firing", <-fired, 1)
	for range 3 {
		timer.Reset(0)
		want(t, "firing after Reset", <-fired, 1)
	}
	cv.Detach(func() { timer.Reset(0) }) // counts as little as the place of Reset
	want(t, "firing after Reset elsewhere", <-fired, 1)
	want(t, "Stop of a timer that fired", timer.Stop(), false)
	wantValue(t, v, 3)

	timer = cv.AfterFunc(time.Hour, func() { t.Error("a stopped timer fired") })
	want(t, "Stop", timer.Stop(), true)
}
