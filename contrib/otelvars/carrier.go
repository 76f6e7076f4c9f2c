package otelvars

import (
	"net/http"
	"slices"
	"strings"

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
//
// Somebody may have put the key into the map in another spelling. It is sent like that, and to
// whoever reads it all spellings are one header: so they are read here as well, and one is
// written.
type header http.Header

var canonicalKey = http.CanonicalHeaderKey(wire.Key)

func (h header) Values(string) []string {
	texts := h[canonicalKey]
	for _, key := range h.otherSpellings() {
		texts = slices.Concat(h[key], texts)
	}
	return texts
}

func (h header) Set(_, value string) {
	for _, key := range h.otherSpellings() {
		delete(h, key)
	}
	if value == "" {
		delete(h, canonicalKey)
	} else {
		h[canonicalKey] = []string{value}
	}
}

// otherSpellings are sorted, so that the order of a map does not count.
func (h header) otherSpellings() (keys []string) {
	for key := range h {
		if len(key) == len(canonicalKey) && key != canonicalKey && strings.EqualFold(key, canonicalKey) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// single is a carrier with one value for a key at most.
type single struct{ propagation.TextMapCarrier }

func (s single) Values(key string) []string {
	if value := s.Get(key); value != "" {
		return []string{value}
	}
	return nil
}
