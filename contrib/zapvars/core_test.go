package zapvars_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zapvars"
)

var (
	request = contextvars.New[string]("request_id")
	tenant  = contextvars.NewDefault("tenant", "nobody")
)

// jsonCore writes lines that can be compared as they are: without a time.
func jsonCore(ws zapcore.WriteSyncer) zapcore.Core {
	return zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{
		MessageKey:     "msg",
		NameKey:        "logger",
		EncodeTime:     zapcore.RFC3339NanoTimeEncoder,
		EncodeDuration: zapcore.StringDurationEncoder,
	}), ws, zapcore.DebugLevel)
}

// output is where a test's lines go.
type output struct{ bytes.Buffer }

func (*output) Sync() error { return nil }

// lines returns what was written, parsed, and forgets it.
func (o *output) lines(t *testing.T) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(o.String()) {
		m := map[string]any{}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, m)
	}
	o.Reset()
	return all
}

func wantLines(t *testing.T, o *output, want ...map[string]any) {
	t.Helper()
	text := o.String()
	if got := o.lines(t); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%swant %v", text, want)
	}
}

type fields = map[string]any

func TestOutput(t *testing.T) {
	defer request.Set("r-7").Restore()
	const vars = `"request_id":"r-7","tenant":"nobody"`

	for name, c := range map[string]struct {
		log  func(l *zap.Logger)
		want string
	}{
		"plain": {
			func(l *zap.Logger) { l.Info("m") },
			vars,
		},
		"order": {
			func(l *zap.Logger) { l.With(zap.Int("a", 1)).With(zap.Int("b", 2)).Info("m", zap.Int("c", 3)) },
			`"a":1,"b":2,` + vars + `,"c":3`,
		},
		"sugared": {
			func(l *zap.Logger) { l.Sugar().With("a", 1).Infow("m", "b", 2) },
			`"a":1,` + vars + `,"b":2`,
		},
		"sugared, formatted": {
			func(l *zap.Logger) { l.Sugar().Infof("%s", "m") },
			vars,
		},
		"sugared and back": {
			func(l *zap.Logger) { l.Sugar().With("a", 1).Desugar().Info("m") },
			`"a":1,` + vars,
		},
		"WithLazy": {
			func(l *zap.Logger) { l.WithLazy(zap.Int("a", 1)).Info("m", zap.Int("b", 2)) },
			`"a":1,` + vars + `,"b":2`,
		},
		"Fields": {
			func(l *zap.Logger) { l.WithOptions(zap.Fields(zap.Int("a", 1))).Info("m") },
			`"a":1,` + vars,
		},
		"same key by hand": {
			func(l *zap.Logger) { l.With(zap.String("tenant", "x")).Info("m", zap.String("request_id", "y")) },
			`"tenant":"x",` + vars + `,"request_id":"y"`,
		},
		"nothing in With": {
			func(l *zap.Logger) { l.WithOptions(zap.Fields()).Info("m") },
			vars,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out output
			c.log(zap.New(jsonCore(&out), zapvars.WrapCore(request, tenant)))
			if got, want := out.String(), `{"msg":"m",`+c.want+"}\n"; got != want {
				t.Errorf("got  %swant %s", got, want)
			}
			out.lines(t) // is JSON
		})
	}
}

func TestNamed(t *testing.T) {
	var out output
	zap.New(jsonCore(&out), zapvars.WrapCore(tenant)).Named("a").Named("b").Info("m")
	wantLines(t, &out, fields{"logger": "a.b", "msg": "m", "tenant": "nobody"})
}

func TestValuesAreThoseOfNow(t *testing.T) {
	var out output
	l := zap.New(jsonCore(&out), zapvars.WrapCore(request, tenant)).WithLazy(zap.Int("a", 1))
	l.Info("before")
	request.With("r-1", func() {
		l.Info("set")
		tenant.With("acme", func() { l.With(zap.Int("b", 2)).Info("both") })
	})
	l.Info("after")
	wantLines(t, &out,
		fields{"msg": "before", "tenant": "nobody", "a": 1.0},
		fields{"msg": "set", "tenant": "nobody", "a": 1.0, "request_id": "r-1"},
		fields{"msg": "both", "tenant": "acme", "a": 1.0, "b": 2.0, "request_id": "r-1"},
		fields{"msg": "after", "tenant": "nobody", "a": 1.0})
}

func TestWithoutValuesNothingIsAdded(t *testing.T) {
	var out output
	l := zap.New(jsonCore(&out), zapvars.WrapCore(request))
	l.Info("m", zap.Int("a", 1))
	zap.New(jsonCore(&out), zapvars.WrapCore()).Info("m", zap.Int("a", 1))
	wantLines(t, &out, fields{"msg": "m", "a": 1.0}, fields{"msg": "m", "a": 1.0})
}

func TestCoresAroundEachOther(t *testing.T) {
	defer request.Set("r-1").Restore()
	var out output
	l := zap.New(zapvars.NewCore(jsonCore(&out), tenant), zapvars.WrapCore(request), zap.AddCaller())
	l.With(zap.Namespace("n")).Info("m", zap.Int("a", 1))
	wantLines(t, &out, fields{"msg": "m", "tenant": "nobody", "request_id": "r-1", "n": fields{"a": 1.0}})
}

// Loggers that were derived from one logger must not write into each other's fields.
func TestDerivedLoggersAreApart(t *testing.T) {
	var out output
	given := make([]zap.Field, 2, 8) // with room behind
	given[0], given[1] = zap.Namespace("n"), zap.Int("a", 1)
	base := zap.New(jsonCore(&out), zapvars.WrapCore(tenant)).With(given...)
	given[1] = zap.Int("changed", 1)
	base = base.With(zap.Int("b", 2)) // now there is room behind what is kept
	one, two := base.With(zap.Int("x", 1)), base.With(zap.Int("x", 2))
	one.Info("m")
	two.Info("m")
	base.Info("m")
	wantLines(t, &out,
		fields{"msg": "m", "tenant": "nobody", "n": fields{"a": 1.0, "b": 2.0, "x": 1.0}},
		fields{"msg": "m", "tenant": "nobody", "n": fields{"a": 1.0, "b": 2.0, "x": 2.0}},
		fields{"msg": "m", "tenant": "nobody", "n": fields{"a": 1.0, "b": 2.0}})
}

func TestNilArguments(t *testing.T) {
	var typedNil *contextvars.ContextVar[string]
	inner := zapcore.NewNopCore()
	for name, c := range map[string]struct {
		call func()
		says string
	}{
		"core":              {func() { zapvars.NewCore(nil, tenant) }, "NewCore was given a nil zapcore.Core"},
		"variable":          {func() { zapvars.NewCore(inner, nil) }, "NewCore was given a nil variable, number 1"},
		"typed variable":    {func() { zapvars.NewCore(inner, tenant, typedNil) }, "NewCore was given a nil variable, number 2"},
		"option's variable": {func() { zapvars.WrapCore(tenant, nil) }, "WrapCore was given a nil variable, number 2"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if text := fmt.Sprint(recover()); !strings.HasPrefix(text, "zapvars: "+c.says) {
					t.Errorf("panicked with %q", text)
				}
			}()
			c.call()
			t.Error("did not panic")
		})
	}
}
