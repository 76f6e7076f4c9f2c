package otelvars

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/gocontextvars/contextvars"
)

// Attributes returns a span processor that gives each span the values of these variables as
// attributes, under the variables' names: those that are in force where the span is
// started, or that have arrived with the request whose span it is.
//
//	sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(otelvars.Attributes(tenant, user)), ...)
//
// A variable that has no value there adds nothing; defaults do not count. Of variables with
// the option contextvars.Redacted the value is [contextvars.RedactedText]. Strings, bools,
// ints and float64s are attributes of their kind, all else is formatted by fmt.Sprint, on the
// goroutine that starts the span. How long texts may be is for sdktrace.SpanLimits to say.
//
// It costs two allocations for each span more than the same attributes given by hand with
// trace.WithAttributes. A nil variable panics.
func Attributes(vars ...contextvars.Variable) sdktrace.SpanProcessor {
	for i, v := range vars {
		if v == nil || reflect.ValueOf(v).IsNil() {
			panic(fmt.Sprintf("otelvars: Attributes was given a nil variable, number %d", i+1))
		}
	}
	return &attributes{append([]contextvars.Variable(nil), vars...)}
}

// attributes is used by pointer: a TracerProvider compares its processors.
type attributes struct{ vars []contextvars.Variable }

// OnStart sets the attributes.
func (a *attributes) OnStart(parent context.Context, span sdktrace.ReadWriteSpan) {
	c := notEntered(parent)
	if c == nil {
		c = contextvars.CopyContext()
	}
	list := make([]attribute.KeyValue, 0, len(a.vars))
	for _, v := range a.vars {
		if value, ok := c.Value(v); ok {
			list = append(list, attributeOf(v, value))
		}
	}
	if len(list) > 0 {
		span.SetAttributes(list...)
	}
}

func attributeOf(v contextvars.Variable, value any) attribute.KeyValue {
	key := attribute.Key(v.Name())
	if contextvars.IsRedacted(v) {
		return key.String(contextvars.RedactedText)
	}
	switch value := value.(type) {
	case bool:
		return key.Bool(value)
	case int:
		return key.Int(value)
	case int64:
		return key.Int64(value)
	case float64:
		return key.Float64(value)
	case string:
		return key.String(valid(value))
	}
	return key.String(valid(fmt.Sprint(value)))
}

// valid returns s in UTF-8: exporters lose all spans of a batch for one text that is not.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// OnEnd does nothing.
func (*attributes) OnEnd(sdktrace.ReadOnlySpan) {}

// Shutdown does nothing.
func (*attributes) Shutdown(context.Context) error { return nil }

// ForceFlush does nothing.
func (*attributes) ForceFlush(context.Context) error { return nil }
