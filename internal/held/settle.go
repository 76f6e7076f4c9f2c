package held

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Settle makes it known what is garbage, also of timers that were stopped: the runtime keeps those of a processor until
// they are a quarter of all there, and it comes to look. It takes milliseconds and collects garbage twice.
func Settle() {
	processors := int32(runtime.GOMAXPROCS(0))
	var here atomic.Int32
	var all sync.WaitGroup
	for range processors {
		all.Go(func() {
			for range enough {
				time.AfterFunc(time.Hour, func() {}).Stop()
			}
			// Each is to have a processor of its own. If one of those is busy otherwise, it will come to look, too.
			here.Add(1)
			for i := 0; here.Load() < processors && i < patience; i++ {
			}
			runtime.Gosched() // now it looks
		})
	}
	all.Wait()
	runtime.GC()
	runtime.GC()
}

const (
	enough   = 1000 // stopped timers to be a quarter, of up to 4,000 on a processor
	patience = 1_000_000
)
