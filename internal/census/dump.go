package census

import (
	"bytes"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/gocontextvars/contextvars/dump"
)

// lastSize is how large the last dump was.
var lastSize atomic.Int64

// dump reads the dump of all goroutines.
func (c *Census) dump(p *places) (printed []*print) {
	size := max(64<<10, 2*lastSize.Load(), int64(runtime.NumGoroutine())*1024)
	var text []byte
	for {
		text = make([]byte, size)
		began := time.Now()
		n := runtime.Stack(text, true)
		c.Stopped += time.Since(began)
		if text = text[:n]; int64(n) < size {
			break
		}
		size *= 2
	}
	lastSize.Store(int64(len(text)))
	f, _ := dump.Parse(bytes.NewReader(text)) // a bytes.Reader has no errors
	for _, d := range f.Dumps {
		for _, g := range d.Goroutines {
			printed = append(printed, &print{Goroutine: g, place: p.placeOfPrint(g)})
		}
	}
	return printed
}
