// Package grpcvars carries context variables with gRPC calls, and keeps them apart where
// gRPC uses a goroutine again.
//
// What crosses is said by a [wire.Peer], on each side:
//
//	var tenant = contextvars.New[string]("tenant", wire.Travels(wire.AllHops))
//
//	ledger := wire.NewPeer("ledger", wire.Send(tenant))
//	conn, err := grpcvars.NewClient(address,
//		grpc.WithUnaryInterceptor(grpcvars.UnaryClientInterceptor(ledger)),
//		grpc.WithStreamInterceptor(grpcvars.StreamClientInterceptor(ledger)), ...)
//
//	front := wire.NewPeer("front", wire.Accept(tenant))
//	server := grpc.NewServer(
//		grpc.UnaryInterceptor(grpcvars.UnaryServerInterceptor(front)),
//		grpc.StreamInterceptor(grpcvars.StreamServerInterceptor(front)))
//
// A nil peer lets nothing cross. The interceptors are of use even then: each call has a
// context of its own on the server, also with grpc.NumStreamWorkers, and connections hold
// nothing of the callers for whom they were made.
//
// # On the wire
//
// Requests have their variables in the metadata "baggage", and replies in the trailer
// "baggage-reply": see package wire. It is a trailer, and not a header, so that it holds
// what a handler has set until its end, and goes with an error as well. A caller of a
// unary call has them when the call returns, also with an error; one of a stream when
// RecvMsg has returned the end, which is io.EOF, an error, or the only message of a call
// whose server does not stream. A stream that is not read to its end, brings none. So does
// a handler that panics, unless an interceptor inside of ours recovers. A trailer
// "baggage-reply" that a handler has set by itself, as a proxy does that copies all of
// them, goes along as it is.
//
// A variable with wire.Back that is restored before the handler returns, as with
// defer cost.Set(7).Restore(), is not sent: what goes back is what is set at the end.
//
// # Behind an HTTP proxy
//
// A reverse proxy for HTTP, such as httputil.ReverseProxy, passes "baggage-reply" on to
// whoever has called it: the trailer, and the header that gRPC makes of it where a call has
// no answer but an error. With httpvars.TransportTo it takes out the header, but not the
// trailer. If the proxy's callers are not to have it, let this server's peer for the proxy
// send no variables with wire.Back. Where that cannot be, the proxy has to take it out: from
// Header in ModifyResponse, and from Trailer when the body has been read, which is when the
// trailer is there. That is a Body around the response's own:
//
//	func (b body) Read(p []byte) (int, error) {
//		n, err := b.ReadCloser.Read(p)
//		if err != nil {
//			b.resp.Trailer.Del("Baggage-Reply")
//		}
//		return n, err
//	}
//
// # Where the interceptors belong
//
// The client's go innermost, last in a chain. An interceptor around them that makes calls
// on goroutines of its own, as for hedging, has the reply's variables set there, and not
// on the caller's. For the server's, the first in the chain is the best place: what other
// interceptors set around them, stays on a stream worker, and they do not see what has
// arrived.
//
// Retries of gRPC itself send what the call was made with; the reply's variables are those
// of the last attempt.
//
// An otelgrpc stats handler with OpenTelemetry's Baggage propagator writes "baggage" after
// the interceptors and puts its own list in the place of theirs, if its list is not empty.
// There, have the propagator of otelvars carry the variables, behind that of
// OpenTelemetry. Its interceptors for servers go before those of this package, which are
// then needed for replies only.
//
// # What it costs
//
// A unary call over loopback took some 30 to 40 µs and 146 allocations without interceptors.
// With four variables on both sides there come some 4 µs and 30 allocations, of which the
// metadata itself is half, with closed peers 16 allocations. A message of a stream costs
// nothing more. The benchmarks are in this directory and in bench/integrations.
//
// # What it does not promise
//
// What is too long is dropped by package wire, which takes up to 8192 bytes; servers
// of other languages may have a lower limit for all metadata together, and refuse calls
// above it: Java's is 8192 bytes. Limit what you send with wire.MaxValueBytes.
//
// While a call is being made, variables with the option [contextvars.Label] are not among
// the profiler labels of the goroutine that makes it: see [contextvars.Lend].
package grpcvars
