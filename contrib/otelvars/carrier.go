package otelvars

import (
	"net/http"

	"go.opentelemetry.io/otel/propagation"

	"github.com/gocontextvars/contextvars/wire"
)

// carrierOf returns an OpenTelemetry carrier as one of package wire.
func carrierOf(c propagation.TextMapCarrier) wire.Carrier {
	switch c := c.(type) {
	case propagation.HeaderCarrier:
		return header(c)
	case propagation.MapCarrier:
		return wire.Map(c)
	case wire.Carrier: // it has Values
		return c
	}
	return single{c}
}

// header is an http.Header for the key wire.Key alone, which http.Header would bring into its
// canonical form at each call, with an allocation.
type header http.Header

var canonicalKey = http.CanonicalHeaderKey(wire.Key)

func (h header) Values(string) []string { return h[canonicalKey] }
func (h header) Set(_, value string)    { h[canonicalKey] = []string{value} }

// single is a carrier with one value for a key at most.
type single struct{ propagation.TextMapCarrier }

func (s single) Values(key string) []string {
	if value := s.Get(key); value != "" {
		return []string{value}
	}
	return nil
}
