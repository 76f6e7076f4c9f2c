//go:build !race

// With the race detector, a sync.Pool forgets on purpose.

package zapvars_test

import (
	"testing"

	"go.uber.org/zap"

	"github.com/gocontextvars/contextvars"
)

// An entry with variables may allocate what one with fields given by hand does: the fields.
func TestAllocations(t *testing.T) {
	contextvars.Detach(func() {
		setBench()
		for name, c := range map[string]struct {
			l    *zap.Logger
			log  func(*zap.Logger)
			want float64
		}{
			"by hand":      {zap.New(productionCore()), logByHand, 1},
			"variables":    {wrapped(), logVars, 1},
			"With":         {wrapped().With(zap.Int("a", 1)), logVars, 1},
			"in namespace": {wrapped().With(zap.Namespace("n"), zap.Int("a", 1)), logVars, 1},
			"and by hand":  {wrapped(), logByHand, 2},
			"dropped":      {wrapped(), func(l *zap.Logger) { l.Debug("m") }, 0},
		} {
			if got := testing.AllocsPerRun(100, func() { c.log(c.l) }); got != c.want {
				t.Errorf("%s: %v allocations, want %v", name, got, c.want)
			}
		}
		contextvars.Detach(func() {
			l := wrapped()
			if got := testing.AllocsPerRun(100, func() { logVars(l) }); got != 0 {
				t.Errorf("no values: %v allocations, want 0", got)
			}
		})
	})
}
