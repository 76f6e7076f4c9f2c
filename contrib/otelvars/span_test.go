package otelvars_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
)

// currentName returns the name of the current span, "nothing" if there is none.
func currentName() string {
	if s, ok := otelvars.Span().(sdktrace.ReadOnlySpan); ok {
		return s.Name()
	}
	return "nothing"
}

func TestStart(t *testing.T) {
	tr := newTracing(t)
	func() {
		defer tr.Start("a").End()
		func() {
			defer tr.Start("b").End()
			want(t, "in b", currentName(), "b")
			inGoroutine(func() {
				want(t, "in a goroutine", currentName(), "b")
				defer tr.Start("c").End()
				inGoroutine(func() { defer tr.Start("d").End() })
			})
		}()
		want(t, "in a", currentName(), "a")
		defer tr.Start("root", trace.WithNewRoot()).End()
	}()
	want(t, "at the end", currentName(), "nothing")
	tr.wantParents(t, map[string]string{"a": "nothing", "b": "a", "c": "b", "d": "c", "root": "nothing"})
}

// A span leaves the goroutine's context as it was.
func TestEndLeavesNothing(t *testing.T) {
	tr := newTracing(t)
	before := contextvars.CopyContext()
	a, b := tr.Start("a"), tr.Start("b")
	a.End()
	b.End()
	tr.Start("c").End()
	if !contextvars.CopyContext().Equal(before) {
		t.Error("the goroutine's variables have changed")
	}
}

func TestEndInAnyOrder(t *testing.T) {
	tr := newTracing(t)
	outer := tr.Start("outer")
	a, b, c, d := tr.Start("a"), tr.Start("b"), tr.Start("c"), tr.Start("d")
	b.End()
	want(t, "b ended", currentName(), "d")
	c.End()
	want(t, "c ended", currentName(), "d")
	d.End()
	want(t, "d ended", currentName(), "a")
	a.End()
	want(t, "a ended", currentName(), "outer")
	a.End()
	d.End()
	want(t, "ended again", currentName(), "outer")
	outer.End()
	want(t, "outer ended", currentName(), "nothing")
}

func TestEndOnAnotherGoroutine(t *testing.T) {
	tr := newTracing(t)
	outer := tr.Start("outer")
	a := tr.Start("a")
	inGoroutine(func() {
		a.End()
		want(t, "where it was inherited", currentName(), "outer")
		a.End()
		want(t, "a second time", currentName(), "outer")
	})
	want(t, "where it was started", currentName(), "a")
	want(t, "recording", a.IsRecording(), false)
	b := tr.Start("b")
	contextvars.Detach(func() { // a goroutine that has another span
		defer tr.Start("other").End()
		b.End()
		want(t, "elsewhere", currentName(), "other")
	})
	b.End()
	want(t, "b ended by its starter", currentName(), "a")
	a.End()
	want(t, "a ended by its starter", currentName(), "outer")
	outer.End()
	want(t, "outer ended", currentName(), "nothing")
	want(t, "spans", len(tr.spans.GetSpans()), 4)
}

// Where a span was inherited that has ended elsewhere, it stays; a second End does not change that.
func TestEndedSpanThatWasInherited(t *testing.T) {
	tr := newTracing(t)
	outer := tr.Start("outer")
	a := tr.Start("a")
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		<-ended
		a.End()
		want(t, "current", currentName(), "a")
		tr.Start("late").End()
	}()
	a.End()
	close(ended)
	<-done
	outer.End()
	want(t, "parent", tr.parents(t)["late"], "a")
}

// With -race this shows that all may happen at once.
func TestEndByAllAtOnce(t *testing.T) {
	tr := newTracing(t)
	var spans []otelvars.ActiveSpan
	for range 8 {
		spans = append(spans, tr.Start("span"))
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range spans {
				defer tr.Start("inner").End()
				spans[(i+j)%len(spans)].End()
			}
		})
	}
	for i := range spans {
		spans[len(spans)-1-i].End()
	}
	wg.Wait()
	want(t, "at the end", currentName(), "nothing")
	want(t, "spans", len(tr.spans.GetSpans()), 8+4*8)
}

