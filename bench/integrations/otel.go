package main

import (
	"context"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/gocontextvars/contextvars/contrib/otelvars"
)

// A span inside of another one, which is recorded and goes nowhere. What is right: it is the
// current one until it ends, and a child of the outer one.
var otelSpan = comparison{
	name:  "otel",
	title: "OpenTelemetry span, start and end",
	sides: []side{
		{"Tracer.Start with a ctx", func(b *bed) (loop, error) {
			tracer := newTracerProvider(b).Tracer("bench")
			outer, outerSpan := tracer.Start(context.Background(), "outer")
			b.atEnd(func() { outerSpan.End() })
			return func(n int) (right int, err error) {
				for range n {
					ctx, span := tracer.Start(outer, "inner")
					if isChild(span, outerSpan) && trace.SpanFromContext(ctx) == span {
						right++
					}
					span.End()
				}
				return right, nil
			}, nil
		}},
		{"otelvars", func(b *bed) (loop, error) {
			tracer := otelvars.NewTracer(newTracerProvider(b), "bench")
			outer := tracer.Start("outer")
			b.atEnd(func() { outer.End() })
			return func(n int) (right int, err error) {
				for range n {
					span := tracer.Start("inner")
					if isChild(span.Span, outer.Span) && otelvars.Span() == span.Span {
						right++
					}
					span.End()
				}
				return right, nil
			}, nil
		}},
	},
}

func newTracerProvider(b *bed) *sdktrace.TracerProvider {
	tp := sdktrace.NewTracerProvider()
	b.atEnd(func() { tp.Shutdown(context.Background()) })
	return tp
}

func isChild(span, of trace.Span) bool {
	s, ok := span.(sdktrace.ReadOnlySpan)
	return ok && s.Parent().SpanID() == of.SpanContext().SpanID()
}
