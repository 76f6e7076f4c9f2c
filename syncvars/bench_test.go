package syncvars_test

import (
	"sync"
	"testing"

	"github.com/gocontextvars/contextvars/syncvars"
)

// Beside each there is what it is instead of: that of package sync, or work that is
// done without any of it.

func BenchmarkOnce(b *testing.B) {
	b.Run("sync.Once", func(b *testing.B) {
		var once sync.Once
		for b.Loop() {
			once.Do(func() {})
		}
	})
	b.Run("syncvars.Once", func(b *testing.B) {
		var once syncvars.Once
		for b.Loop() {
			once.Do(func() {})
		}
	})
	b.Run("sync.OnceValue", func(b *testing.B) {
		value := sync.OnceValue(func() int { return 1 })
		for b.Loop() {
			value()
		}
	})
	b.Run("syncvars.OnceValue", func(b *testing.B) {
		value := syncvars.OnceValue(func() int { return 1 })
		for b.Loop() {
			value()
		}
	})
}

// The first call, with making the function.
func BenchmarkFirstCall(b *testing.B) {
	defer user.Set("ann").Restore()
	one := func() int { return 1 }
	b.Run("sync.OnceValue", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sync.OnceValue(one)()
		}
	})
	b.Run("syncvars.OnceValue", func(b *testing.B) {
		user.Set("ann")
		b.ReportAllocs()
		for b.Loop() {
			syncvars.OnceValue(one)()
		}
	})
	b.Run("sync.Once", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			new(sync.Once).Do(func() {})
		}
	})
	b.Run("syncvars.Once", func(b *testing.B) {
		user.Set("ann")
		b.ReportAllocs()
		for b.Loop() {
			new(syncvars.Once).Do(func() {})
		}
	})
}

func BenchmarkGroup(b *testing.B) {
	work := func() (int, error) { return 1, nil }
	for name, g := range map[string]*syncvars.Group[string, int]{
		"Do":              new(syncvars.Group[string, int]),
		"Do, 1 variable":  syncvars.NewGroup[string, int](syncvars.With(tenant)),
		"Do, 2 variables": syncvars.NewGroup[string, int](syncvars.With(tenant), syncvars.With(lang)),
	} {
		b.Run(name, func(b *testing.B) {
			user.Set("ann")
			tenant.Set("acme")
			lang.Set("de")
			b.ReportAllocs()
			for b.Loop() {
				g.Do("key", work)
			}
		})
	}
}
