package concvars_test

import (
	"testing"

	"github.com/sourcegraph/conc/iter"
	"github.com/sourcegraph/conc/pool"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/concvars"
)

// A job that does nothing, given to a pool's one goroutine.
func BenchmarkGo(b *testing.B) {
	for name, submit := range map[string]func(p *pool.Pool, f func()){"conc": (*pool.Pool).Go, "concvars": concvars.Go} {
		b.Run(name, func(b *testing.B) {
			defer who.Set("the submitter's").Restore()
			p := pool.New().WithMaxGoroutines(1)
			defer p.Wait()
			b.ReportAllocs()
			for b.Loop() {
				submit(p, func() {})
			}
		})
	}
}

// A thousand elements.
func BenchmarkForEach(b *testing.B) {
	f := func(n *int) { *n++ }
	bound := contextvars.Bind1(f)
	for name, f := range map[string]func(*int){"conc": f, "bound": bound} {
		b.Run(name, func(b *testing.B) {
			elements := make([]int, 1000)
			b.ReportAllocs()
			for b.Loop() {
				iter.ForEach(elements, f)
			}
		})
	}
}
