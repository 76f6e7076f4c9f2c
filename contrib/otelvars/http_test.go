package otelvars_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/propagation"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/wire"
)

// watched is a propagator that shows in which contexts an instrumentation calls it: values
// of a Local variable are in the very context alone that they are set in.
type watched struct {
	propagation.TextMapPropagator
	onInject func()
}

var mark = contextvars.New[string]("mark", contextvars.Local())

func (w watched) Inject(ctx context.Context, c propagation.TextMapCarrier) {
	w.onInject()
	w.TextMapPropagator.Inject(ctx, c)
}

func (w watched) Extract(ctx context.Context, c propagation.TextMapCarrier) context.Context {
	mark.Set("extracted")
	return w.TextMapPropagator.Extract(ctx, c)
}

// What Inject relies on: otelhttp calls it on the caller's goroutine. With HTTP/1.1 it calls
// Extract on the handler's.
func TestWhereOtelhttpCallsAPropagator(t *testing.T) {
	tr := newTracing(t)
	var injected string
	p := watched{composite(nil), func() { injected = mark.Get() }}
	s := tr.server(t, "server", p, answer(func(*http.Request) string { return mark.Get() }))
	defer mark.Set("caller").Restore()
	want(t, "the handler sees", get(t, t.Context(), tr.client(t, "client", p), s.URL), "extracted")
	want(t, "Inject sees", injected, "caller")
}

// Three processes in a row; none of the handlers hands a ctx to what it calls but by
// otelvars.Context.
func TestThreeHops(t *testing.T) {
	tr := newTracing(t)
	p := composite(wire.Trusted())
	says := func() string {
		return fmt.Sprint(tenant.GetOr("nothing"), " ", debug.GetOr(false), " ", secret.GetOr("nothing"))
	}

	third := tr.server(t, "third", p, otelvars.Handler(answer(func(*http.Request) string {
		defer tr.Start("work in third").End()
		return says()
	})))
	toThird := tr.client(t, "to third", p)
	second := tr.server(t, "second", p, otelvars.Handler(answer(func(*http.Request) (body string) {
		body = says()
		inGoroutine(func() {
			defer tr.Start("work in second").End()
			defer tenant.Set(tenant.Get() + "+").Restore()
			body += " / " + get(t, otelvars.Context(), toThird, third.URL)
		})
		return body
	})))
	toSecond := tr.client(t, "to second", p)
	first := tr.server(t, "first", p, otelvars.Handler(answer(func(*http.Request) string {
		tenant.Set("acme")
		debug.Set(true)
		secret.Set("x")
		return get(t, otelvars.Context(), toSecond, second.URL)
	})))

	want(t, "seen", get(t, t.Context(), http.DefaultClient, first.URL), "acme true x / acme+ false x")
	http.DefaultClient.CloseIdleConnections()
	tr.wantParents(t, map[string]string{
		"first": "nothing", "to second": "first", "second": "to second", "work in second": "second",
		"to third": "work in second", "third": "to third", "work in third": "third",
	})
}

// Without any help but the propagator, what arrived goes on with the ctx.
func TestCtxAloneCarriesOn(t *testing.T) {
	tr := newTracing(t)
	p := composite(wire.Trusted())
	back := tr.server(t, "back", p, otelvars.Handler(answer(func(*http.Request) string { return tenant.GetOr("nothing") })))
	client := tr.client(t, "client", p)
	front := tr.server(t, "front", p, answer(func(r *http.Request) string {
		return tenant.GetOr("nothing") + " / " + get(t, r.Context(), client, back.URL)
	}))
	defer tenant.Set("acme").Restore()
	want(t, "seen", get(t, t.Context(), client, front.URL), "nothing / acme")
}

// Many requests at once, over shared connections, each with a value and a trace of its own.
func TestManyAtOnce(t *testing.T) {
	tr := newTracing(t)
	p := composite(wire.Trusted())
	client := tr.client(t, "client", p)
	back := tr.server(t, "back", p, otelvars.Handler(answer(func(*http.Request) string {
		return tenant.GetOr("nothing") + " " + otelvars.Span().SpanContext().TraceID().String()
	})))
	front := tr.server(t, "front", p, otelvars.Handler(answer(func(*http.Request) (body string) {
		inGoroutine(func() { body = get(t, otelvars.Context(), client, back.URL) })
		return body
	})))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 20 {
				value := fmt.Sprint("t-", i, "-", j)
				tenant.With(value, func() {
					span := tr.Start(value)
					defer span.End()
					got := get(t, otelvars.Context(), client, front.URL)
					want(t, "seen", got, value+" "+span.SpanContext().TraceID().String())
				})
			}
		})
	}
	wg.Wait()
}
