package otelvars_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/wire"
)

// Importing ants, in matrix_test.go, starts goroutines that never end.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

var (
	tenant = contextvars.New[string]("tenant", wire.Travels(wire.AllHops))
	debug  = contextvars.New[bool]("debug", wire.Travels(wire.OneHop))
	secret = contextvars.New[string]("secret", wire.Travels(wire.AllHops), contextvars.Redacted())
	local  = contextvars.New[string]("local") // it does not travel
)

// composite is what the documentation recommends.
func composite(peer *wire.Peer) propagation.TextMapPropagator {
	return propagation.NewCompositeTextMapPropagator(
		propagation.TraceContext{}, propagation.Baggage{}, otelvars.Propagator(peer))
}

// tracing is a program's set-up of OpenTelemetry.
type tracing struct {
	*otelvars.Tracer
	provider *sdktrace.TracerProvider
	spans    *tracetest.InMemoryExporter
	stops    []func() // of gRPC servers, which end spans when the caller has its answer already
}

func newTracing(t testing.TB, opts ...sdktrace.TracerProviderOption) *tracing {
	t.Helper()
	spans := tracetest.NewInMemoryExporter()
	tp := sdktrace.NewTracerProvider(append(opts, sdktrace.WithSyncer(spans))...)
	t.Cleanup(func() { noError(t, tp.Shutdown(context.Background())) })
	return &tracing{Tracer: otelvars.NewTracer(tp, "test"), provider: tp, spans: spans}
}

// parents stops gRPC servers, and returns the names of spans with those of their parents, "nothing"
// for roots. It fails if two have one name, or a parent is missing or of another trace.
func (tr *tracing) parents(t testing.TB) map[string]string {
	t.Helper()
	for _, stop := range tr.stops {
		stop()
	}
	byID := map[trace.SpanID]tracetest.SpanStub{}
	for _, s := range tr.spans.GetSpans() {
		if strings.Contains(s.Name, "/") { // otelgrpc calls both ends alike
			s.Name = s.SpanKind.String()
		}
		byID[s.SpanContext.SpanID()] = s
	}
	parents := map[string]string{}
	for _, s := range byID {
		if _, twice := parents[s.Name]; twice {
			t.Errorf("two spans have the name %q", s.Name)
		}
		parents[s.Name] = "nothing"
		if !s.Parent.IsValid() {
			continue
		}
		parent, ok := byID[s.Parent.SpanID()]
		if !ok || parent.SpanContext.TraceID() != s.SpanContext.TraceID() {
			t.Errorf("the parent of %q is not in its trace", s.Name)
		}
		parents[s.Name] = parent.Name
	}
	return parents
}

func (tr *tracing) wantParents(t testing.TB, want map[string]string) {
	t.Helper()
	got := tr.parents(t)
	for name, parent := range want {
		if got[name] != parent {
			t.Errorf("the parent of %q is %q, want %q", name, got[name], parent)
		}
	}
	if len(got) != len(want) {
		t.Errorf("spans %v, want %v", got, want)
	}
}

// server starts an HTTP server behind otelhttp, whose span has the name.
func (tr *tracing) server(t testing.TB, name string, p propagation.TextMapPropagator, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(otelhttp.NewHandler(h, name,
		otelhttp.WithTracerProvider(tr.provider), otelhttp.WithPropagators(p),
		otelhttp.WithSpanNameFormatter(func(operation string, _ *http.Request) string { return operation })))
	t.Cleanup(s.Close)
	return s
}

// client returns an HTTP client with otelhttp, whose spans have the name.
func (tr *tracing) client(t testing.TB, name string, p propagation.TextMapPropagator) *http.Client {
	t.Helper()
	base := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(base.CloseIdleConnections)
	return &http.Client{Transport: otelhttp.NewTransport(base,
		otelhttp.WithTracerProvider(tr.provider), otelhttp.WithPropagators(p),
		otelhttp.WithSpanNameFormatter(func(string, *http.Request) string { return name }))}
}

// get returns the body of the response.
func get(t testing.TB, ctx context.Context, c *http.Client, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	noError(t, err)
	return do(t, c, req)
}

func do(t testing.TB, c *http.Client, req *http.Request) string {
	t.Helper()
	resp, err := c.Do(req)
	if err != nil {
		t.Error(err) // it may not be the test's goroutine
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}

// answer is a handler that answers what f returns.
func answer(f func(*http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, f(r)) })
}

// inGoroutine calls f in a goroutine that a plain go statement starts.
func inGoroutine(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// wantPanic checks that f panics with a message.
func wantPanic(t *testing.T, message string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		want(t, "panic", recover(), any(message))
	}()
	f()
}
