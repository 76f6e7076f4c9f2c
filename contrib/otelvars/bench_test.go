package otelvars_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/wire"
)

var eight = func() (vars [8]*contextvars.ContextVar[string]) {
	for i := range vars {
		vars[i] = contextvars.New[string](fmt.Sprint("bench", i), wire.Travels(wire.AllHops))
	}
	return vars
}()

// eightValues calls f with the eight variables set, and a ctx whose baggage has the same.
func eightValues(b *testing.B, f func(context.Context)) {
	var members []baggage.Member
	for i := range eight {
		value := fmt.Sprint("value-of-", i)
		m, err := baggage.NewMember(fmt.Sprint("bench", i), value)
		noError(b, err)
		members = append(members, m)
		defer eight[i].Set(value).Restore()
	}
	bag, err := baggage.New(members...)
	noError(b, err)
	f(baggage.ContextWithBaggage(b.Context(), bag))
}

// BenchmarkPropagator carries eight variables, and eight members of OpenTelemetry's own baggage.
func BenchmarkPropagator(b *testing.B) {
	eightValues(b, func(bag context.Context) {
		peer := wire.Trusted()
		for _, bb := range []struct {
			name string
			p    propagation.TextMapPropagator
			ctx  context.Context
		}{
			{"otelvars", otelvars.Propagator(peer), b.Context()},
			{"Baggage", propagation.Baggage{}, bag},
			{"both", propagation.NewCompositeTextMapPropagator(propagation.Baggage{}, otelvars.Propagator(peer)), bag},
		} {
			header := http.Header{}
			carrier := propagation.HeaderCarrier(header)
			inject := func() {
				clear(header)
				bb.p.Inject(bb.ctx, carrier)
			}
			b.Run("Inject/"+bb.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					inject()
				}
			})
			b.Run("Extract/"+bb.name, func(b *testing.B) {
				inject()
				b.ReportAllocs()
				for b.Loop() {
					bb.p.Extract(b.Context(), carrier)
				}
			})
			b.Run("InjectExtract/"+bb.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					inject()
					bb.p.Extract(b.Context(), carrier)
				}
			})
		}
	})
}

// BenchmarkSpan starts and ends a span inside of another one.
func BenchmarkSpan(b *testing.B) {
	for name, tp := range map[string]trace.TracerProvider{
		"recorded":    sdktrace.NewTracerProvider(),
		"not sampled": sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())),
	} {
		b.Run(name+"/otelvars", func(b *testing.B) {
			tr := otelvars.NewTracer(tp, "bench")
			defer tr.Start("outer").End()
			b.ReportAllocs()
			for b.Loop() {
				tr.Start("inner").End()
			}
		})
		b.Run(name+"/ctx", func(b *testing.B) {
			tr := tp.Tracer("bench")
			ctx, outer := tr.Start(b.Context(), "outer")
			defer outer.End()
			b.ReportAllocs()
			for b.Loop() {
				_, span := tr.Start(ctx, "inner")
				span.End()
			}
		})
	}
}

// BenchmarkAttributes gives a span the values of four variables, and by hand.
func BenchmarkAttributes(b *testing.B) {
	eightValues(b, func(context.Context) {
		run := func(name string, opts []trace.SpanStartOption, p ...sdktrace.TracerProviderOption) {
			b.Run(name, func(b *testing.B) {
				tr := otelvars.NewTracer(sdktrace.NewTracerProvider(p...), "bench")
				b.ReportAllocs()
				for b.Loop() {
					tr.Start("span", opts...).End()
				}
			})
		}
		run("none", nil)
		run("otelvars", nil, sdktrace.WithSpanProcessor(otelvars.Attributes(eight[0], eight[1], eight[2], eight[3])))
		run("by hand", []trace.SpanStartOption{trace.WithAttributes(attribute.String("bench0", "value-of-0"),
			attribute.String("bench1", "value-of-1"), attribute.String("bench2", "value-of-2"),
			attribute.String("bench3", "value-of-3"))})
	})
}

// BenchmarkRun enters a request that has brought eight variables.
func BenchmarkRun(b *testing.B) {
	eightValues(b, func(context.Context) {
		p, carrier := otelvars.Propagator(wire.Trusted()), propagation.MapCarrier{}
		p.Inject(b.Context(), carrier)
		contextvars.Detach(func() {
			ctx := p.Extract(b.Context(), carrier)
			b.ReportAllocs()
			for b.Loop() {
				otelvars.Run(ctx, func() {})
			}
		})
	})
}

// BenchmarkLoopback sends requests from otelhttp to otelhttp over one connection, with eight
// variables and without.
func BenchmarkLoopback(b *testing.B) {
	body := answer(func(*http.Request) string { return "" })
	for _, bb := range []struct {
		name    string
		p       propagation.TextMapPropagator
		handler http.Handler
	}{
		{"plain", propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}), body},
		{"otelvars", composite(wire.Trusted()), otelvars.Handler(body)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			eightValues(b, func(context.Context) {
				tr := newTracing(b, sdktrace.WithSampler(sdktrace.NeverSample()))
				s := tr.server(b, "server", bb.p, bb.handler)
				c := tr.client(b, "client", bb.p)
				b.ReportAllocs()
				for b.Loop() {
					resp, err := c.Get(s.URL)
					if err != nil {
						b.Fatal(err)
					}
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			})
		})
	}
}
