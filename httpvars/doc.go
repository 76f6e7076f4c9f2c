// Package httpvars keeps context variables apart where net/http uses a
// goroutine again, lets go of them where net/http keeps one, and carries them to
// other processes and back.
//
// A server serves all requests of an HTTP/1.1 connection on one goroutine, so a
// request sees what the one before has set. [Handler] gives each a context of its
// own. With [BaseContext], handlers can use pprof.Do and keep their variables in
// goroutines that they start inside:
//
//	srv := &http.Server{
//		Handler:     httpvars.Handler(mux), // the outermost one
//		BaseContext: httpvars.BaseContext,
//	}
//
// A client's http.Transport starts goroutines for each connection. They inherit
// the variables of the request that needed the connection first, keep them alive as
// long as the connection lives, and call later requests' hooks and bodies with
// them. [Transport] ends that:
//
//	client := &http.Client{Transport: httpvars.Transport(nil)} // the innermost one
//
// A request ends when its handler returns. Who still holds its variables then, a goroutine that nobody waits for or a
// timer, package lifetime knows, if asked to.
//
// Nothing crosses to another process so far. Variables that travel, see package wire, do with
// [HandlerFrom] and [TransportTo] in the place of these, which take the [wire.Peer] that is
// on the other side; the public side gets a nil one.
//
//	srv := &http.Server{Handler: httpvars.HandlerFrom(mux, gateway)}
//	client := &http.Client{Transport: httpvars.TransportTo(nil, ledger)}
//
// # What it costs
//
// A request on a kept-alive connection over loopback took 21 µs and 61 allocations
// without this package, client and server together. The following comes on top; the
// first two lines are less than such a measurement varies from run to run:
//
//	Handler                                      0.1 µs   3 allocations
//	Transport, no body, no httptrace             0.1 µs   3 allocations
//	Transport, a body that is in memory          0.5 µs   5 allocations
//	Transport, a body of another type            1.6 µs  26 allocations, 5 for each Read
//	Transport, a ClientTrace with all its hooks  1.9 µs  30 allocations
//	HandlerFrom, a nil peer                      0.1 µs   3 allocations
//	HandlerFrom, 4 variables                     0.9 µs  10 allocations
//	HandlerFrom, 4 variables, 1 in the reply     1.6 µs  14 allocations
//	TransportTo, a nil peer                      0.2 µs   5 allocations
//	TransportTo, 4 variables                     1.1 µs  10 allocations
//	TransportTo, 4 variables, 1 in the reply     1.6 µs  14 allocations
//
// The header itself, whoever writes it, costs net/http about as much as HandlerFrom. These are from the
// benchmarks in this directory and in bench/integrations, on 2 cores of an AMD EPYC
// server with Go 1.26.
package httpvars
