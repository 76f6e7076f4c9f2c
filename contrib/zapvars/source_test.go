package zapvars_test

import (
	"encoding/json"
	"errors"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zapvars"
)

type (
	named  string
	object struct{ asked *int }
)

func (o object) MarshalLogObject(enc zapcore.ObjectEncoder) error {
	*o.asked++
	enc.AddInt("n", 1)
	return nil
}

func (o object) String() string {
	*o.asked++
	return "text"
}

// kinds has a variable for each way that a value takes, and what it shall be.
var kinds = map[string]struct {
	variable contextvars.Variable
	kind     zapcore.FieldType
	want     string
}{
	"string":        {contextvars.NewDefault("k", "s"), zapcore.StringType, `"s"`},
	"int":           {contextvars.NewDefault("k", -3), zapcore.Int64Type, `-3`},
	"uint8":         {contextvars.NewDefault("k", uint8(6)), zapcore.Uint8Type, `6`},
	"float64":       {contextvars.NewDefault("k", 0.5), zapcore.Float64Type, `0.5`},
	"bool":          {contextvars.NewDefault("k", true), zapcore.BoolType, `true`},
	"time.Time":     {contextvars.NewDefault("k", time.Unix(0, 5).UTC()), zapcore.TimeType, `"1970-01-01T00:00:00.000000005Z"`},
	"time.Duration": {contextvars.NewDefault("k", time.Second), zapcore.DurationType, `"1s"`},
	"error":         {contextvars.NewDefault("k", errors.New("e")), zapcore.ErrorType, `"e"`},
	"Stringer":      {contextvars.NewDefault("k", netip.IPv6Unspecified()), zapcore.StringerType, `"::"`},
	"marshaler":     {contextvars.NewDefault("k", object{new(int)}), zapcore.ObjectMarshalerType, `{"n":1}`},
	"named string":  {contextvars.NewDefault("k", named("n")), zapcore.ReflectType, `"n"`},
	"struct":        {contextvars.NewDefault("k", struct{ A int }{1}), zapcore.ReflectType, `{"A":1}`},
	"nil interface": {contextvars.NewDefault[error]("k", nil), zapcore.ReflectType, `null`},
	"nil pointer":   {contextvars.NewDefault[*string]("k", nil), zapcore.ReflectType, `null`},
	"embedded":      {struct{ contextvars.Variable }{contextvars.NewDefault("k", 1)}, zapcore.Int64Type, `1`},
}

func TestKindsOfValues(t *testing.T) {
	for name, c := range kinds {
		t.Run(name, func(t *testing.T) {
			var out output
			seen, entries := observer.New(zapcore.InfoLevel)
			zap.New(zapcore.NewTee(jsonCore(&out), seen), zapvars.WrapCore(c.variable)).Info("m")
			if got, want := out.String(), `{"msg":"m","k":`+c.want+"}\n"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			if got := entries.All()[0].Context[0].Type; got != c.kind {
				t.Errorf("is a field of type %v, want %v", got, c.kind)
			}
		})
	}
}

// What a variable becomes must be what zap makes of the same value by itself.
func TestKindsAreThoseOfAny(t *testing.T) {
	for name, c := range kinds {
		value, _ := contextvars.LookupAny(c.variable)
		seen, entries := observer.New(zapcore.InfoLevel)
		zap.New(seen, zapvars.WrapCore(c.variable)).Info("m")
		if got, want := entries.All()[0].Context, []zap.Field{zap.Any("k", value)}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestRedactedValueIsNotShown(t *testing.T) {
	token := contextvars.New[string]("token", contextvars.Redacted())
	var asked int
	card := contextvars.NewDefault("card", object{&asked}, contextvars.Redacted())
	var out output
	seen, entries := observer.New(zapcore.InfoLevel)
	l := zap.New(zapcore.NewTee(jsonCore(&out), seen), zapvars.WrapCore(token, tenant, card))
	l.Info("unset")
	token.With("hunter2", func() { l.Info("set") })
	wantLines(t, &out,
		fields{"msg": "unset", "tenant": "nobody", "card": "[redacted]"},
		fields{"msg": "set", "tenant": "nobody", "card": "[redacted]", "token": "[redacted]"})
	for _, f := range entries.All()[1].Context { // no core gets hold of it
		if f.Key != "tenant" && !f.Equals(zap.String(f.Key, contextvars.RedactedText)) {
			t.Errorf("a core was given %v", f)
		}
	}
	if asked != 0 {
		t.Errorf("methods of a redacted value were called %d times", asked)
	}
}

// The encoder formats times, as it does those given by hand.
func TestEncoderFormatsTimes(t *testing.T) {
	at := contextvars.NewDefault("at", time.Unix(0, 0).UTC())
	var out output
	cfg := zapcore.EncoderConfig{EncodeTime: zapcore.EpochTimeEncoder}
	zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(cfg), &out, zapcore.DebugLevel), zapvars.WrapCore(at)).Info("m")
	got := map[string]any{}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got["at"] != 0.0 {
		t.Errorf("got %v, %v", got, err)
	}
}
