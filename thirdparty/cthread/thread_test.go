//go:build cgo && unix

package cthread_test

import (
	"runtime"
	"testing"
	"weak"

	"github.com/timandy/routine"

	cv "github.com/gocontextvars/contextvars"
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
