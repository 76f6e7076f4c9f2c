package zapvars_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/gocontextvars/contextvars/contrib/zapvars"
)

// Cores decide in Check which entries they want, so what is around them has to ask there.

func TestLevelIsTheInnerCores(t *testing.T) {
	var out output
	increased, err := zapcore.NewIncreaseLevelCore(jsonCore(&out), zapcore.WarnLevel)
	if err != nil {
		t.Fatal(err)
	}
	l := zap.New(increased, zapvars.WrapCore(tenant))
	l.Info("dropped")
	l.Warn("m")
	if got := l.Level(); got != zapcore.WarnLevel {
		t.Errorf("Level is %v", got)
	}
	if l.Check(zapcore.InfoLevel, "m") != nil || l.Core().Check(zapcore.Entry{Level: zapcore.InfoLevel}, nil) != nil {
		t.Error("Check wants what the core does not")
	}
	l.WithOptions(zap.IncreaseLevel(zapcore.ErrorLevel)).Warn("dropped")
	wantLines(t, &out, fields{"msg": "m", "tenant": "nobody"})
}

func TestCoresOfATeeDecideEachByItself(t *testing.T) {
	all, allSeen := observer.New(zapcore.InfoLevel)
	errors, errorsSeen := observer.New(zapcore.ErrorLevel)
	l := zap.New(zapcore.NewTee(all, errors), zapvars.WrapCore(tenant)).With(zap.Int("a", 1))
	l.Info("m")
	l.Error("e")
	if allSeen.Len() != 2 || errorsSeen.Len() != 1 {
		t.Errorf("%d and %d entries, want 2 and 1", allSeen.Len(), errorsSeen.Len())
	}
	for _, e := range append(allSeen.All(), errorsSeen.All()...) {
		if got := fmt.Sprint(e.ContextMap()); got != "map[a:1 tenant:nobody]" {
			t.Errorf("%s has %s", e.Message, got)
		}
	}
}

func TestTeeAround(t *testing.T) {
	defer request.Set("r-1").Restore()
	var first, second, third output
	l := zap.New(zapcore.NewTee(
		zapvars.NewCore(jsonCore(&first), tenant),
		jsonCore(&second),
		zapvars.NewCore(jsonCore(&third), request),
	)).With(zap.Namespace("n"))
	l.Info("m", zap.Int("a", 1))
	wantLines(t, &first, fields{"msg": "m", "tenant": "nobody", "n": fields{"a": 1.0}})
	wantLines(t, &second, fields{"msg": "m", "n": fields{"a": 1.0}})
	wantLines(t, &third, fields{"msg": "m", "request_id": "r-1", "n": fields{"a": 1.0}})
}

func TestSamplers(t *testing.T) {
	sampled := func(c zapcore.Core) zapcore.Core { return zapcore.NewSamplerWithOptions(c, time.Hour, 2, 0) }
	var out output
	for name, core := range map[string]zapcore.Core{
		"inside":        zapvars.NewCore(sampled(jsonCore(&out)), tenant),
		"inside, a tee": zapvars.NewCore(sampled(zapcore.NewTee(jsonCore(&out), zapcore.NewNopCore())), tenant),
		"around":        sampled(zapvars.NewCore(jsonCore(&out), tenant)),
	} {
		t.Run(name, func(t *testing.T) {
			l := zap.New(core).With(zap.Int("a", 1))
			for range 5 {
				l.Info("m")
			}
			want := fields{"msg": "m", "a": 1.0, "tenant": "nobody"}
			wantLines(t, &out, want, want)
		})
	}
}

func TestHooksInside(t *testing.T) {
	var out output
	var seen []string
	hook := func(e zapcore.Entry) error {
		seen = append(seen, e.Message)
		return nil
	}
	l := zap.New(jsonCore(&out), zap.Hooks(hook), zapvars.WrapCore(tenant), zap.Hooks(hook))
	l.Info("m")
	wantLines(t, &out, fields{"msg": "m", "tenant": "nobody"})
	if got := fmt.Sprint(seen); got != "[m m]" {
		t.Errorf("the hooks saw %s", got)
	}
}

// asking is a core that wants something done before and after the write.
type asking struct {
	zapcore.Core
	saw *[]string
}

