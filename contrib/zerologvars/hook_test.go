package zerologvars_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zerologvars"
)

var (
	request = contextvars.New[string]("request_id")
	tenant  = contextvars.NewDefault("tenant", "nobody")
)

type fields = map[string]any

// parsed returns the lines that were written, and forgets them.
func parsed(t *testing.T, out *bytes.Buffer) []fields {
	t.Helper()
	var all []fields
	for line := range strings.Lines(out.String()) {
		m := fields{}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		all = append(all, m)
	}
	out.Reset()
	return all
}

func wantLines(t *testing.T, out *bytes.Buffer, want ...fields) {
	t.Helper()
	text := out.String()
	if got := parsed(t, out); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%swant %v", text, want)
	}
}

func TestOutput(t *testing.T) {
	defer request.Set("r-7").Restore()
	const vars = `"request_id":"r-7","tenant":"nobody"`

	for name, c := range map[string]struct {
		log  func(l zerolog.Logger)
		want string
	}{
		"Msg": {
			func(l zerolog.Logger) { l.Info().Msg("m") },
			`{"level":"info",` + vars + `,"message":"m"}`,
		},
		"Msgf": {
			func(l zerolog.Logger) { l.Warn().Msgf("%s", "m") },
			`{"level":"warn",` + vars + `,"message":"m"}`,
		},
		"Send": {
			func(l zerolog.Logger) { l.Error().Send() },
			`{"level":"error",` + vars + `}`,
		},
		"no level": {
			func(l zerolog.Logger) { l.Log().Msg("m") },
			`{` + vars + `,"message":"m"}`,
		},
		"Print": {
			func(l zerolog.Logger) { l.Print("m") },
			`{"level":"debug",` + vars + `,"message":"m"}`,
		},
		"as a writer": {
			func(l zerolog.Logger) { _, _ = fmt.Fprintln(l, "m") },
			`{` + vars + `,"message":"m"}`,
		},
		"order": {
			func(l zerolog.Logger) {
				l = l.With().Int("a", 1).Logger()
				l.Info().Int("b", 2).Msg("m")
			},
			`{"level":"info","a":1,"b":2,` + vars + `,"message":"m"}`,
		},
		"same key by hand": {
			func(l zerolog.Logger) {
				l = l.With().Str("tenant", "x").Logger()
				l.Info().Str("request_id", "y").Msg("m")
			},
			`{"level":"info","tenant":"x","request_id":"y",` + vars + `,"message":"m"}`,
		},
		"Dict": {
			func(l zerolog.Logger) {
				e := l.Info()
				e.Dict("d", e.CreateDict().Int("a", 1)).Msg("m")
			},
			`{"level":"info","d":{"a":1},` + vars + `,"message":"m"}`,
		},
		"Ctx": {
			func(l zerolog.Logger) { zerolog.Ctx(l.WithContext(context.Background())).Info().Msg("m") },
			`{"level":"info",` + vars + `,"message":"m"}`,
		},
		"UpdateContext": {
			func(l zerolog.Logger) {
				l.UpdateContext(func(c zerolog.Context) zerolog.Context { return c.Int("a", 1) })
				l.Info().Msg("m")
			},
			`{"level":"info","a":1,` + vars + `,"message":"m"}`,
		},
		"slog": {
			func(l zerolog.Logger) {
				r := slog.Record{Message: "m", Level: slog.LevelInfo}
				r.Add("b", 2)
				_ = zerolog.NewSlogHandler(l).WithGroup("g").Handle(context.Background(), r)
			},
			`{"level":"info","g.b":2,` + vars + `,"message":"m"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			c.log(zerolog.New(&out).Hook(zerologvars.NewHook(request, tenant)))
			if got, want := out.String(), c.want+"\n"; got != want {
				t.Errorf("got  %swant %s", got, want)
			}
			parsed(t, &out) // is JSON
		})
	}
}

func TestDefaultContextLogger(t *testing.T) {
	defer request.Set("r-1").Restore()
	var out bytes.Buffer
	l := zerolog.New(&out).Hook(zerologvars.NewHook(request))
	defer func(old *zerolog.Logger) { zerolog.DefaultContextLogger = old }(zerolog.DefaultContextLogger)
	zerolog.DefaultContextLogger = &l
	zerolog.Ctx(context.Background()).Info().Send()
	wantLines(t, &out, fields{"level": "info", "request_id": "r-1"})
}

func TestOutputOfAnotherWriter(t *testing.T) {
	var first, second bytes.Buffer
	l := zerolog.New(&first).Hook(zerologvars.NewHook(tenant)).Output(&second)
	l.Info().Send()
	wantLines(t, &second, fields{"level": "info", "tenant": "nobody"})
}

func TestValuesAreThoseOfNow(t *testing.T) {
	var out bytes.Buffer
	l := zerolog.New(&out).Hook(zerologvars.NewHook(request, tenant)).With().Int("a", 1).Logger()
	l.Log().Msg("before")
	request.With("r-1", func() {
		l.Log().Msg("set")
		e := l.Log()
		tenant.With("acme", func() { e.Msg("both") }) // sent here, begun outside
	})
	l.Log().Msg("after")
	wantLines(t, &out,
		fields{"message": "before", "tenant": "nobody", "a": 1.0},
		fields{"message": "set", "tenant": "nobody", "a": 1.0, "request_id": "r-1"},
		fields{"message": "both", "tenant": "acme", "a": 1.0, "request_id": "r-1"},
		fields{"message": "after", "tenant": "nobody", "a": 1.0})
}

func TestDerivedLoggersAreApart(t *testing.T) {
	defer request.Set("r-1").Restore()
	var out bytes.Buffer
	base := zerolog.New(&out).Hook(zerologvars.NewHook(tenant))
	sub := base.With().Int("a", 1).Logger().Hook(zerologvars.NewHook(request))
	sub.Log().Send()
	base.Log().Send()
	wantLines(t, &out,
		fields{"tenant": "nobody", "a": 1.0, "request_id": "r-1"},
		fields{"tenant": "nobody"})
}

func TestLevelHook(t *testing.T) {
	var out bytes.Buffer
	l := zerolog.New(&out).Hook(zerolog.LevelHook{ErrorHook: zerologvars.NewHook(tenant)})
	l.Info().Send()
	l.Error().Send()
	wantLines(t, &out, fields{"level": "info"}, fields{"level": "error", "tenant": "nobody"})
}

// What is not sent is not formatted either.
func TestDroppedEventsAreNotFormatted(t *testing.T) {
	var out bytes.Buffer
	var asked int
	v := contextvars.NewDefault("v", object{&asked})
	discard := zerolog.HookFunc(func(e *zerolog.Event, _ zerolog.Level, message string) {
		if message == "discarded" {
			e.Discard()
		}
	})
	l := zerolog.New(&out).Level(zerolog.InfoLevel).Hook(discard, zerologvars.NewHook(v))
	l.Debug().Msg("too low")
	l.Info().Msg("discarded")
	if asked != 0 || out.Len() != 0 {
		t.Errorf("the value was formatted %d times, output %s", asked, &out)
	}

	l = l.Sample(&zerolog.BasicSampler{N: 3})
	for range 6 {
		l.Info().Msg("m")
	}
	want := fields{"level": "info", "message": "m", "v": fields{"n": 1.0}}
	wantLines(t, &out, want, want)
	if asked != 2 {
		t.Errorf("the value was formatted %d times, want 2", asked)
	}
}

func TestPanicIsWrittenAndPanics(t *testing.T) {
	var out bytes.Buffer
	l := zerolog.New(&out).Hook(zerologvars.NewHook(tenant))
	func() {
		defer func() {
			if got := recover(); got != "m" {
				t.Errorf("recovered %v", got)
			}
		}()
		l.Panic().Msg("m")
	}()
	wantLines(t, &out, fields{"level": "panic", "message": "m", "tenant": "nobody"})
}

func TestNilVariables(t *testing.T) {
	var typedNil *contextvars.ContextVar[string]
	for name, v := range map[string]contextvars.Variable{"nil": nil, "typed nil": typedNil} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				text := fmt.Sprint(recover())
				if !strings.HasPrefix(text, "zerologvars: NewHook was given a nil variable, number 2") {
					t.Errorf("panicked with %q", text)
				}
			}()
			zerologvars.NewHook(tenant, v)
			t.Error("did not panic")
		})
	}
}
