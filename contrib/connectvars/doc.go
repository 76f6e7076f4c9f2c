// Package connectvars carries context variables with Connect calls, over the protocols
// Connect, gRPC, and gRPC-Web, and gives each call a context of its own on the server.
//
// What crosses is said by a [wire.Peer], on each side:
//
//	var tenant = contextvars.New[string]("tenant", wire.Travels(wire.AllHops))
//
//	ledger := wire.NewPeer("ledger", wire.Send(tenant))
//	client := ledgerv1connect.NewLedgerClient(httpClient, url,
//		connect.WithInterceptors(connectvars.Interceptor(ledger)))
//
//	front := wire.NewPeer("front", wire.Accept(tenant))
//	path, handler := ledgerv1connect.NewLedgerHandler(service,
//		connect.WithInterceptors(connectvars.Interceptor(front)))
//
// A nil peer lets nothing cross, and each call still has a context of its own: net/http
// serves all calls of an HTTP/1.1 connection on one goroutine, where a call would see what
// the one before has set.
//
// # On the wire
//
// Requests have their variables in the header "baggage", and replies in the trailer
// "baggage-reply", in the form that the protocol has for trailers: see package wire. It is
// a trailer, and not a header, so that it holds what a handler has set until its end, and
// goes with an error as well. A caller of a unary call has them when the call returns,
// also with an error; one of a stream when Receive has returned the end, which is io.EOF
// or an error. A stream that is not read to its end, brings none. So does a handler that
// panics, unless an interceptor inside of ours recovers. A trailer "baggage-reply" that a
// handler has set by itself on its response, as a proxy does that copies all of them, goes
// along as it is.
//
// A variable with wire.Back that is restored before the handler returns, as with
// defer cost.Set(7).Restore(), is not sent: what goes back is what is set at the end.
//
// # Behind an HTTP proxy
//
// A reverse proxy for HTTP, such as httputil.ReverseProxy, passes on to whoever has called it
// what goes back; with httpvars.TransportTo it takes out headers, but no trailers. If the proxy's
// callers are not to have it, let this server's peer for the proxy send no variables with wire.Back. That
// is the only way for streams of the protocol Connect and for gRPC-Web, which have trailers
// in the body. Else the proxy can take it out. In ModifyResponse from the headers
// "Trailer-Baggage-Reply", which is the trailer of Connect's unary calls, and
// "Baggage-Reply", which gRPC makes of it where a call has no answer but an error:
//
//	func withoutReply(resp *http.Response) error {
//		resp.Header.Del("Trailer-Baggage-Reply")
//		resp.Header.Del("Baggage-Reply")
//		resp.Body = body{resp.Body, resp}
//		return nil
//	}
//
// And from gRPC's trailer when the body has been read, since it is not there before:
//
//	func (b body) Read(p []byte) (int, error) {
//		n, err := b.ReadCloser.Read(p)
//		if err != nil {
//			b.resp.Trailer.Del("Baggage-Reply")
//		}
//		return n, err
//	}
//
// # The HTTP client and server
//
// An http.Transport starts goroutines for each connection, which inherit and keep the
// variables of the call that needed it first. An interceptor cannot change that;
// httpvars.Transport does:
//
//	httpClient := &http.Client{Transport: httpvars.Transport(nil)}
//
// It is not to be httpvars.TransportTo, which carries variables itself, and takes
// out replies that are for the interceptor.
//
// On the server, httpvars.Handler around the mux does for middlewares what the interceptor
// does for handlers.
//
// # What it costs
//
// A unary call over loopback took some 60 µs and 130 allocations without interceptors.
// With four variables on both sides there come 15 allocations and some 3 µs. The benchmarks are in this
// directory and in bench/integrations.
//
// # What it does not promise
//
// Calls by GET, which connect.WithHTTPGet lets side-effect-free methods be, carry
// variables in the header as well, but caches between do not look at them.
package connectvars
