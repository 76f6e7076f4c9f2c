package current

import (
	"context"
	"runtime/pprof"
	"testing"

	"github.com/gocontextvars/contextvars/internal/frame"
)

// onStage calls f on a goroutine that is a stage of a new host's.
func onStage(f func(s *Stage, h *frame.Host)) {
	elsewhere(func() {
		var s Stage
		h := new(frame.Host)
		s.Open(h)
		s.Show(nil)
		f(&s, h)
		s.Close()
	})
}

func TestHost(t *testing.T) {
	elsewhere(func() {
		if Host() != nil {
			t.Error("a goroutine without anything has a host")
		}
		Mine()
		if Host() != nil {
			t.Error("a goroutine with a root has a host")
		}
		Do(nil, func() {
			if Host() != nil {
				t.Error("a goroutine in a context has a host")
			}
		})
	})
	onStage(func(s *Stage, h *frame.Host) {
		c, k := new(contents), newKey("k")
		for name, in := range map[string]func(f func()){
			"":            func(f func()) { f() },
			"Enter":       func(f func()) { c.run(t, f) },
			"Enter twice": func(f func()) { c.run(t, func() { new(contents).run(t, f) }) },
			"Do":          func(f func()) { Do(nil, f) },
			"Lend":        Lend,
			"Set":         func(f func()) { set(k, 1); f() },
			"pprof.Do": func(f func()) {
				pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) { f() })
			},
			"no labels":    func(f func()) { pprof.SetGoroutineLabels(context.Background()); f() },
			"a generator":  func(f func()) { g := StartGenerator(); f(); g.End() },
			"its consumer": func(f func()) { g := StartGenerator(); g.step(t, f); g.End() },
			"Do and pprof": func(f func()) {
				Do(nil, func() {
					pprof.SetGoroutineLabels(foreignLabels("a", "b"))
					Do(nil, f)
				})
			},
		} {
			in(func() {
				if Host() != h {
					t.Errorf("%s: the host is not found", name)
				}
				elsewhere(func() {
					if Host() != nil {
						t.Errorf("%s: a child has the host", name)
					}
					set(k, 2)
					if Host() != nil {
						t.Errorf("%s: a child that has set something has the host", name)
					}
				})
			})
			if Host() != h {
				t.Errorf("after %s: the host is not found", name)
			}
		}
		if c.owner.Host != nil {
			t.Error("a context that was left keeps the host")
		}
	})
}
