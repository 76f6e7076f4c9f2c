package debugvars

import (
	"fmt"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// BenchmarkLoops reports, beside how long a look takes, for how long the loop does nothing else meanwhile, in one
// piece.
func BenchmarkLoops(b *testing.B) {
	v := contextvars.New[string]("benchmark")
	for _, n := range []int{100, 900, 10_000} {
		b.Run(fmt.Sprint(n, " tasks"), func(b *testing.B) {
			_, err := asyncio.Run(func() (int, error) {
				l, _ := asyncio.RunningLoop()
				for i := range n {
					asyncio.Go(func() error { v.Set(fmt.Sprint(i)); return asyncio.Sleep(time.Hour) })
				}
				asyncio.Sleep(0)
				var last time.Time
				var longest time.Duration
				var beat func()
				beat = func() {
					now := time.Now()
					if !last.IsZero() {
						longest = max(longest, now.Sub(last))
					}
					last = now
					l.CallSoon(beat)
				}
				l.CallSoon(beat)
				var pauses time.Duration
				b.ResetTimer()
				for range b.N {
					last, longest = time.Time{}, 0
					if _, err := asyncio.ToThread(func() (int, error) { return len(loops()), nil }); err != nil {
						return 0, err
					}
					pauses += longest
				}
				b.ReportMetric(float64(pauses.Microseconds())/float64(b.N), "pause-µs/op")
				return 0, nil
			})
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}

func BenchmarkTasks(b *testing.B) {
	const n = 10_000
	_, err := asyncio.Run(func() (int, error) {
		for range n {
			goNamed("", sleepLong)
		}
		asyncio.Sleep(0)
		return asyncio.ToThread(func() (int, error) {
			b.ResetTimer()
			for range b.N {
				tasks()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/task")
			return 0, nil
		})
	})
	if err != nil {
		b.Fatal(err)
	}
}
