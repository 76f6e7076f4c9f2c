package contextvars_test

import (
	"iter"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

var sinkI int

func BenchmarkZ(b *testing.B) {
	inChild(func() int {
		user.Set("x")
		one := cv.New[*int]("one")
		one.Set(new(int))
		run := func(name string, f func(b *testing.B)) {
			b.Run(name, func(b *testing.B) { b.ReportAllocs(); user.Set("y"); f(b) })
		}
		run("plain", func(b *testing.B) {
			for x := range count(b.N) {
				sinkI += x
			}
		})
		run("isolated", func(b *testing.B) {
			for x := range cv.Isolate(count(b.N)) {
				sinkI += x
			}
		})
		run("loop", func(b *testing.B) {
			g := cv.Isolate(count(0))
			for range b.N {
				for x := range g {
					sinkI += x
				}
			}
		})
		run("loopplain", func(b *testing.B) {
			g := count(0)
			for range b.N {
				for x := range g {
					sinkI += x
				}
			}
		})
		run("pull", func(b *testing.B) {
			next, stop := iter.Pull(count(b.N))
			defer stop()
			for range b.N {
				next()
			}
		})
		run("isolatepull", func(b *testing.B) {
			next, stop := cv.IsolatePull(count(b.N))
			defer stop()
			for range b.N {
				next()
			}
		})
		run("outerset", func(b *testing.B) {
			for range cv.Isolate(count(b.N)) {
				one.Set(&sinkI)
			}
		})
		run("outerset, one own", func(b *testing.B) {
			for range cv.Isolate(func(yield func(int) bool) { other.Set("x"); count(b.N)(yield) }) {
				one.Set(&sinkI)
			}
		})
		run("outersetrestore", func(b *testing.B) {
			for range cv.Isolate(count(b.N)) {
				one.Set(&sinkI).Restore()
			}
		})
		run("innersetrestore", func(b *testing.B) {
			for range cv.Isolate(func(yield func(int) bool) {
				for i := range b.N {
					one.Set(&sinkI).Restore()
					_ = i
				}
			}) {
			}
		})
		run("innerset", func(b *testing.B) {
			for range cv.Isolate(func(yield func(int) bool) {
				for i := range b.N {
					one.Set(&sinkI)
					_ = i
				}
			}) {
			}
		})
		run("setrestore", func(b *testing.B) {
			for range b.N {
				one.Set(&sinkI).Restore()
			}
		})
		return 0
	})
}
