//go:build cgo && unix

package cthread_test

import (
	"runtime"
	"testing"
	"weak"

	"github.com/timandy/routine"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
	"github.com/gocontextvars/contextvars/thirdparty/cthread"
)

var (
	user = cv.New[string]("user")
	held = cv.New[*thing]("held")
)

// thing is large enough not to share an allocation with anything.
type thing struct{ _ [128]*int }

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// start starts a thread, and cleans it up after the test: other tests' threads will
// have what is left on it.
func start(t *testing.T) *cthread.Thread {
	thread := cthread.Start()
	t.Cleanup(func() {
		thread.Call(func() { user.Unset(); held.Unset() })
		thread.Stop()
	})
	return thread
}

// leave sets the variables and does not restore them. It returns the goroutine's id.
func leave() (w weak.Pointer[thing], goroutine uint64) {
	p := new(thing)
	held.Set(p)
	user.Set("leftover")
	return weak.Make(p), routine.Goid()
}

func TestFirstCallbackWithoutHelp(t *testing.T) {
	defer user.Set("caller").Restore()
	start(t).Call(func() { want(t, "the first callback sees", user.Get(), "") })
}

// To the runtime, callbacks from one thread are calls on one goroutine.
func TestNextCallbackWithoutHelp(t *testing.T) {
	thread := start(t)
	var (
		w     weak.Pointer[thing]
		id    uint64
		token cv.Token[string]
	)
	thread.Call(func() { w, id = leave() })
	for range 5 {
		runtime.GC()
	}
	thread.Call(func() {
		want(t, "the next callback's goroutine", routine.Goid(), id)
		want(t, "the next callback sees", user.Get(), "leftover")
		want(t, "the value is held", w.Value() != nil, true)
		token = user.Set("second")
	})
	thread.Call(func() {
		want(t, "an earlier callback's token can be used", token.Restore(), true)
		want(t, "and afterwards the callback sees", user.Get(), "leftover")
	})
}

// That goroutine goes on to another thread when its thread ends.
func TestNextThreadWithoutHelp(t *testing.T) {
	var id uint64
	first := cthread.Start()
	first.Call(func() { _, id = leave() })
	first.Stop()
	start(t).Call(func() {
		want(t, "the next thread's goroutine", routine.Goid(), id)
		want(t, "the next thread's callback sees", user.Get(), "leftover")
	})
}

func TestCallbackWithDetach(t *testing.T) {
	thread := start(t)
	var w weak.Pointer[thing]
	for range 2 {
		thread.Call(func() {
			cv.Detach(func() {
				want(t, "a callback sees", user.Get(), "")
				w, _ = leave()
				want(t, "a callback sees what it set", user.Get(), "leftover")
			})
		})
	}
	thread.Call(func() { want(t, "nothing is left: a callback sees", user.Get(), "") })
	wantFree(t, w)
}

func TestCallbackWithBind(t *testing.T) {
	thread := start(t)
	thread.Call(func() { user.Set("leftover") })
	var callback func()
	user.With("registrar", func() {
		callback = cv.Bind(func() {
			want(t, "a callback sees", user.Get(), "registrar")
			user.Set("set in the callback")
		})
	})
	thread.Call(callback)
	thread.Call(callback)
	thread.Call(func() { want(t, "an unbound callback sees", user.Get(), "leftover") })
}

func wantFree(t *testing.T, w weak.Pointer[thing]) {
	t.Helper()
	for range 1000 {
		if runtime.GC(); w.Value() == nil {
			return
		}
		runtime.Gosched()
	}
	t.Error("the value is held, want it gone")
}

// C code that calls back before it returns does so on its caller's goroutine.
func TestCallbackOnOwnThreadWithoutHelp(t *testing.T) {
	defer user.Set("goroutine").Restore()
	id := routine.Goid()
	var token cv.Token[string]
	cthread.CallHere(func() {
		want(t, "the callback's goroutine", routine.Goid(), id)
		want(t, "the callback sees", user.Get(), "goroutine")
		token = user.Set("callback")
	})
	want(t, "afterwards the goroutine sees", user.Get(), "callback")
	want(t, "the callback's token can be used", token.Restore(), true)
	want(t, "in the end the goroutine sees", user.Get(), "goroutine")
}

func TestCallbackOnOwnThreadInRun(t *testing.T) {
	defer user.Set("goroutine").Restore()
	c := cv.NewContext()
	c.Run(func() {
		user.Set("in Run")
		cthread.CallHere(func() {
			want(t, "the callback sees", user.Get(), "in Run")
			done := make(chan bool)
			go func() {
				defer close(done)
				want(t, "a goroutine that it starts sees", user.Get(), "in Run")
			}()
			<-done
			user.Set("callback")
		})
	})
	value, _ := user.In(c)
	want(t, "the context has", value, "callback")
	want(t, "afterwards the goroutine sees", user.Get(), "goroutine")
}

func TestMatrix(t *testing.T) {
	const left, nothing = "what the last job left", "nothing"
	defer user.Set("the caller's").Restore()
	sees := func() string { return user.GetOr(nothing) }
	first := func(wrap func(func()) func()) (saw string) {
		start(t).Call(wrap(func() { saw = sees() }))
		return saw
	}
	// The second callback on a thread whose first one has left something, called in the same way.
	second := func(wrap func(func()) func()) (saw string) {
		thread := start(t)
		thread.Call(wrap(func() { user.Set(left) }))
		thread.Call(wrap(func() { saw = sees() }))
		return saw
	}
	registered := func(f func()) (callback func()) {
		user.With("the registrar's", func() { callback = cv.Bind(f) })
		return callback
	}
	bare := func(f func()) func() { return f }
	detached := func(f func()) func() { return func() { cv.Detach(f) } }
	// The first one on a new thread, whose goroutine was that of one that has ended.
	next := func(wrap func(func()) func()) (saw string) {
		ended := cthread.Start()
		ended.Call(wrap(func() { user.Set(left) }))
		ended.Stop()
		start(t).Call(wrap(func() { saw = sees() }))
		return saw
	}
	var own string
	cthread.CallHere(func() { own = sees() })
	const std = "std"
	matrix.Check(t, "thirdparty/cthread",
		matrix.Row{
			Where: "C calls back on its caller's thread", Module: std, Without: own, With: own, Help: "none needed",
		}, matrix.Row{
			Where: "C calls back on its own thread, for the first time", Module: std, Help: "`Bind`",
			Without: first(bare), With: first(registered),
		}, matrix.Row{
			Where: "… a callback that comes later on that thread", Module: std, Help: "`Bind`",
			Without: second(bare), With: second(registered),
		}, matrix.Row{
			Where: "… the same, without a context of its own", Module: std, Help: "`Detach` in the callback",
			Without: second(bare), With: second(detached),
		}, matrix.Row{
			Where: "… the first callback of another thread, when that one has ended", Module: std, Help: "`Bind`",
			Without: next(bare), With: next(registered),
		})
}
