package thirdparty_test

import (
	"runtime"
	"testing"
	"weak"

	cv "github.com/gocontextvars/contextvars"
)

var (
	user   = cv.New[string]("user")
	tenant = cv.New[string]("tenant", cv.Label())
	held   = cv.New[*thing]("held")
)

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// thing is large enough not to share an allocation with anything.
type thing struct{ _ [128]*int }

// holding calls f with held set to a thing that nobody else knows, and returns a
// weak pointer to it: who still keeps the thing alive then has it from f.
//
//go:noinline
func holding(f func()) weak.Pointer[thing] {
	p := new(thing)
	w := weak.Make(p)
	held.With(p, f)
	return w
}

// wantHeld says that w's thing is kept alive by a goroutine.
func wantHeld(t *testing.T, w weak.Pointer[thing]) {
	t.Helper()
	for range 5 {
		runtime.GC()
	}
	if w.Value() == nil {
		t.Error("the value is gone, want it held")
	}
}

// wantFree says that nothing keeps w's thing alive. Values of goroutines that have
// ended are free after two collections and a sweep in between, which runs on a
// goroutine of its own.
func wantFree(t *testing.T, w weak.Pointer[thing]) {
	t.Helper()
	if !collectUntil(1000, func() bool { return w.Value() == nil }) {
		t.Error("the value is held, want it gone")
	}
}

// collectUntil collects garbage until done says so, false if it has not at the last time.
func collectUntil(times int, done func() bool) bool {
	for range times {
		runtime.GC()
		if done() {
			return true
		}
		runtime.Gosched()
	}
	return false
}
