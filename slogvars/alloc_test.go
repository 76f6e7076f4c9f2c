//go:build !race

// With the race detector, slices.Grow allocates twice, here and in log/slog.

package slogvars_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/slogvars"
)

// Reading the common types must not allocate; what the inner handler does is not
// counted here.
func TestAllocations(t *testing.T) {
	at := contextvars.NewDefault("at", time.Now())
	size := contextvars.NewDefault("size", int64(1<<40))
	ptr := contextvars.NewDefault("ptr", &byValuer{})
	h := slogvars.NewHandler(discard{}, tenant, at, size, ptr)
	group := h.WithGroup("g").WithAttrs([]slog.Attr{slog.Int("a", 1)})
	with := func(attrs int) slog.Record {
		r := slog.NewRecord(time.Now(), slog.LevelInfo, "m", 0)
		for range attrs {
			r.Add("by hand", 1)
		}
		return r
	}
	ctx := t.Context()
	for name, c := range map[string]struct {
		h    slog.Handler
		r    slog.Record
		want float64
	}{
		"up to five attributes":  {h, with(1), 0},
		"up to eight":            {h, with(4), 1},
		"more":                   {h, with(20), 2},
		"group":                  {h.WithGroup("g"), with(1), 1},
		"group in a group":       {group.WithGroup("h"), with(1), 1},
		"empty group in a group": {group.WithGroup("h"), with(0), 1},
		"nothing to add":         {slogvars.NewHandler(discard{}, suiteUnset), with(20), 0},
	} {
		if got := testing.AllocsPerRun(100, func() { _ = c.h.Handle(ctx, c.r) }); got != c.want {
			t.Errorf("%s: %v allocations, want %v", name, got, c.want)
		}
	}
}

type discard struct{ slog.Handler }

func (discard) Handle(context.Context, slog.Record) error { return nil }
