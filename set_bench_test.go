package contextvars_test

import (
	"fmt"
	"testing"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// BenchmarkSet is a Set while nobody records where values are set, and while somebody does.
func BenchmarkSet(b *testing.B) {
	run := func(b *testing.B) {
		for _, n := range []int{1, 8, 20} {
			b.Run(fmt.Sprintf("%d variables", n), func(b *testing.B) {
				cv.Detach(func() {
					setMany(n - 1)
					held.Set(nil)
					b.ReportAllocs()
					for b.Loop() {
						held.Set(nil)
					}
				})
			})
		}
		b.Run("and Restore", func(b *testing.B) {
			cv.Detach(func() {
				b.ReportAllocs()
				for b.Loop() {
					held.Set(nil).Restore()
				}
			})
		})
	}
	b.Run("off", run)
	b.Run("recording", func(b *testing.B) {
		defer frame.Record()()
		run(b)
	})
}
