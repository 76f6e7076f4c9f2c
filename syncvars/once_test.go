package syncvars_test

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"weak"

	"github.com/gocontextvars/contextvars/syncvars"
)

// form is one of the four forms, as functions of the same kind: they make what
// calls f once.
type form struct {
	name      string
	ours, std func(f func() string) (call func() string)
}

var forms = []form{
	{"Once", func(f func() string) func() string {
		var once syncvars.Once
		var s string
		return func() string { once.Do(func() { s = f() }); return s }
	}, func(f func() string) func() string {
		var once sync.Once
		var s string
		return func() string { once.Do(func() { s = f() }); return s }
	}},
	{"OnceFunc", func(f func() string) func() string {
		var s string
		once := syncvars.OnceFunc(func() { s = f() })
		return func() string { once(); return s }
	}, func(f func() string) func() string {
		var s string
		once := sync.OnceFunc(func() { s = f() })
		return func() string { once(); return s }
	}},
	{"OnceValue", syncvars.OnceValue[string], sync.OnceValue[string]},
	{"OnceValues", func(f func() string) func() string {
		once := syncvars.OnceValues(func() (string, error) { return f(), errors.ErrUnsupported })
		return func() string { s, err := once(); return fmt.Sprint(s, err) }
	}, func(f func() string) func() string {
		once := sync.OnceValues(func() (string, error) { return f(), errors.ErrUnsupported })
		return func() string { s, err := once(); return fmt.Sprint(s, err) }
	}},
}

// each runs a test for each form.
func each(t *testing.T, test func(t *testing.T, f form)) {
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) { test(t, f) })
	}
}

func TestOnceSeesNothing(t *testing.T) {
	each(t, func(t *testing.T, f form) {
		defer user.Set("maker").Restore()
		calls := 0
		call := f.ours(func() string {
			calls++
			saw := fmt.Sprintf("%q %q", user.Get(), lang.Get())
			elsewhere(func() { saw += fmt.Sprintf(" %q", user.Get()) })
			user.Set("leftover")
			return saw
		})
		defer lang.Set("de").Restore()
		user.With("first", func() {
			want(t, "the first call", strings.HasPrefix(call(), `"" "en" ""`), true)
			want(t, "the first caller sees", user.Get(), "first")
		})
		want(t, "the second call", strings.HasPrefix(call(), `"" "en" ""`), true)
		want(t, "the caller sees", user.Get(), "maker")
		want(t, "calls", calls, 1)
	})
}

// What calls end with is what those of package sync end with.
func TestOnceEndsAsSyncDoes(t *testing.T) {
	failure := errors.New("failure")
	for name, f := range map[string]func() string{
		"return":     func() string { return "value" },
		"panic":      func() string { panic(failure) },
		"panic(nil)": func() string { panic(nil) },
		"Goexit":     func() string { runtime.Goexit(); return "" },
		"runtime":    func() string { return forms[len(forms)].name },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, form form) {
				ours, std := form.ours(f), form.std(f)
				for i := range 3 {
					want(t, fmt.Sprint("call ", i+1), ending(ours), ending(std))
				}
			})
		})
	}
}

// ending says how a call ends that is made on a goroutine of its own.
func ending(call func() string) string {
	how := "Goexit"
	elsewhere(func() {
		returned := false
		defer func() {
			if p := recover(); p != nil {
				how = fmt.Sprintf("panic %T %v", p, p)
			} else if returned {
				return
			}
		}()
		s := call()
		returned, how = true, "return "+s
	})
	return how
}

func TestOnceAtOnce(t *testing.T) {
	each(t, func(t *testing.T, f form) {
		var calls atomic.Int32
		begun, let := make(chan bool), make(chan bool)
		call := f.ours(func() string {
			calls.Add(1)
			close(begun)
			<-let
			return "done " + user.Get()
		})
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				defer user.Set(fmt.Sprint("user ", i)).Restore()
				want(t, "result", strings.HasPrefix(call(), "done "), true)
				want(t, "the caller sees", user.Get(), fmt.Sprint("user ", i))
			})
		}
		<-begun
		close(let)
		group.Wait()
		want(t, "calls", calls.Load(), 1)
	})
}

func boom() string { panic("boom") }

// The first call panics with the stack of the function still there.
func TestOncePanicHasItsStack(t *testing.T) {
	each(t, func(t *testing.T, f form) {
		var stack string
		func() {
			defer func() {
				stack = string(debug.Stack())
				recover()
			}()
			f.ours(boom)()
		}()
		want(t, "boom is in the stack", strings.Contains(stack, "syncvars_test.boom"), true)
	})
}

func TestOnceLetsGo(t *testing.T) {
	each(t, func(t *testing.T, f form) {
		if f.name == "Once" {
			return // its function is that of the call
		}
		for name, end := range map[string]func(){"return": func() {}, "panic": func() { panic("x") }} {
			p := new(thing)
			w := weak.Make(p)
			call := f.ours(func() string { runtime.KeepAlive(p); end(); return "" })
			panicOf(func() { call() })
			wantFree(t, name+": the function", func() bool { return w.Value() == nil })
			runtime.KeepAlive(call)
		}
	})
}

// Goroutines that the work has started hold nothing of the first caller's.
func TestOnceHoldsNothing(t *testing.T) {
	each(t, func(t *testing.T, f form) {
		let, ended := make(chan bool), make(chan bool)
		call := f.ours(func() string {
			go func() { <-let; close(ended) }()
			return ""
		})
		token, w := setMade()
		call()
		token.Restore()
		wantFree(t, "the first caller's value", func() bool { return w.Value() == nil })
		close(let)
		<-ended
	})
}

func TestOnceBadInput(t *testing.T) {
	for call, f := range map[string]func(){
		"Once.Do":    func() { new(syncvars.Once).Do(nil) },
		"OnceFunc":   func() { syncvars.OnceFunc(nil) },
		"OnceValue":  func() { syncvars.OnceValue[int](nil) },
		"OnceValues": func() { syncvars.OnceValues[int, int](nil) },
	} {
		want(t, call, panicOf(f), any("syncvars: "+call+" was given a nil func"))
	}
}
