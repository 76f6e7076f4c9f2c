// Package otelvars joins context variables and OpenTelemetry: variables travel with any
// instrumentation that uses a propagator, and the current span follows goroutines, so
// that code deep inside needs no ctx.
//
//	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(
//		propagation.TraceContext{}, propagation.Baggage{}, otelvars.Propagator(wire.Trusted())))
//	http.Handle("/", otelhttp.NewHandler(otelvars.Handler(mux), "server"))
//
//	func work() { // no ctx anywhere
//		defer otelvars.Start("work").End()
//		go audit() // what it starts is a child of "work"
//	}
//
// # Variables
//
// [Propagator] writes variables that travel (see package wire) into what an
// instrumentation sends, and reads them from what it receives. An instrumentation may read
// on a goroutine that does not run the request's work, so reading sets nothing there: it puts
// a [contextvars.Context] into the ctx. What runs the work enters that: [Handler] inside
// otelhttp, [UnaryServer] and [StreamServer] with otelgrpc, [Run] everywhere else.
//
// # Spans
//
// The current span is a context variable. [Handler] and its like make the span in the
// request's ctx the current one; [Start] starts a child of it and makes that the current one,
// until its End. Goroutines inherit it with a plain go statement; what is handed to a pool
// or a timer is to be bound, as for any variable: [contextvars.Bind]. [Context] is a ctx with it,
// for code that wants one.
//
// Code that is given a ctx and starts spans with a trace.Tracer leaves the variable as it is. Where such
// code calls yours, use [StartIn] with its ctx, or [Run].
//
// # What it costs
//
// Beside OpenTelemetry's own in the same run, by the benchmarks in this folder (linux/amd64, Go
// 1.26, SDK 1.47; allocations in brackets, theirs last):
//
//	Inject and Extract of 8 variables       0.4 of propagation.Baggage with 8 members (16, 37)
//	Start and End, span recorded            1.2 of a Tracer's Start with ctx and End (5, 2)
//	Start and End, span not sampled         2.0 of the same: some 200 ns more (5, 2)
//	Run, Handler, UnaryServer               some 0.5 µs for each request (7)
//
// # What it does not promise
//
// Only requests carry variables: OpenTelemetry has no propagators for replies, so variables
// with wire.Back do not come back. Use package httpvars, or an integration under contrib, for that.
//
// It does not make up for a ctx that was not passed on to a library: a client that is
// given context.Background() starts a trace of its own. Give it [Context].
//
// The current span in a goroutine that outlives it stays the current one there, ended as it
// is: spans that are started then are its children still, as they would be with a ctx.
package otelvars
