//contextvars:ignore token subjects set their variables on goroutines of their own

package main

import (
	"bytes"
	"context"
	"log/slog"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zapvars"
	"github.com/gocontextvars/contextvars/contrib/zerologvars"
	"github.com/gocontextvars/contextvars/slogvars"
)

// One and the same line with four fields given by hand, as constants, and with four variables.
// It is written as JSON to nowhere.
var (
	slogRecord = comparison{
		name:  "slog",
		title: "slog record, 4 attributes",
		sides: []side{
			{"by hand", logging(func(t *text) func() {
				t.want = []byte(`"request_id":"r-184467","tenant":"acme","attempt":1000,"deadline":1000000000}`)
				l, ctx := slog.New(slog.NewJSONHandler(t, nil)), context.Background()
				return func() {
					l.LogAttrs(ctx, slog.LevelInfo, "request served",
						slog.String("request_id", "r-184467"), slog.String("tenant", "acme"),
						slog.Int("attempt", 1000), slog.Duration("deadline", time.Second))
				}
			})},
			{"slogvars", logging(func(t *text) func() {
				t.want = []byte(`"request_id":"r-184467","tenant":"acme","attempt":1000,"deadline":1000000000}`)
				l, ctx := slog.New(slogvars.NewHandler(slog.NewJSONHandler(t, nil), logged...)), context.Background()
				return func() { l.LogAttrs(ctx, slog.LevelInfo, "request served") }
			})},
		},
		limits: []limit{{what: "slog record with 4 variables / 4 attributes by hand", of: 1, ratio: 1.5}},
	}

	zapEntry = comparison{
		name:  "zap",
		title: "zap entry, 4 fields",
		sides: []side{
			{"by hand", logging(func(t *text) func() {
				l := t.zap()
				return func() {
					l.Info("request served",
						zap.String("request_id", "r-184467"), zap.String("tenant", "acme"),
						zap.Int("attempt", 1000), zap.Duration("deadline", time.Second))
				}
			})},
			{"zapvars", logging(func(t *text) func() {
				l := t.zap(zapvars.WrapCore(logged...))
				return func() { l.Info("request served") }
			})},
		},
	}

	zerologEvent = comparison{
		name:  "zerolog",
		title: "zerolog event, 4 fields",
		sides: []side{
			{"by hand", logging(func(t *text) func() {
				l := t.zerolog()
				return func() {
					l.Info().Str("request_id", "r-184467").Str("tenant", "acme").
						Int("attempt", 1000).Dur("deadline", time.Second).Msg("request served")
				}
			})},
			{"zerologvars", logging(func(t *text) func() {
				l := t.zerolog().Hook(zerologvars.NewHook(logged...))
				return func() { l.Info().Msg("request served") }
			})},
		},
	}
)

var (
	logRequest  = contextvars.New[string]("request_id")
	logTenant   = contextvars.New[string]("tenant")
	logAttempt  = contextvars.New[int]("attempt")
	logDeadline = contextvars.New[time.Duration]("deadline")

	logged = []contextvars.Variable{logRequest, logTenant, logAttempt, logDeadline}
)

// text is where lines are written to: io.Discard, but that it looks for the fields.
type text struct {
	want  []byte
	right int
}

func (t *text) Write(p []byte) (int, error) {
	if bytes.Contains(p, t.want) {
		t.right++
	}
	return len(p), nil
}

func (t *text) zap(options ...zap.Option) *zap.Logger {
	t.want = []byte(`"request_id":"r-184467","tenant":"acme","attempt":1000,"deadline":1}`)
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	return zap.New(zapcore.NewCore(encoder, zapcore.AddSync(t), zapcore.InfoLevel), options...)
}

func (t *text) zerolog() zerolog.Logger {
	t.want = []byte(`"request_id":"r-184467","tenant":"acme","attempt":1000,"deadline":1000,`)
	return zerolog.New(t).With().Timestamp().Logger()
}

// logging returns the start of a side that logs to a text.
func logging(logger func(*text) (log func())) func(*bed) (loop, error) {
	return func(*bed) (loop, error) {
		logRequest.Set("r-184467")
		logTenant.Set("acme")
		logAttempt.Set(1000)
		logDeadline.Set(time.Second)
		t := new(text)
		log := logger(t)
		return func(n int) (right int, err error) {
			t.right = 0
			for range n {
				log()
			}
			return t.right, nil
		}, nil
	}
}
