package slogvars_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/slogvars"
)

var (
	benchRequest  = contextvars.New[string]("request_id")
	benchTenant   = contextvars.New[string]("tenant")
	benchAttempt  = contextvars.New[int]("attempt")
	benchDeadline = contextvars.New[time.Duration]("deadline")
)

// BenchmarkRecord writes one and the same record with four attributes given by hand,
// as constants, and with four variables. What counts is vars against hand of
// each pair. Under With, the logger has two more attributes. Under WithGroup, the pair
// differs in what is written: by hand the four stand in the group, and the
// two are formatted once; as variables they stand outside, and the two are formatted
// each time.
func BenchmarkRecord(b *testing.B) {
	json := slog.NewJSONHandler(io.Discard, nil)
	plain := slog.New(json)
	wrapped := slog.New(slogvars.NewHandler(json, benchRequest, benchTenant, benchAttempt, benchDeadline))
	with := func(l *slog.Logger) *slog.Logger { return l.With("service", "front", "zone", "a") }

	ctx := context.Background()
	hand := func(l *slog.Logger) {
		l.LogAttrs(ctx, slog.LevelInfo, "request served",
			slog.String("request_id", "r-184467"), slog.String("tenant", "acme"),
			slog.Int("attempt", 1000), slog.Duration("deadline", time.Second))
	}
	vars := func(l *slog.Logger) { l.LogAttrs(ctx, slog.LevelInfo, "request served") }

	for _, c := range []struct {
		name string
		l    *slog.Logger
		log  func(*slog.Logger)
	}{
		{"plain/hand", plain, hand},
		{"plain/vars", wrapped, vars},
		{"With/hand", with(plain), hand},
		{"With/vars", with(wrapped), vars},
		{"WithGroup/hand", with(plain.WithGroup("g")), hand},
		{"WithGroup/vars", with(wrapped.WithGroup("g")), vars},
	} {
		b.Run(c.name, func(b *testing.B) {
			benchRequest.Set("r-184467")
			benchTenant.Set("acme")
			benchAttempt.Set(1000)
			benchDeadline.Set(time.Second)
			b.ReportAllocs()
			for b.Loop() {
				c.log(c.l)
			}
		})
	}
}
