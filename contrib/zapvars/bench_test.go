package zapvars_test

import (
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zapvars"
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

func productionCore() zapcore.Core {
	return zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()),
		zapcore.AddSync(nowhere{}), zapcore.InfoLevel)
}

// nowhere is io.Discard, but for its size.
type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

func wrapped() *zap.Logger {
	return zap.New(productionCore(), zapvars.WrapCore(benchRequest, benchTenant, benchAttempt, benchDeadline))
}

func logByHand(l *zap.Logger) {
	l.Info("request served",
		zap.String("request_id", "r-184467"), zap.String("tenant", "acme"),
		zap.Int("attempt", 1000), zap.Duration("deadline", time.Second))
}

func logVars(l *zap.Logger) { l.Info("request served") }

// BenchmarkEntry writes one and the same entry with four fields given by hand, as
// constants, and with four variables. What counts is vars against hand of each pair.
// Under With, the logger has two more fields. Under Namespace, the pair differs in what
// is written: by hand all stand in the namespace, and the two are formatted once; as
// variables the four stand outside, and the two are formatted each time. Under dropped,
// the level is not enabled.
func BenchmarkEntry(b *testing.B) {
	with := func(l *zap.Logger, fs ...zap.Field) *zap.Logger {
		return l.With(append(fs, zap.String("service", "front"), zap.String("zone", "a"))...)
	}
	plain := zap.New(productionCore())
	for _, c := range []struct {
		name string
		l    *zap.Logger
		log  func(*zap.Logger)
	}{
		{"plain/hand", plain, logByHand},
		{"plain/vars", wrapped(), logVars},
		{"With/hand", with(plain), logByHand},
		{"With/vars", with(wrapped()), logVars},
		{"Namespace/hand", with(plain, zap.Namespace("n")), logByHand},
		{"Namespace/vars", with(wrapped(), zap.Namespace("n")), logVars},
		{"dropped/hand", plain.WithOptions(zap.IncreaseLevel(zap.ErrorLevel)), logByHand},
		{"dropped/vars", wrapped().WithOptions(zap.IncreaseLevel(zap.ErrorLevel)), logVars},
	} {
		b.Run(c.name, func(b *testing.B) {
			contextvars.Detach(func() {
				setBench()
				b.ReportAllocs()
				for b.Loop() {
					c.log(c.l)
				}
			})
		})
	}
}
