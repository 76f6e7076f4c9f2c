package zapvars_test

import (
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gocontextvars/contextvars/contrib/zapvars"
)

// opening is an object whose fields are followed by an open namespace.
type opening struct{}

func (opening) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	enc.AddInt("before", 1)
	enc.OpenNamespace("n")
	enc.AddInt("in", 2)
	return nil
}

func TestNamespacesDoNotHideVariables(t *testing.T) {
	for name, c := range map[string]struct {
		log  func(l *zap.Logger)
		want string
	}{
		"of the call": {
			func(l *zap.Logger) { l.Info("m", zap.Namespace("n"), zap.Int("a", 1)) },
			`"tenant":"nobody","n":{"a":1}`,
		},
		"of With": {
			func(l *zap.Logger) {
				l.With(zap.Int("a", 1), zap.Namespace("n"), zap.Int("b", 2)).Info("m", zap.Int("c", 3))
			},
			`"a":1,"tenant":"nobody","n":{"b":2,"c":3}`,
		},
		"of With alone": {
			func(l *zap.Logger) { l.With(zap.Namespace("n")).Info("m", zap.Int("a", 1)) },
			`"tenant":"nobody","n":{"a":1}`,
		},
		"before With": {
			func(l *zap.Logger) { l.With(zap.Namespace("n")).With(zap.Int("a", 1)).With(zap.Int("b", 2)).Info("m") },
			`"tenant":"nobody","n":{"a":1,"b":2}`,
		},
		"in each other": {
			func(l *zap.Logger) {
				l.With(zap.Namespace("n"), zap.Int("a", 1)).With(zap.Namespace("o")).Info("m", zap.Int("b", 2))
			},
			`"tenant":"nobody","n":{"a":1,"o":{"b":2}}`,
		},
		"of WithLazy": {
			func(l *zap.Logger) { l.WithLazy(zap.Namespace("n"), zap.Int("a", 1)).Info("m") },
			`"tenant":"nobody","n":{"a":1}`,
		},
		"of a sugared With": {
			func(l *zap.Logger) { l.Sugar().With(zap.Namespace("n"), "a", 1).Infow("m", "b", 2) },
			`"tenant":"nobody","n":{"a":1,"b":2}`,
		},
		"of an inlined object": {
			func(l *zap.Logger) { l.With(zap.Inline(opening{}), zap.Int("a", 1)).Info("m") },
			`"tenant":"nobody","before":1,"n":{"in":2,"a":1}`,
		},
		"inside an object": {
			func(l *zap.Logger) { l.With(zap.Object("o", opening{}), zap.Int("a", 1)).Info("m") },
			`"o":{"before":1,"n":{"in":2}},"a":1,"tenant":"nobody"`,
		},
		"inlined, without a namespace": {
			func(l *zap.Logger) { l.With(zap.Inline(zap.DictObject(zap.Int("a", 1)))).Info("m") },
			`"a":1,"tenant":"nobody"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out output
			c.log(zap.New(jsonCore(&out), zapvars.WrapCore(tenant)))
			if got, want := out.String(), `{"msg":"m",`+c.want+"}\n"; got != want {
				t.Errorf("got  %swant %s", got, want)
			}
			out.lines(t) // is JSON
		})
	}
}

func TestNamespaceWithoutValues(t *testing.T) {
	var out output
	l := zap.New(jsonCore(&out), zapvars.WrapCore(request)).With(zap.Namespace("n"), zap.Int("a", 1))
	l.Info("m")
	l.Info("m", zap.Int("b", 2))
	wantLines(t, &out,
		fields{"msg": "m", "n": fields{"a": 1.0}},
		fields{"msg": "m", "n": fields{"a": 1.0, "b": 2.0}})
}

// zap cannot write outside of it.
func TestNamespaceOpenedBeforeStaysAround(t *testing.T) {
	var out output
	l := zap.New(jsonCore(&out)).With(zap.Namespace("n")).WithOptions(zapvars.WrapCore(tenant))
	l.Info("m", zap.Int("a", 1))
	wantLines(t, &out, fields{"msg": "m", "n": fields{"tenant": "nobody", "a": 1.0}})
}
