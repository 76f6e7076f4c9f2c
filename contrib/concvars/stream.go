package concvars

import (
	"github.com/sourcegraph/conc/stream"

	"github.com/gocontextvars/contextvars"
)

// GoStream is s.Go(f) with f, and the callback that f returns, each in a copy of the caller's context. What
// f sets its callback does not see, nor does another callback, all of which share a goroutine. It panics
// where s.Go does, and if s or f is nil.
func GoStream(s *stream.Stream, f stream.Task) {
	if s == nil {
		panic("concvars: GoStream was given a nil stream; make one with stream.New")
	}
	checkFunc("GoStream", f == nil)
	// The callback is not known before f has run, which is in another copy.
	submitter := contextvars.CopyContext()
	bound := bind(func() stream.Callback { return f() })
	contextvars.Detach(func() {
		s.Go(func() stream.Callback {
			callback := bound()
			if callback == nil {
				return nil // and conc panics as ever
			}
			return func() { submitter.Run(callback) }
		})
	})
}
