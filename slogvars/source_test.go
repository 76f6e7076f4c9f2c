package slogvars_test

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/slogvars"
)

type (
	named    string
	byValuer struct{ secret string }
)

func (byValuer) LogValue() slog.Value { return slog.StringValue("hidden") }

// kinds has a variable for each way that a value takes, and what it shall be.
var kinds = map[string]struct {
	variable contextvars.Variable
	want     string
}{
	"string":        {contextvars.NewDefault("k", "s"), `k=s`},
	"int":           {contextvars.NewDefault("k", -3), `k=-3`},
	"int64":         {contextvars.NewDefault("k", int64(-4)), `k=-4`},
	"uint64":        {contextvars.NewDefault("k", uint64(5)), `k=5`},
	"float64":       {contextvars.NewDefault("k", 0.5), `k=0.5`},
	"bool":          {contextvars.NewDefault("k", true), `k=true`},
	"time.Time":     {contextvars.NewDefault("k", time.Unix(0, 0).UTC()), `k=1970-01-01T00:00:00.000Z`},
	"time.Duration": {contextvars.NewDefault("k", time.Second), `k=1s`},
	"uint8":         {contextvars.NewDefault("k", uint8(6)), `k=6`},
	"named string":  {contextvars.NewDefault("k", named("n")), `k=n`},
	"struct":        {contextvars.NewDefault("k", struct{ A int }{1}), `k={A:1}`},
	"slice":         {contextvars.NewDefault("k", []int{1}), `k=[1]`},
	"error":         {contextvars.NewDefault[error]("k", io.EOF), `k=EOF`},
	"nil interface": {contextvars.NewDefault[error]("k", nil), `k=<nil>`},
	"slog.Value":    {contextvars.NewDefault("k", slog.GroupValue(slog.Int("a", 1))), `k.a=1`},
	"empty group":   {contextvars.NewDefault("k", slog.GroupValue()), ``},
	"LogValuer":     {contextvars.NewDefault("k", byValuer{"x"}), `k=hidden`},
	"*LogValuer":    {contextvars.NewDefault("k", &byValuer{"x"}), `k=hidden`},
	"embedded":      {struct{ contextvars.Variable }{tenant}, `tenant=nobody`},
}

func TestKindsOfValues(t *testing.T) {
	for name, c := range kinds {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			slog.New(slogvars.NewHandler(newText(&out), c.variable)).WithGroup("g").Info("m")
			if got, want := strings.TrimSpace(out.String()), strings.TrimSpace("msg=m "+c.want); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// What a variable becomes must be what slog makes of the same value by itself.
func TestKindsAreThoseOfAnyValue(t *testing.T) {
	for name, c := range kinds {
		value, _ := contextvars.LookupAny(c.variable)
		want := slog.AnyValue(value)
		in := &capturing{}
		slog.New(slogvars.NewHandler(in, c.variable)).Info("m")
		if want.Kind() == slog.KindGroup && len(want.Group()) == 0 {
			if n := in.record.NumAttrs(); n != 0 {
				t.Errorf("%s: %d attributes, want 0", name, n)
			}
			continue
		}
		in.record.Attrs(func(a slog.Attr) bool {
			if a.Value.Kind() != want.Kind() {
				t.Errorf("%s: kind %v, want %v", name, a.Value.Kind(), want.Kind())
			}
			return true
		})
		if n := in.record.NumAttrs(); n != 1 {
			t.Errorf("%s: %d attributes, want 1", name, n)
		}
	}
}
