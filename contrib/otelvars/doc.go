// Package otelvars joins context variables and OpenTelemetry: variables travel with any
// instrumentation that uses a propagator, and the current span follows goroutines, so
// that code deep inside needs no ctx.
//
//	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(
//		propagation.TraceContext{}, propagation.Baggage{}, otelvars.Propagator(nil))) // closed
//	http.Handle("/", otelhttp.NewHandler(otelvars.Handler(mux), "server")) // for the public
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
// # One propagator is one peer
//
// A propagator is shown a header, and neither the host that it goes to nor the connection that
// it has come by. What its peer is open for is sent to every host that the client talks to, also
// to one that a server redirects it to, and is taken from everybody who reaches the server. The
// global propagator is that of all clients and servers that are given no other one. So
// give that a nil peer, as above. It is not without use: entries of OpenTelemetry's baggage that bear a
// variable's name, as strangers may write them, do not get past it.
//
// Where variables are to cross, say so for that one place:
//
//	func with(peer *wire.Peer) propagation.TextMapPropagator {
//		return propagation.NewCompositeTextMapPropagator(
//			propagation.TraceContext{}, propagation.Baggage{}, otelvars.Propagator(peer))
//	}
//
//	// A server that none but the gateway reaches. Its peer takes, and sends nothing.
//	gateway := wire.NewPeer("gateway", wire.Accept(tenant))
//	otelhttp.NewHandler(otelvars.Handler(mux), "ledger", otelhttp.WithPropagators(with(gateway)))
//
//	// A client of HTTP. This transport sees hosts, and sends nothing where a redirect leads away.
//	ledger := wire.NewPeer("ledger", wire.Send(tenant))
//	otelhttp.NewTransport(httpvars.TransportTo(nil, ledger))
//
//	// A client of gRPC, whose connection has one target. Its peer sends, and takes nothing.
//	grpc.WithStatsHandler(otelgrpc.NewClientHandler(otelgrpc.WithPropagators(with(ledger))))
//
// [wire.Trusted] is for a program all of whose connections are to one's own processes, in a
// network that nobody else reaches, and that follows no redirects.
//
// # Replies
//
// OpenTelemetry has no propagators for them, so by a Propagator variables with wire.Back do not come
// back. Package httpvars and the integrations under contrib bring them. Their server side belongs
// inside of [Handler], which runs what it is given in a context of its own: what is set there is gone
// for what is around it.
//
//	otelhttp.NewHandler(otelvars.Handler(httpvars.HandlerFrom(mux, gateway)), "ledger")
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
// Propagators carry variables with requests only, see Replies above.
//
// It does not make up for a ctx that was not passed on to a library: a client that is
// given context.Background() starts a trace of its own. Give it [Context].
//
// The current span in a goroutine that outlives it stays the current one there, ended as it
// is: spans that are started then are its children still, as they would be with a ctx.
package otelvars
