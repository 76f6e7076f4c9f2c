package otelvars_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/panjf2000/ants/v2"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
	"github.com/gocontextvars/contextvars/wire"
)

const (
	otelhttpModule = "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	otelgrpcModule = "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	traceModule    = "go.opentelemetry.io/otel/trace"
)

// plain is a program's set-up without this package.
var plain = propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})

func TestMatrix(t *testing.T) {
	defer tenant.Set("the server's").Restore()
	matrix.Check(t, "contrib/otelvars",
		matrix.Row{
			Where: "an otelhttp handler, the caller's variables", Module: otelhttpModule,
			Without: seenByHTTP(t, plain, noHelp), With: seenByHTTP(t, composite(wire.Trusted()), otelvars.Handler),
			Help: "`otelvars.Propagator`, `otelvars.Handler`",
		},
		matrix.Row{
			Where: "… the next request on the connection, from a caller that has none", Module: otelhttpModule,
			Without: seenByNextRequest(t, plain, noHelp), With: seenByNextRequest(t, composite(wire.Trusted()), otelvars.Handler),
			Help: "`otelvars.Handler`",
		},
		matrix.Row{
			Where: "an otelgrpc handler, unary, the caller's variables", Module: otelgrpcModule,
			Without: seenByGRPC(t, "unary", plain), With: seenByGRPC(t, "unary", composite(wire.Trusted()), interceptors...),
			Help: "`otelvars.Propagator`, `otelvars.UnaryServer`",
		},
		matrix.Row{
			Where: "an otelgrpc handler, stream, the caller's variables", Module: otelgrpcModule,
			Without: seenByGRPC(t, "stream", plain), With: seenByGRPC(t, "stream", composite(wire.Trusted()), interceptors...),
			Help: "`otelvars.Propagator`, `otelvars.StreamServer`",
		},
		matrix.Row{
			Where: "a goroutine without ctx, in an otelhttp handler: whose child its span is", Module: traceModule,
			Without: parentInGoroutine(t, false), With: parentInGoroutine(t, true),
			Help: "`otelvars.Handler`, `otelvars.Start`",
		},
		matrix.Row{
			Where: "a reused goroutine of a pool, without ctx: whose child its span is", Module: traceModule,
			Without: parentInPool(t, func(f func()) func() { return f }), With: parentInPool(t, contextvars.Bind),
			Help: "`otelvars.Start`, `Bind` the job",
		})
}

func noHelp(h http.Handler) http.Handler { return h }

// seenByHTTP returns what a handler sees of the caller's variable.
func seenByHTTP(t *testing.T, p propagation.TextMapPropagator, help func(http.Handler) http.Handler) string {
	tr := newTracing(t)
	s := tr.server(t, "server", p, help(answer(func(*http.Request) string { return tenant.GetOr("nothing") })))
	defer tenant.Set("the caller's").Restore()
	return get(t, t.Context(), tr.client(t, "client", p), s.URL)
}

func seenByNextRequest(t *testing.T, p propagation.TextMapPropagator, help func(http.Handler) http.Handler) string {
	tr := newTracing(t)
	s := tr.server(t, "server", p, help(answer(func(*http.Request) string {
		saw := tenant.GetOr("nothing")
		tenant.Set("what the last job left")
		return saw
	})))
	c := tr.client(t, "client", p)
	defer tenant.Unset().Restore()
	get(t, t.Context(), c, s.URL)
	return get(t, t.Context(), c, s.URL)
}

func seenByGRPC(t *testing.T, kind string, p propagation.TextMapPropagator, opts ...grpc.ServerOption) string {
	c := newTracing(t).dialled(t, p, func() string { return tenant.GetOr("nothing") }, opts...)
	defer tenant.Set("the caller's").Restore()
	saw, err := calls[kind](t.Context(), c)
	noError(t, err)
	return saw
}

// parentInGoroutine returns the name of the parent of a span that a goroutine starts which is
// given no ctx.
func parentInGoroutine(t *testing.T, help bool) string {
	tr := newTracing(t)
	start, handler := tr.startOwn, noHelp
	if help {
		start, handler = func() trace.Span { return tr.Start("span") }, otelvars.Handler
	}
	s := tr.server(t, "the server's", plain, handler(answer(func(*http.Request) string {
		inGoroutine(func() { start().End() })
		return ""
	})))
	get(t, t.Context(), s.Client(), s.URL)
	return tr.parents(t)["span"]
}

func (tr *tracing) startOwn() trace.Span {
	_, span := tr.provider.Tracer("own").Start(context.Background(), "span")
	return span
}

// parentInPool returns the name of the parent of a span that a pool's job starts, on the
// goroutine that was started for another submitter's job.
func parentInPool(t *testing.T, bind func(func()) func()) string {
	tr := newTracing(t)
	pool, err := ants.NewPool(1)
	noError(t, err)
	defer pool.Release()
	submit := func(submitter, job string) {
		defer tr.Start(submitter).End()
		done := make(chan struct{})
		noError(t, pool.Submit(bind(func() {
			defer close(done)
			tr.Start(job).End()
		})))
		<-done
	}
	submit("the first submitter's", "first job")
	submit("the submitter's", "second job")
	return tr.parents(t)["second job"]
}