func (a asking) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	ce = a.Core.Check(e, ce)
	ce = ce.Before(e, func(e zapcore.Entry, fs []zapcore.Field) (zapcore.Entry, []zapcore.Field) {
		e.Message += "!"
		return e, append(fs, zap.Int("before", len(fs)))
	})
	return ce.After(e, a)
}

func (a asking) OnWrite(ce *zapcore.CheckedEntry, fs []zapcore.Field) {
	*a.saw = append(*a.saw, fmt.Sprint(ce.Message, " ", fs[0].Key, " ", len(fs)))
}

func TestCoreInsideMayAskForMoreThanAWrite(t *testing.T) {
	var out output
	var saw []string
	zap.New(asking{jsonCore(&out), &saw}, zapvars.WrapCore(tenant)).Info("m", zap.Int("a", 1))
	wantLines(t, &out, fields{"msg": "m!", "tenant": "nobody", "a": 1.0, "before": 2.0})
	if got := fmt.Sprint(saw); got != "[m tenant 3]" {
		t.Errorf("OnWrite saw %s", got)
	}
}

// writing is a core around another one that does not ask it in Check.
type writing struct{ zapcore.Core }

func (w writing) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return ce.AddCore(e, w)
}

func TestCoreAroundThatCallsWriteOnly(t *testing.T) {
	var out output
	zap.New(writing{zapvars.NewCore(jsonCore(&out), tenant)}).Info("m")
	wantLines(t, &out, fields{"msg": "m", "tenant": "nobody"})
}

func TestEntryKeepsItsHead(t *testing.T) {
	seen, entries := observer.New(zapcore.InfoLevel)
	l := zap.New(seen, zapvars.WrapCore(tenant), zap.AddCaller(), zap.AddStacktrace(zapcore.InfoLevel)).Named("n")
	ce := l.Check(zapcore.InfoLevel, "m")
	ce.Message += ", changed"
	ce.Write()
	got := entries.All()[0]
	if got.Message != "m, changed" || got.LoggerName != "n" || got.Level != zapcore.InfoLevel || got.Time.IsZero() {
		t.Errorf("got %+v", got.Entry)
	}
	if !strings.HasSuffix(got.Caller.File, "deciding_test.go") || !strings.Contains(got.Stack, "TestEntryKeepsItsHead") {
		t.Errorf("caller %v, stack %s", got.Caller, got.Stack)
	}
}

func TestValuesAreThoseAtWrite(t *testing.T) {
	var out output
	l := zap.New(jsonCore(&out), zapvars.WrapCore(request))
	unwritten := l.Check(zapcore.InfoLevel, "never written")
	ce := l.Check(zapcore.InfoLevel, "m")
	request.With("r-2", func() { ce.Write() })
	wantLines(t, &out, fields{"msg": "m", "request_id": "r-2"})
	if unwritten == nil {
		t.Error("not wanted")
	}
}

// full is a disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }
func (full) Sync() error               { return errors.New("no sync") }

func TestErrorsGoToErrorOutput(t *testing.T) {
	for name, wrap := range map[string]zap.Option{
		"plain":   zap.Fields(),
		"wrapped": zapvars.WrapCore(tenant),
		"twice":   zap.WrapCore(func(c zapcore.Core) zapcore.Core { return zapvars.NewCore(zapvars.NewCore(c), tenant) }),
	} {
		t.Run(name, func(t *testing.T) {
			var out output
			l := zap.New(jsonCore(full{}), wrap, zap.ErrorOutput(&out))
			l.Info("m")
			if got := out.String(); !strings.HasSuffix(got, " write error: disk full\n") || strings.Count(got, "\n") != 1 {
				t.Errorf("got %q", got)
			}
			if err := l.Sync(); err == nil || err.Error() != "no sync" {
				t.Errorf("Sync: %v", err)
			}
			if err := l.Core().Write(zapcore.Entry{}, nil); err == nil || err.Error() != "disk full" {
				t.Errorf("Write: %v", err)
			}
		})
	}
}

func TestPanicIsWrittenAndPanics(t *testing.T) {
	var out output
	l := zap.New(jsonCore(&out), zapvars.WrapCore(tenant))
	func() {
		defer func() {
			if got := recover(); got != "m" {
				t.Errorf("recovered %v", got)
			}
		}()
		l.Panic("m")
	}()
	wantLines(t, &out, fields{"msg": "m", "tenant": "nobody"})
}
