package otelvars_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/wire"
)

var user = contextvars.New[string]("user", wire.Travels(wire.AllHops))

// Variables go with a request from otelhttp's client to otelhttp's server.
func ExamplePropagator() {
	p := otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator(
		propagation.TraceContext{}, propagation.Baggage{}, otelvars.Propagator(wire.Trusted())))

	server := httptest.NewServer(otelhttp.NewHandler(otelvars.Handler(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "Hello, %s!", user.Get()) })), "server", p))
	defer server.Close()
	client := http.Client{Transport: otelhttp.NewTransport(nil, p)}
	defer client.CloseIdleConnections()

	defer user.Set("Ada").Restore()
	resp, err := client.Get(server.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Println(string(body), err)
	// Output: Hello, Ada! <nil>
}

// A span is the parent of those that are started inside, also in goroutines.
func ExampleStart() {
	spans := tracetest.NewSpanRecorder()
	tracer := otelvars.NewTracer(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans)), "example")
	// The function otelvars.Start does the same with the global TracerProvider.

	load := func() {
		defer tracer.Start("load").End()
	}
	func() {
		defer tracer.Start("request").End()
		var wg sync.WaitGroup
		wg.Go(load)
		wg.Wait()
	}()

	first, request := spans.Ended()[0], spans.Ended()[1]
	fmt.Println(first.Name(), first.Parent().SpanID() == request.SpanContext().SpanID())
	fmt.Println(request.Name(), request.Parent().IsValid())
	// Output:
	// load true
	// request false
}

// A consumer of messages runs each with what has come with it.
func ExampleRun() {
	p := otelvars.Propagator(wire.NewPeer("queue", wire.Accept(user)))
	message := propagation.MapCarrier{"baggage": "user=Ada"}

	ctx := p.Extract(context.Background(), message)
	otelvars.Run(ctx, func() { fmt.Println(user.Get()) })
	fmt.Printf("%q\n", user.Get())
	// Output:
	// Ada
	// ""
}

// Each span gets the user as an attribute.
func ExampleAttributes() {
	spans := tracetest.NewSpanRecorder()
	tracer := otelvars.NewTracer(sdktrace.NewTracerProvider(
		sdktrace.WithSpanProcessor(otelvars.Attributes(user)),
		sdktrace.WithSpanProcessor(spans)), "example")

	defer user.Set("Ada").Restore()
	tracer.Start("work").End()
	for _, a := range spans.Ended()[0].Attributes() {
		fmt.Println(a.Key, a.Value.AsString())
	}
	// Output: user Ada
}
