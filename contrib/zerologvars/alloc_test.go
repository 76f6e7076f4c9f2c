//go:build !race

// With the race detector, a sync.Pool forgets on purpose.

package zerologvars_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zerologvars"
)

// The common types must not allocate, nor what is not sent.
func TestAllocations(t *testing.T) {
	contextvars.Detach(func() {
		setBench()
		more := plain().Hook(zerologvars.NewHook(
			contextvars.NewDefault("at", time.Unix(1, 0)),
			contextvars.NewDefault("error", errors.New("e")),
			contextvars.NewDefault("text", &text{"t"}),
			contextvars.NewDefault("object", &object{new(int)}),
			contextvars.NewDefault("large", uint64(1<<40)),
			contextvars.NewDefault("redacted", netip.IPv6Unspecified(), contextvars.Redacted()),
		))
		for name, c := range map[string]struct {
			l zerolog.Logger
			f func(*zerolog.Logger)
		}{
			"by hand":    {plain(), logByHand},
			"variables":  {hooked(), logVars},
			"and more":   {more, logVars},
			"sub-logger": {hooked().With().Int("a", 1).Logger(), logVars},
			"dropped":    {hooked().Level(zerolog.ErrorLevel), logVars},
		} {
			if got := testing.AllocsPerRun(100, func() { c.f(&c.l) }); got != 0 {
				t.Errorf("%s: %v allocations, want 0", name, got)
			}
		}
	})
}
