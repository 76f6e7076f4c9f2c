package otelvars

import (
	"go.opentelemetry.io/otel/propagation"

	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// carrierOf returns an OpenTelemetry carrier as one of package wire.
func carrierOf(c propagation.TextMapCarrier) wire.Carrier {
	switch c := c.(type) {
	case propagation.HeaderCarrier:
		return httpvars.Header(c)
	case propagation.MapCarrier:
		return wire.Map(c)
	case wire.Carrier: // it has Values
		return c
	}
	return single{c}
}

// single is a carrier with one value for a key at most.
type single struct{ propagation.TextMapCarrier }

func (s single) Values(key string) []string {
	if value := s.Get(key); value != "" {
		return []string{value}
	}
	return nil
}
