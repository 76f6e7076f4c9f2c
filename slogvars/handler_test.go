package slogvars_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/slogvars"
)

var (
	request = contextvars.New[string]("request_id")
	tenant  = contextvars.NewDefault("tenant", "nobody")
)

// newText returns a text handler whose lines have no time, to be compared as they are.
func newText(w io.Writer) slog.Handler {
	return slog.NewTextHandler(w, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
				return slog.Attr{}
			}
			return a
		},
	})
}

func TestOutput(t *testing.T) {
	defer request.Set("r-7").Restore()
	const vars = "request_id=r-7 tenant=nobody"

	for name, c := range map[string]struct {
		log  func(l *slog.Logger)
		want string
	}{
		"without a ctx": {
			func(l *slog.Logger) { l.Info("m") },
			"msg=m " + vars,
		},
		"with a ctx": {
			func(l *slog.Logger) { l.InfoContext(context.Background(), "m") },
			"msg=m " + vars,
		},
		"order": {
			func(l *slog.Logger) { l.With("a", 1).With("b", 2).Info("m", "c", 3) },
			"msg=m a=1 b=2 " + vars + " c=3",
		},
		"group": {
			func(l *slog.Logger) { l.WithGroup("g").Info("m", "b", 2) },
			"msg=m " + vars + " g.b=2",
		},
		"With before group": {
			func(l *slog.Logger) { l.With("a", 1).WithGroup("g").Info("m", "b", 2) },
			"msg=m a=1 " + vars + " g.b=2",
		},
		"With after group": {
			func(l *slog.Logger) { l.WithGroup("g").With("a", 1).With("b", 2).Info("m", "c", 3) },
			"msg=m " + vars + " g.a=1 g.b=2 g.c=3",
		},
		"groups in groups": {
			func(l *slog.Logger) {
				l.With("a", 1).WithGroup("g").With("b", 2).WithGroup("h").WithGroup("i").With("c", 3).Info("m", "d", 4)
			},
			"msg=m a=1 " + vars + " g.b=2 g.h.i.c=3 g.h.i.d=4",
		},
		"empty inner groups": {
			func(l *slog.Logger) { l.WithGroup("g").With("b", 2).WithGroup("h").WithGroup("i").Info("m") },
			"msg=m " + vars + " g.b=2",
		},
		"empty groups only": {
			func(l *slog.Logger) { l.WithGroup("g").WithGroup("h").Info("m") },
			"msg=m " + vars,
		},
		"group without a name": {
			func(l *slog.Logger) { l.WithGroup("").Info("m", "b", 2) },
			"msg=m " + vars + " b=2",
		},
		"group attribute": {
			func(l *slog.Logger) { l.WithGroup("g").Info("m", slog.Group("h", "b", 2)) },
			"msg=m " + vars + " g.h.b=2",
		},
		"empty attribute": {
			func(l *slog.Logger) { l.WithGroup("g").Info("m", slog.Attr{}) },
			"msg=m " + vars,
		},
		"many attributes": {
			func(l *slog.Logger) { l.Info("m", "a", 1, "b", 2, "c", 3, "d", 4, "e", 5, "f", 6, "g", 7) },
			"msg=m " + vars + " a=1 b=2 c=3 d=4 e=5 f=6 g=7",
		},
		"many attributes in a group": {
			func(l *slog.Logger) { l.WithGroup("g").Info("m", "a", 1, "b", 2, "c", 3, "d", 4, "e", 5, "f", 6) },
			"msg=m " + vars + " g.a=1 g.b=2 g.c=3 g.d=4 g.e=5 g.f=6",
		},
		"same key by hand": {
			func(l *slog.Logger) { l.With("tenant", "x").Info("m", "request_id", "y") },
			"msg=m tenant=x " + vars + " request_id=y",
		},
		"same key by hand in a group": {
			func(l *slog.Logger) { l.WithGroup("g").Info("m", "request_id", "y") },
			"msg=m " + vars + " g.request_id=y",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			c.log(slog.New(slogvars.NewHandler(newText(&out), request, tenant)))
			if got := strings.TrimSpace(out.String()); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// The handlers of log/slog write broken JSON when an attribute follows a group that
// ReplaceAttr has emptied. The variables must not be that attribute.
func TestEmptiedGroupIsHarmless(t *testing.T) {
	noSecrets := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "password" {
			return slog.Attr{}
		}
		return a
	}
	for name, log := range map[string]func(*slog.Logger){
		"open group":      func(l *slog.Logger) { l.WithGroup("g").Info("m", "password", "x") },
		"in a group":      func(l *slog.Logger) { l.WithGroup("g").With("a", 1).WithGroup("h").Info("m", "password", "x") },
		"group attribute": func(l *slog.Logger) { l.Info("m", slog.Group("g", "password", "x")) },
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			log(slog.New(slogvars.NewHandler(
				slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: noSecrets}), tenant)))
			if got := parseJSON(t, out.String()); got["tenant"] != "nobody" {
				t.Errorf("no tenant at the top level of %s", &out)
			}
		})
	}
}

