package lifetime_test

import (
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/held"
	"github.com/gocontextvars/contextvars/lifetime"
)

var (
	user  = contextvars.New[string]("user")
	zone  = contextvars.NewDefault("zone", "utc")
	local = contextvars.New[string]("local", contextvars.Local())
)

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// track tracks until the test ends.
func track(t *testing.T, opts ...lifetime.Option) {
	t.Helper()
	t.Cleanup(lifetime.Track(opts...))
}

// during calls f in a new Work of that name, in a copy of the current context, and returns the Work.
func during(name string, f func()) (w *lifetime.Work) {
	lifetime.Run(contextvars.CopyContext(), name, func() {
		w = lifetime.Current()
		f()
	})
	return w
}

// holding returns what holds w by now.
func holding(w *lifetime.Work) lifetime.Holding {
	held.Settle()
	for _, h := range lifetime.Held() {
		if h.Work == w {
			return h
		}
	}
	return lifetime.Holding{}
}

// wantHeld waits until w is held by so many, since goroutines take time to end, and timers that were stopped to be
// let go.
func wantHeld(t *testing.T, w *lifetime.Work, goroutines, timers int) lifetime.Holding {
	t.Helper()
	var h lifetime.Holding
	for range 100 {
		if h = holding(w); len(h.Goroutines) == goroutines && len(h.Timers) == timers {
			return h
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("got %v, want %d goroutines and %d timers", h, goroutines, timers)
	return h
}

// parked waits until the test ends, on a goroutine of its own.
func parked(t *testing.T) func() {
	t.Helper()
	until := make(chan bool)
	t.Cleanup(func() { close(until) })
	return func() { <-until }
}
