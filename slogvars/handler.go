// Package slogvars puts the values of context variables into the records of
// log/slog, so that every line says which request it belongs to, also where
// nobody passed a context.Context or a logger along:
//
//	slog.SetDefault(slog.New(slogvars.NewHandler(
//		slog.NewJSONHandler(os.Stderr, nil), requestID, tenant)))
package slogvars

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"slices"

	"github.com/gocontextvars/contextvars"
)

// NewHandler returns a handler that passes records on to h with the variables'
// values added. The values are those of the goroutine that logs, at the time when it
// logs, whatever context.Context the record comes with. The key is the variable's
// name. A variable without a value has its default; one that has neither
// is left out.
//
// The variables stand at the top level of the record, also where the logger has open
// groups, so that they are found at one place. Only groups that h itself had open
// before are around them.
//
// The order of a record's attributes is: those of Logger.With, the variables as they
// were given here, and last those of the call, or the open group that they are in.
//
// Attributes that were given by hand under a variable's name are not touched: both are
// written, as log/slog does with equal keys everywhere. Readers of JSON that keep one
// of them mostly keep the last: the call's before the variable's, and the variable's
// before that of Logger.With.
//
// Values are what slog.AnyValue makes of them. h resolves those that are a
// slog.LogValuer, like those of any attribute. In place of a value of a variable
// with the option [contextvars.Redacted] stands [contextvars.RedactedText]: neither h nor
// a LogValue method gets to the value.
//
// Before the first WithGroup, attributes of Logger.With go straight to h, which
// may format them once and for all. After it they are kept here and formatted with each
// record, as part of a group attribute. A record costs the lookups; one
// allocation if it has more than five attributes with the variables, two if more than
// eight; and one if a group is open.
//
// A handler that passes records to another goroutine, to write them there, goes
// inside as h: around this one it would log that goroutine's values.
//
// NewHandler panics if h or a variable is nil.
func NewHandler(h slog.Handler, vars ...contextvars.Variable) slog.Handler {
	if h == nil {
		panic("slogvars: NewHandler was given a nil slog.Handler; " +
			"give it the one that writes the records, such as slog.NewJSONHandler(os.Stderr, nil)")
	}
	sources := make([]source, 0, len(vars))
	for i, v := range vars {
		if isNil(v) {
			panic(fmt.Sprintf("slogvars: NewHandler was given a nil variable, number %d; "+
				"make variables with contextvars.New or contextvars.NewDefault", i+1))
		}
		sources = append(sources, source{v.Name(), v, contextvars.IsRedacted(v)})
	}
	return &handler{next: h, sources: sources}
}

func isNil(v contextvars.Variable) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// handler is immutable, so it needs no lock.
type handler struct {
	next    slog.Handler
	sources []source
	group   *group // the innermost open one; nil is none
}

func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	var room [8]slog.Attr // on the stack
	attrs := room[:0]
	for i := range h.sources {
		if a, ok := h.sources[i].attr(); ok {
			attrs = append(attrs, a)
		}
	}
	// The call's attributes come last because in Go 1.26 and 1.27 the handlers of log/slog
	// write nonsense, such as JSON without a comma, behind a group of which
	// nothing is left, because of ReplaceAttr for instance.
	switch {
	case h.group != nil:
		attrs = h.group.appendTo(attrs, r)
	case len(attrs) == 0:
		return h.next.Handle(ctx, r)
	default:
		attrs = slices.Grow(attrs, r.NumAttrs())
		r.Attrs(func(a slog.Attr) bool {
			attrs = append(attrs, a)
			return true
		})
	}
	// Not a Clone: that has the call's attributes first.
	added := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	added.AddAttrs(attrs...)
	return h.next.Handle(ctx, added)
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	switch {
	case len(attrs) == 0:
		return h
	case h.group != nil:
		return &handler{h.next, h.sources, h.group.with(attrs)}
	}
	return &handler{h.next.WithAttrs(attrs), h.sources, nil}
}

func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return &handler{h.next, h.sources, &group{name: name, outer: h.group}}
}
