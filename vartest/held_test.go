package vartest_test

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/vartest"
)

var value = contextvars.New[*[64]byte]("value")

// What is not reported must not hold anything of the test either.
func TestUnreportedGoroutinesHoldNothing(t *testing.T) {
	for name, c := range map[string]struct {
		start func(until <-chan bool)
		holds bool
	}{
		"GoDetached": {func(until <-chan bool) { contextvars.GoDetached(func() { parked(until) }) }, false},
		"Detach":     {func(until <-chan bool) { contextvars.Detach(func() { go parked(until) }) }, false},
		"Lend":       {func(until <-chan bool) { contextvars.Lend(func() { go parked(until) }) }, false},
		"foreign labels": {func(until <-chan bool) {
			inForeignLabels(func() { go parked(until) })
		}, false},
		"go, for comparison": {func(until <-chan bool) { go parked(until) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			until := make(chan bool)
			defer close(until)
			var held weak.Pointer[[64]byte]
			r := record(t, func(t testing.TB) {
				if !c.holds {
					vartest.VerifyNoLeak(t)
				}
				p := new([64]byte)
				held = weak.Make(p)
				vartest.Set(t, value, p)
				c.start(until)
			})
			r.wantNone(t)
			// What a goroutine that ended had is let go of some time after a collection.
			for i := 0; held.Value() != nil && i < 100; i++ {
				runtime.GC()
				if c.holds && i == 10 {
					return
				}
				time.Sleep(time.Millisecond)
			}
			if (held.Value() != nil) != c.holds {
				t.Errorf("holds the test's value: %v, want %v", held.Value() != nil, c.holds)
			}
		})
	}
}
