package slogvars_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/slogvars"
)

// capturing keeps what it is given.
type capturing struct {
	record slog.Record
	attrs  [][]slog.Attr
	groups []string
	ctx    context.Context
	err    error
}

func (c *capturing) Enabled(ctx context.Context, l slog.Level) bool {
	c.ctx = ctx
	return l >= slog.LevelWarn || c.err == nil
}

func (c *capturing) Handle(ctx context.Context, r slog.Record) error {
	c.record, c.ctx = r.Clone(), ctx
	return c.err
}

func (c *capturing) WithAttrs(attrs []slog.Attr) slog.Handler {
	c.attrs = append(c.attrs, attrs)
	return c
}

func (c *capturing) WithGroup(name string) slog.Handler {
	c.groups = append(c.groups, name)
	return c
}

type ctxKey struct{}

func TestInnerHandlerDecides(t *testing.T) {
	fault := errors.New("disk full")
	in := &capturing{err: fault}
	h := slogvars.NewHandler(in, tenant).WithGroup("g").WithAttrs([]slog.Attr{slog.Int("a", 1)})
	ctx := context.WithValue(t.Context(), ctxKey{}, 1)

	if h.Enabled(ctx, slog.LevelInfo) || !h.Enabled(ctx, slog.LevelWarn) {
		t.Error("Enabled is not the inner handler's")
	}
	if in.ctx != ctx {
		t.Error("Enabled was asked with another ctx")
	}
	in.ctx = nil
	if err := h.Handle(ctx, slog.Record{}); err != fault {
		t.Errorf("Handle returned %v, want the inner handler's %v", err, fault)
	}
	if in.ctx != ctx {
		t.Error("Handle was called with another ctx")
	}
}

// What the inner handler can format once for all it must be given.
func TestWithAttrsGoesStraightOnOutsideOfGroups(t *testing.T) {
	in := &capturing{}
	h := slogvars.NewHandler(in, tenant)
	h = h.WithAttrs([]slog.Attr{slog.Int("a", 1)}).WithAttrs([]slog.Attr{slog.Int("b", 2)})
	if len(in.attrs) != 2 {
		t.Errorf("the inner handler was given %v", in.attrs)
	}
	h = h.WithGroup("g").WithAttrs([]slog.Attr{slog.Int("c", 3)})
	if len(in.attrs) != 2 || len(in.groups) != 0 {
		t.Errorf("the inner handler was given %v, and the groups %q", in.attrs, in.groups)
	}
	if h.WithGroup("") != h || h.WithAttrs(nil) != h {
		t.Error("an empty group or no attributes made a new handler")
	}
}

func TestRecordKeepsItsHead(t *testing.T) {
	var pcs [1]uintptr
	runtime.Callers(1, pcs[:])
	for _, group := range []string{"", "g"} {
		in := &capturing{}
		r := slog.NewRecord(time.Unix(5, 0), slog.LevelError, "m", pcs[0])
		if err := slogvars.NewHandler(in, tenant).WithGroup(group).Handle(t.Context(), r); err != nil {
			t.Error(err)
		}
		if got := in.record; !got.Time.Equal(r.Time) || got.Level != r.Level || got.Message != r.Message || got.PC != r.PC {
			t.Errorf("group %q: got %+v, want the head of %+v", group, got, r)
		}
	}
}

// Others may hold a copy of the record that shares memory with it.
func TestRecordOfTheCallerIsNotChanged(t *testing.T) {
	for _, group := range []string{"", "g"} {
		r := slog.NewRecord(time.Time{}, slog.LevelInfo, "m", 0)
		r.Add("a", 1, "b", 2, "c", 3, "d", 4, "e", 5, "f", 6)
		h := slogvars.NewHandler(&capturing{}, tenant, request).WithGroup(group)
		if err := h.Handle(t.Context(), r); err != nil {
			t.Error(err)
		}
		var out bytes.Buffer
		r.Add("g", 7)
		if err := newText(&out).Handle(t.Context(), r); err != nil {
			t.Error(err)
		}
		if got, want := out.String(), "msg=m a=1 b=2 c=3 d=4 e=5 f=6 g=7\n"; got != want {
			t.Errorf("group %q: got %s, want %s", group, got, want)
		}
	}
}
