package otelvars

import (
	"runtime"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/gocontextvars/contextvars"
)

// Each goroutine starts the next one inside of a span that it hands over, and that one ends
// it: such a chain may never end, and must not hold on to all spans that were.
func TestAChainOfGoroutinesHoldsNoEndedSpans(t *testing.T) {
	for name, end := range map[string]func(ActiveSpan){
		"ended inside of the next span": func(s ActiveSpan) { s.End() },
		"ended where there is none":     func(s ActiveSpan) { contextvars.Detach(func() { s.End() }) },
	} {
		t.Run(name, func(t *testing.T) {
			tr := NewTracer(sdktrace.NewTracerProvider(), "test")
			collected, last := make(chan bool), make(chan bool)
			var step func(n int, before ActiveSpan)
			step = func(n int, before ActiveSpan) {
				s := tr.Start("step")
				if n == 0 {
					runtime.SetFinalizer(s.Span, func(any) { close(collected) })
				} else {
					end(before)
				}
				if n < 10 {
					go step(n+1, s)
					return
				}
				last <- isClosed(collected)
				s.End()
			}
			go step(0, ActiveSpan{})
			if !<-last {
				t.Error("the first span is still reachable")
			}
		})
	}
}

// isClosed reports whether c is closed after a number of collections.
func isClosed(c chan bool) bool {
	for range 10 {
		runtime.GC()
		select {
		case <-c:
			return true
		case <-time.After(time.Millisecond): // what ended goroutines had is let go in the background
		}
	}
	return false
}
