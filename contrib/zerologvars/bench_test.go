package zerologvars_test

import (
	"io"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zerologvars"
)

var (
	benchRequest  = contextvars.New[string]("request_id")
	benchTenant   = contextvars.New[string]("tenant")
	benchAttempt  = contextvars.New[int]("attempt")
	benchDeadline = contextvars.New[time.Duration]("deadline")
)

func setBench() {
	benchRequest.Set("r-184467")
	benchTenant.Set("acme")
	benchAttempt.Set(1000)
	benchDeadline.Set(time.Second)
}

func plain() zerolog.Logger { return zerolog.New(io.Discard).With().Timestamp().Logger() }

func hooked() zerolog.Logger {
	return plain().Hook(zerologvars.NewHook(benchRequest, benchTenant, benchAttempt, benchDeadline))
}

func logByHand(l *zerolog.Logger) {
	l.Info().Str("request_id", "r-184467").Str("tenant", "acme").
		Int("attempt", 1000).Dur("deadline", time.Second).Msg("request served")
}

func logVars(l *zerolog.Logger) { l.Info().Msg("request served") }

// BenchmarkEvent writes one and the same event with four fields given by hand, as
// constants, and with four variables. What counts is vars against hand of each pair.
// Under With, the logger has two more fields. Under dropped, the level is not enabled.
func BenchmarkEvent(b *testing.B) {
	with := func(l zerolog.Logger) zerolog.Logger {
		return l.With().Str("service", "front").Str("zone", "a").Logger()
	}
	for _, c := range []struct {
		name string
		l    zerolog.Logger
		log  func(*zerolog.Logger)
	}{
		{"plain/hand", plain(), logByHand},
		{"plain/vars", hooked(), logVars},
		{"With/hand", with(plain()), logByHand},
		{"With/vars", with(hooked()), logVars},
		{"dropped/hand", plain().Level(zerolog.ErrorLevel), logByHand},
		{"dropped/vars", hooked().Level(zerolog.ErrorLevel), logVars},
	} {
		b.Run(c.name, func(b *testing.B) {
			contextvars.Detach(func() {
				setBench()
				b.ReportAllocs()
				for b.Loop() {
					c.log(&c.l)
				}
			})
		})
	}
}
