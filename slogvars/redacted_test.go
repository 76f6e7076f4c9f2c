package slogvars_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/slogvars"
)

func TestRedactedValueIsNotShown(t *testing.T) {
	token := contextvars.New[string]("token", contextvars.Redacted())
	port := contextvars.NewDefault("port", 8081, contextvars.Redacted())
	group := contextvars.NewDefault("group", slog.GroupValue(), contextvars.Redacted())
	var out bytes.Buffer
	h := slogvars.NewHandler(newText(&out), tenant, token, port, struct{ contextvars.Variable }{group})
	l := slog.New(h).WithGroup("g").With("a", 1)
	l.Info("m")
	token.With("hunter2", func() { l.Info("m") })
	token.With("", func() { l.Info("m") })

	const others = "port=[redacted] group=[redacted] g.a=1\n"
	want := "msg=m tenant=nobody " + others + strings.Repeat("msg=m tenant=nobody token=[redacted] "+others, 2)
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", &out, want)
	}
}

// counted counts how often somebody asks what it shows in a log.
type counted struct{ asked *int }

func (c counted) LogValue() slog.Value {
	*c.asked++
	return slog.StringValue("asked")
}

func TestRedactedLogValuerIsNeverCalled(t *testing.T) {
	var plainAsked, redactedAsked int
	plain := contextvars.NewDefault("plain", counted{&plainAsked})
	redacted := contextvars.NewDefault("redacted", counted{&redactedAsked}, contextvars.Redacted())
	var out bytes.Buffer
	slog.New(slogvars.NewHandler(newText(&out), plain, redacted)).Info("m")
	if got, want := out.String(), "msg=m plain=asked redacted=[redacted]\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if plainAsked != 1 || redactedAsked != 0 {
		t.Errorf("LogValue was called %d and %d times, want 1 and 0", plainAsked, redactedAsked)
	}
}

// The inner handler may do anything with what it is given, so it must not be given the
// value.
func TestInnerHandlerIsNotGivenRedactedValue(t *testing.T) {
	redacted := contextvars.NewDefault("redacted", &byValuer{"hunter2"}, contextvars.Redacted())
	in := &capturing{}
	slog.New(slogvars.NewHandler(in, redacted)).Info("m")
	var got []slog.Attr
	in.record.Attrs(func(a slog.Attr) bool {
		got = append(got, a)
		return true
	})
	if len(got) != 1 || !got[0].Equal(slog.String("redacted", contextvars.RedactedText)) {
		t.Errorf("the inner handler was given %v", got)
	}
}
