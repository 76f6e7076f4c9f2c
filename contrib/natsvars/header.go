package natsvars

import (
	"maps"
	"net/http"
	"slices"

	"github.com/nats-io/nats.go"

	"github.com/gocontextvars/contextvars/wire"
)

// Header is a [wire.Carrier] for the headers of a message, for code that takes messages by
// itself: from a channel, by NextMsg, or from an iterator of JetStream.
//
//	peer.Extract(natsvars.Header(m.Header)).Run(func() { work(m) })
//
// The names of a nats.Header tell upper from lower case. Instrumentations of OpenTelemetry
// for Go write "Baggage", since they take it for an http.Header; the specification of W3C
// Baggage, and so everybody else, writes "baggage". Both are read. If the message has
// "Baggage", that is written, too, and else "baggage"; never both, so that nobody has to
// guess which one is right.
type Header nats.Header

// Values returns the texts under the key in either spelling.
func (h Header) Values(key string) []string {
	exact, canonical := h[key], h[http.CanonicalHeaderKey(key)]
	if len(canonical) == 0 || key == http.CanonicalHeaderKey(key) {
		return exact
	}
	return slices.Concat(exact, canonical)
}

// Set changes the map, which must not be nil. An empty text takes the header out.
func (h Header) Set(key, value string) {
	if canonical := http.CanonicalHeaderKey(key); len(h[canonical]) > 0 || value == "" {
		delete(h, key)
		key = canonical
	}
	if delete(h, key); value != "" {
		h[key] = []string{value}
	}
}

// outgoing is the headers of a message that is about to be sent. They are copied before
// they are changed: the message is its owner's, who may send it again, from elsewhere.
type outgoing struct {
	header nats.Header
	copied bool
}

func (o *outgoing) Values(key string) []string { return Header(o.header).Values(key) }

func (o *outgoing) Set(key, value string) {
	if !o.copied {
		o.header, o.copied = maps.Clone(o.header), true
		if o.header == nil {
			o.header = make(nats.Header, 1)
		}
	}
	Header(o.header).Set(key, value)
}

var _, _ wire.Carrier = Header{}, (*outgoing)(nil)
