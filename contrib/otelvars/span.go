package otelvars

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/gocontextvars/contextvars"
)

// Span returns the current span. If there is none it is one that does nothing and whose
// SpanContext is not valid, as with trace.SpanFromContext. It is never nil.
//
// It costs as much as a Get and trace.SpanFromContext.
func Span() trace.Span { return trace.SpanFromContext(here().ctx) }

// Context returns a ctx with the current span, and with the baggage of OpenTelemetry's own that
// came with it, for libraries that want one:
//
//	req, err := http.NewRequestWithContext(otelvars.Context(), "GET", url, nil)
//
// It has nothing else of the request's ctx: no deadline, no cancellation, no other
// values. Where these are wanted, give the request's ctx the span:
//
//	ctx = trace.ContextWithSpan(ctx, otelvars.Span())
//
// It costs as much as a Get.
func Context() context.Context { return here().ctx }

// An ActiveSpan is a span that [Start] has made the current one. It is a trace.Span, and may
// be used by any number of goroutines.
//
// The field Span is the span as the trace.Tracer made it, for code that looks at its type.
//
// The zero ActiveSpan is none; its methods panic.
type ActiveSpan struct {
	trace.Span
	scope *scope
	token contextvars.Token[*scope]
}

// End ends the span, and makes the one that was current before it current again. Spans that
// were started inside and have not ended stay current until they end, and do not
// come back to this one.
//
// On a goroutine that has inherited the span as its current one, End does the same there,
// but the goroutine that has started it keeps it as its current one, ended as it is, until it
// calls End as well. A second End is good for that alone. On all other goroutines End
// ends the span and changes nothing else.
func (s ActiveSpan) End(opts ...trace.SpanEndOption) {
	s.Span.End(opts...)
	s.scope.leave(s.token)
}