func TestStartIn(t *testing.T) {
	tr := newTracing(t)
	ctx, foreign := tr.provider.Tracer("foreign").Start(withBaggage(t, "color=red"), "foreign")
	func() {
		defer tr.Start("outer").End()
		func() {
			defer tr.StartIn(ctx, "in").End()
			defer tr.Start("inner").End()
			want(t, "baggage", baggage.FromContext(otelvars.Context()).String(), "color=red")
		}()
		want(t, "afterwards", currentName(), "outer")
		want(t, "baggage", baggage.FromContext(otelvars.Context()).String(), "")
		defer tr.StartIn(t.Context(), "root").End()
	}()
	foreign.End()
	tr.wantParents(t, map[string]string{
		"foreign": "nothing", "in": "foreign", "inner": "in", "outer": "nothing", "root": "nothing"})
}

func TestContext(t *testing.T) {
	tr := newTracing(t)
	want(t, "no span", otelvars.Context(), context.Background())
	want(t, "no span is valid", otelvars.Span().SpanContext().IsValid(), false)
	type key struct{}
	ctx, cancel := context.WithTimeout(context.WithValue(withBaggage(t, "color=red"), key{}, 1), time.Hour)
	cancel()
	s := tr.StartIn(ctx, "span")
	defer s.End()
	got := otelvars.Context()
	want(t, "span", trace.SpanFromContext(got), s.Span)
	want(t, "baggage", baggage.FromContext(got).String(), "color=red")
	want(t, "error", got.Err(), nil)
	want(t, "other values", got.Value(key{}), nil)
}

// Spans that are not recorded pass on the trace nevertheless.
func TestSpansThatAreNotSampled(t *testing.T) {
	tr := newTracing(t, sdktrace.WithSampler(sdktrace.NeverSample()))
	a := tr.Start("a")
	defer a.End()
	b := tr.Start("b")
	defer b.End()
	want(t, "trace", b.SpanContext().TraceID(), a.SpanContext().TraceID())
	want(t, "recording", b.IsRecording(), false)
}

// provider is one that cannot be compared.
type provider struct {
	trace.TracerProvider
	_ []int
}

func TestGlobalProvider(t *testing.T) {
	before := otel.GetTracerProvider()
	defer otel.SetTracerProvider(before)
	one, two := newTracing(t), newTracing(t)
	for range 2 {
		for _, tr := range []*tracing{one, two} {
			otel.SetTracerProvider(tr.provider)
			outer := otelvars.Start("outer")
			otelvars.StartIn(otelvars.Context(), "inner").End()
			outer.End()
			tr.wantParents(t, map[string]string{"outer": "nothing", "inner": "outer"})
			want(t, "scope", tr.spans.GetSpans()[0].InstrumentationScope.Name, otelvars.ScopeName)
			tr.spans.Reset()
			otelvars.Start("outer").End()
			want(t, "spans", len(tr.spans.GetSpans()), 1)
			tr.spans.Reset()
		}
	}
	otel.SetTracerProvider(provider{TracerProvider: noop.NewTracerProvider()})
	for range 2 {
		otelvars.Start("span").End()
	}
}

func TestTracersThatAreNone(t *testing.T) {
	wantPanic(t, "otelvars: NewTracer was given a nil trace.TracerProvider; use otel.GetTracerProvider()",
		func() { otelvars.NewTracer(nil, "x") })
	var none *otelvars.Tracer
	wantPanic(t, "otelvars: Tracer.Start was called on a Tracer that NewTracer has not made",
		func() { none.Start("x") })
	wantPanic(t, "otelvars: Tracer.StartIn was called on a Tracer that NewTracer has not made",
		func() { new(otelvars.Tracer).StartIn(t.Context(), "x") })
}
