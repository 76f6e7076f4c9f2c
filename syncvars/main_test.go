package syncvars_test

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/gocontextvars/contextvars"
)

var (
	user   = contextvars.New[string]("user")
	tenant = contextvars.New[string]("tenant")
	lang   = contextvars.NewDefault("lang", "en")
)

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// elsewhere calls f on a goroutine of its own, which inherits, and waits for it.
func elsewhere(f func()) {
	done := make(chan bool)
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// panicOf returns what f panics with, nil if it does not.
func panicOf(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

// thing is large enough not to share an allocation with anything.
type thing struct{ _ [128]*int }

var held = contextvars.New[*thing]("held")

// setMade sets held to a thing that nobody else holds.
//
//go:noinline
func setMade() (contextvars.Token[*thing], weak.Pointer[thing]) {
	p := new(thing)
	return held.Set(p), weak.Make(p)
}

func wantFree(t *testing.T, what string, isFree func() bool) {
	t.Helper()
	for range 200 {
		runtime.GC()
		if isFree() {
			return
		}
		time.Sleep(time.Millisecond) // finalizers and the sweep run in between
	}
	t.Errorf("%s: is still held", what)
}
