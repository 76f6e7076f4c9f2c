package otelvars_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

var user = contextvars.New[string]("user", wire.Travels(wire.AllHops))

// with returns the propagators for connections with one peer.
func with(peer *wire.Peer) propagation.TextMapPropagator {
	return propagation.NewCompositeTextMapPropagator(
		propagation.TraceContext{}, propagation.Baggage{}, otelvars.Propagator(peer))
}

// A public server takes nothing from strangers, and sends to its backend who the user is.
func ExamplePropagator() {
	otel.SetTextMapPropagator(with(nil)) // closed, for all that have none of their own

	front := wire.NewPeer("front", wire.Accept(user))
	backend := httptest.NewServer(otelhttp.NewHandler(otelvars.Handler(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "Hello, %s!", user.Get()) })),
		"backend", otelhttp.WithPropagators(with(front))))
	defer backend.Close()

	client := http.Client{Transport: otelhttp.NewTransport(
		httpvars.TransportTo(nil, wire.NewPeer("backend", wire.Send(user))))}
	defer client.CloseIdleConnections()
	public := httptest.NewServer(otelhttp.NewHandler(otelvars.Handler(http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			fmt.Printf("the stranger's word for it: %q\n", user.Get())
			user.Set("Ada") // who has logged in
			req, _ := http.NewRequestWithContext(r.Context(), "GET", backend.URL, nil)
			resp, err := client.Do(req)
			if err != nil {
				panic(err)
			}
			defer resp.Body.Close()
			io.Copy(w, resp.Body)
		})), "public"))
	defer public.Close()

	req, _ := http.NewRequest("GET", public.URL, nil)
	req.Header.Set("baggage", "user=Eve")
	resp, err := public.Client().Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Println(string(body), err)
	// Output:
	// the stranger's word for it: ""
	// Hello, Ada! <nil>
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
