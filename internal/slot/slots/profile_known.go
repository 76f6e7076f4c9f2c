//go:build !go1.28

package slots

import (
	_ "unsafe" // for go:linkname

	"github.com/gocontextvars/contextvars/internal/slot"
)

// profile is runtime/pprof's own way to goroutine profiles, which the runtime hands out under this name: a
// pull of a symbol that is not marked so would not link. The labels are what slots hold.
//
// TestRecordsAreGoroutines sees whether the runtime still does what this relies on. Releases that it has not
// been run with do without, see profile_unknown.go: a program has to link in any case.
//
//go:linkname profile runtime.pprof_goroutineProfileWithLabels
func profile(stacks []stack, heads []*slot.Head) (n int, ok bool)
