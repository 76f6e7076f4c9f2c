package lifetime_test

import (
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
)

var settings = []struct {
	name string
	opts []lifetime.Option
	on   bool
}{
	{"off", nil, false},
	{"tracked", nil, true},
	{"revoked", []lifetime.Option{lifetime.Revoke()}, true},
}

// perSetting runs f with each setting.
func perSetting(b *testing.B, f func(b *testing.B)) {
	for _, s := range settings {
		b.Run(s.name, func(b *testing.B) {
			if s.on {
				defer lifetime.Track(s.opts...)()
			}
			b.ReportAllocs()
			f(b)
		})
	}
}

// inWork runs f in a piece of work in which a few variables are set.
func inWork(f func()) {
	lifetime.Run(contextvars.NewContext(), "work", func() {
		for _, v := range many[:4] {
			v.Set(1)
		}
		f()
	})
}

func BenchmarkRun(b *testing.B) {
	perSetting(b, func(b *testing.B) {
		for b.Loop() {
			lifetime.Run(contextvars.CopyContext(), "work", func() {})
		}
	})
}

func BenchmarkGet(b *testing.B) {
	perSetting(b, func(b *testing.B) {
		inWork(func() {
			for b.Loop() {
				many[0].Get()
			}
		})
	})
}

func BenchmarkSet(b *testing.B) {
	perSetting(b, func(b *testing.B) {
		inWork(func() {
			for b.Loop() {
				many[0].Set(1).Restore()
			}
		})
	})
}

func BenchmarkBind(b *testing.B) {
	perSetting(b, func(b *testing.B) {
		inWork(func() {
			for b.Loop() {
				contextvars.Bind(func() {})
			}
		})
	})
}

// A census of few goroutines, and a thousand of them that hold a work.
func BenchmarkHeld(b *testing.B) {
	for name, n := range map[string]int{"1 goroutine": 1, "1000 goroutines": 1000} {
		b.Run(name, func(b *testing.B) {
			defer lifetime.Track()()
			until := make(chan bool)
			defer close(until)
			during("w", func() {
				for range n {
					go func() { <-until }()
				}
			})
			for b.Loop() {
				lifetime.Held()
			}
		})
	}
}
