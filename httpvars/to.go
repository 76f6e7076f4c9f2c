package httpvars

import (
	"maps"
	"net/http"
	"slices"

	"github.com/gocontextvars/contextvars/wire"
)

// TransportTo is [Transport] with the caller's variables going to the peer with each request,
// as far as it is open for them. What the peer sends back with its response, of variables with
// [wire.Back], is set in the context that RoundTrip is called in, which with http.Client is
// that of the caller of Do. It is not passed on: the header is taken out of the response,
// whoever has sent it. Trailers are not looked at: a reverse proxy in front of gRPC servers has to take
// Baggage-Reply out of resp.Trailer itself.
//
// All requests that go through it are for the one peer, so it is for a client of one service.
// If that redirects a request to another host, or to another scheme, neither this one nor
// those that follow have variables, and none are taken back. For a client of several services
// use [TransportToFunc].
//
// A header "Baggage" that the request has already, in whatever spelling, is kept, but for entries of variables that
// travel: those are written from the variables alone. The caller's request is not changed.
//
// The cost is that of [Transport], some 200 ns for each variable, a copy of the request's
// header, and with a reply some 500 ns.
func TransportTo(base http.RoundTripper, peer *wire.Peer) http.RoundTripper {
	return &transport{base, func(req *http.Request) *wire.Peer {
		if redirectedElsewhere(req) {
			return nil
		}
		return peer
	}}
}

// TransportToFunc is [TransportTo] for a client of several services: peer returns the one that
// the request goes to, nil for strangers. It is called for each request, also for those of
// redirects, on the goroutine of RoundTrip, and should go by req.URL alone. A nil peer func
// panics.
func TransportToFunc(base http.RoundTripper, peer func(*http.Request) *wire.Peer) http.RoundTripper {
	checkPeerFunc("TransportToFunc", peer)
	return &transport{base, peer}
}

// redirectedElsewhere reports whether a server has led the client away from where it began, or
// may have: some RoundTrippers do not say which request a response belongs to.
func redirectedElsewhere(req *http.Request) bool {
	for r := req; r.Response != nil; {
		from := r.Response.Request
		if from == nil || r.URL.Host != from.URL.Host || r.URL.Scheme != from.URL.Scheme {
			return true
		}
		r = from
	}
	return false
}

// carrying returns out, or a copy of it, with the peer's variables in its header. The caller's
// request is not to be changed.
func carrying(out, req *http.Request, peer *wire.Peer) *http.Request {
	h := outgoing{header: header(req.Header)}
	if peer.Inject(&h); !h.changed {
		return out
	}
	if out == req {
		out = req.WithContext(req.Context())
	}
	out.Header = http.Header(h.header)
	return out
}

// outgoing is a request's header, which is copied when it is changed.
type outgoing struct {
	header
	changed bool
}

func (h *outgoing) Set(key, value string) {
	h.change()
	h.header.Set(key, value)
}

func (h *outgoing) change() {
	if !h.changed {
		h.changed = true
		if h.header = maps.Clone(h.header); h.header == nil {
			h.header = make(header)
		}
	}
}

// Values also finds what was put under the key in another spelling, which would go out beside ours.
func (h *outgoing) Values(key string) []string {
	for _, k := range Header(h.header).otherSpellings(key) {
		h.change()
		h.header[requestKey] = append(slices.Clip(h.header[requestKey]), h.header[k]...)
		delete(h.header, k)
	}
	return h.header.Values(key)
}

// take sets what a response has brought.
func take(resp *http.Response, peer *wire.Peer) {
	_, ok := resp.Header[responseKey]
	_, unary := resp.Header[connectKey]
	if !ok && !unary {
		return
	}
	peer.ExtractReply(header(resp.Header))
	resp.Header = maps.Clone(resp.Header) // it may be somebody's cache
	delete(resp.Header, responseKey)
	delete(resp.Header, connectKey)
}

// connectKey is where a Connect server puts what would be a trailer.
const connectKey = "Trailer-" + responseKey