// Loggers that were derived from one logger must not write into each other's
// attributes.
func TestDerivedLoggersAreApart(t *testing.T) {
	var out bytes.Buffer
	base := slog.New(slogvars.NewHandler(newText(&out), tenant)).WithGroup("g").With("a", 1, "b", 2, "c", 3)
	base = base.With("d", 4) // now there is room behind the attributes
	one, two := base.With("x", 1), base.With("x", 2)
	one.Info("m")
	two.Info("m")
	base.Info("m")
	want := "msg=m tenant=nobody g.a=1 g.b=2 g.c=3 g.d=4 g.x=1\n" +
		"msg=m tenant=nobody g.a=1 g.b=2 g.c=3 g.d=4 g.x=2\n" +
		"msg=m tenant=nobody g.a=1 g.b=2 g.c=3 g.d=4\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
}

func TestValuesAreThoseOfNow(t *testing.T) {
	var out bytes.Buffer
	l := slog.New(slogvars.NewHandler(newText(&out), request, tenant)).WithGroup("g").With("a", 1)
	l.Info("before")
	request.With("r-1", func() {
		l.Info("set")
		tenant.With("acme", func() { l.Info("both") })
	})
	l.Info("after")
	want := "msg=before tenant=nobody g.a=1\n" +
		"msg=set request_id=r-1 tenant=nobody g.a=1\n" +
		"msg=both request_id=r-1 tenant=acme g.a=1\n" +
		"msg=after tenant=nobody g.a=1\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
}

func TestHandlersAroundEachOther(t *testing.T) {
	defer request.Set("r-1").Restore()
	var out bytes.Buffer
	l := slog.New(slogvars.NewHandler(slogvars.NewHandler(newText(&out), tenant), request))
	l.WithGroup("g").Info("m", "a", 1)
	if got, want := out.String(), "msg=m tenant=nobody request_id=r-1 g.a=1\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNilArguments(t *testing.T) {
	var typedNil *contextvars.ContextVar[string]
	inner := slog.DiscardHandler
	for name, c := range map[string]struct {
		call func()
		says string
	}{
		"handler":        {func() { slogvars.NewHandler(nil, tenant) }, "nil slog.Handler"},
		"variable":       {func() { slogvars.NewHandler(inner, nil) }, "nil variable, number 1"},
		"typed variable": {func() { slogvars.NewHandler(inner, tenant, typedNil) }, "nil variable, number 2"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				text, _ := recover().(string)
				if !strings.HasPrefix(text, "slogvars: NewHandler was given a ") || !strings.Contains(text, c.says) {
					t.Errorf("panicked with %q", text)
				}
			}()
			c.call()
			t.Error("did not panic")
		})
	}
}
