package otelvars_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/wire"
)

// arrived is the ctx of a request that has brought a tenant.
func arrived(t *testing.T, value string) context.Context {
	t.Helper()
	return otelvars.Propagator(wire.Trusted()).Extract(t.Context(), propagation.MapCarrier{"baggage": "tenant=" + value})
}

func TestRunLeavesNothing(t *testing.T) {
	ctx := arrived(t, "acme")
	before := contextvars.CopyContext()
	for range 2 {
		otelvars.Run(ctx, func() {
			want(t, "tenant", tenant.Get(), "acme")
			tenant.Set("changed")
		})
	}
	func() {
		defer func() { want(t, "panic", recover(), any("boom")) }()
		otelvars.Run(ctx, func() {
			local.Set("changed")
			panic("boom")
		})
	}()
	if !contextvars.CopyContext().Equal(before) {
		t.Error("the goroutine's variables have changed")
	}
}

func TestRunOfOneRequestAtOnce(t *testing.T) {
	ctx := arrived(t, "acme")
	var started, done sync.WaitGroup
	started.Add(4)
	for range 4 {
		done.Go(func() {
			otelvars.Run(ctx, func() {
				started.Done()
				started.Wait()
				want(t, "tenant", tenant.Get(), "acme")
			})
		})
	}
	done.Wait()
}

// Inside of a request Run does not go back to what has arrived with it.
func TestRunInsideOfTheRequest(t *testing.T) {
	ctx := arrived(t, "acme")
	otelvars.Run(ctx, func() {
		tenant.Set("changed")
		otelvars.Run(ctx, func() { want(t, "tenant", tenant.Get(), "changed") })
		otelvars.Run(context.Background(), func() {
			otelvars.Run(ctx, func() { want(t, "tenant, two inside", tenant.Get(), "changed") })
		})
		otelvars.Run(arrived(t, "other"), func() { want(t, "another request", tenant.Get(), "other") })
	})
}

func TestRunWithoutARequest(t *testing.T) {
	defer tenant.Set("current").Restore()
	tr := newTracing(t)
	defer tr.Start("current").End()
	otelvars.Run(context.Background(), func() {
		want(t, "tenant", tenant.Get(), "current")
		want(t, "span", currentName(), "nothing")
	})
	otelvars.Run(otelvars.Context(), func() { want(t, "span", currentName(), "current") })
}

func TestRunOfARemoteSpan(t *testing.T) {
	tr := newTracing(t)
	remote := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, Remote: true})
	otelvars.Run(trace.ContextWithSpanContext(t.Context(), remote), func() { tr.Start("work").End() })
	want(t, "parent is the remote span", tr.spans.GetSpans()[0].Parent.Equal(remote), true)
}

func TestNilFuncs(t *testing.T) {
	wantPanic(t, "otelvars: Run was given a nil func", func() { otelvars.Run(t.Context(), nil) })
	const message = "otelvars: Handler was given a nil http.Handler; give it the one that serves the requests, such as http.DefaultServeMux"
	wantPanic(t, message, func() { otelvars.Handler(nil) })
	wantPanic(t, message, func() { otelvars.Handler(http.HandlerFunc(nil)) })
}

// Requests on one kept-alive connection see nothing of each other.
func TestKeptAliveConnection(t *testing.T) {
	defer tenant.Set("the server's").Restore()
	tr := newTracing(t)
	p := composite(wire.Trusted())
	s := tr.server(t, "server", p, otelvars.Handler(answer(func(*http.Request) string {
		saw := tenant.Get() + ", " + local.GetOr("nothing") + ", " + currentName()
		tenant.Set("what the last job left")
		local.Set("what the last job left")
		tr.Start("never ended")
		return saw
	})))
	for i, test := range []struct{ header, want string }{
		{"", "the server's, nothing, server"},
		{"tenant=acme", "acme, nothing, server"},
		{"", "the server's, nothing, server"},
	} {
		reused := false
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused },
		})
		req, err := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
		noError(t, err)
		req.Header.Set("baggage", test.header)
		want(t, "the handler sees", do(t, s.Client(), req), test.want)
		want(t, "connection reused", reused, i > 0)
	}
}

// otelhttp names spans by the pattern that a ServeMux inside has found, which is in the very
// Request that otelhttp passed on.
func TestPatternIsSeenOutside(t *testing.T) {
	tr := newTracing(t)
	mux := http.NewServeMux()
	mux.Handle("GET /items/{id}", answer(func(r *http.Request) string { return r.PathValue("id") }))
	var pattern string
	inner := otelvars.Handler(mux)
	s := tr.server(t, "server", composite(nil), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r)
		pattern = r.Pattern
	}))
	want(t, "body", get(t, t.Context(), s.Client(), s.URL+"/items/7"), "7")
	want(t, "pattern", pattern, "GET /items/{id}")
}

func TestResponseWriterIsPassedOn(t *testing.T) {
	tr := newTracing(t)
	s := tr.server(t, "server", composite(nil), otelvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "part")
		noError(t, http.NewResponseController(w).Flush())
	})))
	want(t, "body", get(t, t.Context(), s.Client(), s.URL), "part")
}
