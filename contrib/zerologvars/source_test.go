package zerologvars_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zerologvars"
)

type (
	named  string
	object struct{ asked *int }
	array  struct{}
	text   struct{ s string }
)

func (o object) MarshalZerologObject(e *zerolog.Event) {
	*o.asked++
	e.Int("n", 1)
}

func (o object) String() string {
	*o.asked++
	return "text"
}

func (array) MarshalZerologArray(a *zerolog.Array) { a.Int(1).Int(2) }

// String panics on a nil pointer.
func (t *text) String() string { return t.s }

// fault is an error that panics on a nil pointer.
type fault struct{ s string }

func (f *fault) Error() string { return f.s }

func TestKindsOfValues(t *testing.T) {
	for name, c := range map[string]struct {
		variable contextvars.Variable
		want     string
	}{
		"string":          {contextvars.NewDefault("k", `s"`), `"s\""`},
		"int":             {contextvars.NewDefault("k", -1), `-1`},
		"int8":            {contextvars.NewDefault("k", int8(-2)), `-2`},
		"int16":           {contextvars.NewDefault("k", int16(-3)), `-3`},
		"int32":           {contextvars.NewDefault("k", int32(-4)), `-4`},
		"int64":           {contextvars.NewDefault("k", int64(-5)), `-5`},
		"uint":            {contextvars.NewDefault("k", uint(1)), `1`},
		"uint8":           {contextvars.NewDefault("k", uint8(2)), `2`},
		"uint16":          {contextvars.NewDefault("k", uint16(3)), `3`},
		"uint32":          {contextvars.NewDefault("k", uint32(4)), `4`},
		"uint64":          {contextvars.NewDefault("k", uint64(1<<63)), `9223372036854775808`},
		"float32":         {contextvars.NewDefault("k", float32(0.5)), `0.5`},
		"float64":         {contextvars.NewDefault("k", 0.25), `0.25`},
		"bool":            {contextvars.NewDefault("k", true), `true`},
		"time.Time":       {contextvars.NewDefault("k", time.Unix(0, 0).UTC()), `"1970-01-01T00:00:00Z"`},
		"time.Duration":   {contextvars.NewDefault("k", 1500*time.Millisecond), `1500`},
		"error":           {contextvars.NewDefault("k", errors.New("e")), `"e"`},
		"Stringer":        {contextvars.NewDefault("k", netip.IPv6Unspecified()), `"::"`},
		"*Stringer":       {contextvars.NewDefault("k", &text{"t"}), `"t"`},
		"nil *Stringer":   {contextvars.NewDefault[*text]("k", nil), `null`},
		"nil *error":      {contextvars.NewDefault[*fault]("k", nil), `null`},
		"object":          {contextvars.NewDefault("k", object{new(int)}), `{"n":1}`},
		"nil *object":     {contextvars.NewDefault[*object]("k", nil), `null`},
		"array":           {contextvars.NewDefault("k", array{}), `[1,2]`},
		"named string":    {contextvars.NewDefault("k", named("n")), `"n"`},
		"struct":          {contextvars.NewDefault("k", struct{ A int }{1}), `{"A":1}`},
		"strings":         {contextvars.NewDefault("k", []string{"a", "b"}), `["a","b"]`},
		"bytes":           {contextvars.NewDefault("k", []byte("b")), `"b"`},
		"durations":       {contextvars.NewDefault("k", []time.Duration{time.Second}), `[1000]`},
		"json.RawMessage": {contextvars.NewDefault("k", json.RawMessage(`{"a":1}`)), `{"a":1}`},
		"nil interface":   {contextvars.NewDefault[error]("k", nil), `null`},
		"nil pointer":     {contextvars.NewDefault[*string]("k", nil), `null`},
		"embedded":        {struct{ contextvars.Variable }{contextvars.NewDefault("k", 1)}, `1`},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			l := zerolog.New(&out).Hook(zerologvars.NewHook(c.variable))
			l.Log().Msg("m")
			if got, want := out.String(), `{"k":`+c.want+`,"message":"m"}`+"\n"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			parsed(t, &out) // is JSON
		})
	}
}

// Values are formatted as zerolog's settings have it, as those by hand are.
func TestZerologsSettings(t *testing.T) {
	defer func(format string, unit time.Duration) {
		zerolog.TimeFieldFormat, zerolog.DurationFieldUnit = format, unit
	}(zerolog.TimeFieldFormat, zerolog.DurationFieldUnit)
	zerolog.TimeFieldFormat, zerolog.DurationFieldUnit = zerolog.TimeFormatUnix, time.Second
	at := contextvars.NewDefault("at", time.Unix(7, 0))
	wait := contextvars.NewDefault("wait", 3*time.Second)
	var out bytes.Buffer
	l := zerolog.New(&out).Hook(zerologvars.NewHook(at, wait))
	l.Log().Send()
	wantLines(t, &out, fields{"at": 7.0, "wait": 3.0})
}

func TestRedactedValueIsNotShown(t *testing.T) {
	token := contextvars.New[string]("token", contextvars.Redacted())
	var asked int
	card := contextvars.NewDefault("card", object{&asked}, contextvars.Redacted())
	var out bytes.Buffer
	l := zerolog.New(&out).Hook(zerologvars.NewHook(token, tenant, card))
	l.Log().Msg("unset")
	token.With("hunter2", func() { l.Log().Msg("set") })
	wantLines(t, &out,
		fields{"message": "unset", "tenant": "nobody", "card": "[redacted]"},
		fields{"message": "set", "tenant": "nobody", "card": "[redacted]", "token": "[redacted]"})
	if asked != 0 {
		t.Errorf("methods of a redacted value were called %d times", asked)
	}
}
