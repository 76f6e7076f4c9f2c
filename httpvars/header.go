package httpvars

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gocontextvars/contextvars/wire"
)

// Header is an http.Header as a [wire.Carrier], for integrations that have one. Unlike http.Header,
// which is a carrier, too, it does not bring the key into its canonical form at each call, with
// an allocation, and it keeps no entry for an empty list.
//
// Somebody may have put a key into the map in another spelling. It is sent like that, and to whoever
// reads it all spellings are one header: so they are read here as well, and one is written. That
// costs a pass over the keys.
type Header http.Header

// Values returns the texts under the key in all spellings.
func (h Header) Values(key string) []string {
	texts := header(h).Values(key)
	for _, other := range h.otherSpellings(key) {
		texts = slices.Concat(h[other], texts)
	}
	return texts
}

// Set changes the map, which must not be nil. An empty text takes the header out.
func (h Header) Set(key, value string) {
	for _, other := range h.otherSpellings(key) {
		delete(h, other)
	}
	header(h).Set(key, value)
}

// otherSpellings are sorted, so that the order of a map does not count.
func (h Header) otherSpellings(key string) (others []string) {
	key = headerKey(key)
	for other := range h {
		if len(other) == len(key) && other != key && strings.EqualFold(other, key) {
			others = append(others, other)
		}
	}
	slices.Sort(others)
	return others
}

// header is a Header that net/http has made, with each key in its canonical form.
type header http.Header

// Keys as http.Header has them, so that no request makes them anew.
const (
	requestKey  = "Baggage"
	responseKey = "Baggage-Reply"
)

func headerKey(key string) string {
	if key == wire.ReplyKey {
		return responseKey
	}
	return requestKey
}

func (h header) Values(key string) []string { return h[headerKey(key)] }

func (h header) Set(key, value string) {
	if key = headerKey(key); value == "" {
		delete(h, key)
	} else {
		h[key] = []string{value}
	}
}
