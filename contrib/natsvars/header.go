package natsvars

import (
	"maps"
	"net/http"
	"slices"
	"strings"

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
// Baggage, and so everybody else, writes "baggage". All spellings are read. If the message
// has "Baggage", that is written, too, and else "baggage"; never two, so that nobody has to
// guess which one is right.
type Header nats.Header

// Values returns the texts under the key in all spellings.
func (h Header) Values(key string) []string {
	texts, canonical := h[key], http.CanonicalHeaderKey(key)
	if key != canonical && len(h[canonical]) > 0 {
		texts = slices.Concat(texts, h[canonical])
	}
	for _, other := range h.otherSpellings(key, canonical) {
		texts = slices.Concat(h[other], texts)
	}
	return texts
}

// Set changes the map, which must not be nil. An empty text takes the header out.
func (h Header) Set(key, value string) {
	canonical := http.CanonicalHeaderKey(key)
	for _, other := range h.otherSpellings(key, canonical) {
		delete(h, other)
	}
	if len(h[canonical]) > 0 || value == "" {
		delete(h, key)
		key = canonical
	}
	if delete(h, key); value != "" {
		h[key] = []string{value}
	}
}

// otherSpellings are sorted, so that the order of a map does not count.
func (h Header) otherSpellings(key, canonical string) (others []string) {
	for other := range h {
		if len(other) == len(key) && other != key && other != canonical && strings.EqualFold(other, key) {
			others = append(others, other)
		}
	}
	slices.Sort(others)
	return others
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
