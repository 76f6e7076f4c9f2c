package connectvars

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gocontextvars/contextvars/wire"
)

// header is an http.Header as a carrier, which spares the search for the form of its keys.
//
// Somebody may have put a key into the map in another spelling. It is sent like that, and to
// whoever reads it all spellings are one header: so they are read here as well, and one is
// written.
type header http.Header

func (h header) Values(key string) []string {
	key = canonical(key)
	texts := h[key]
	for _, other := range h.otherSpellings(key) {
		texts = slices.Concat(h[other], texts)
	}
	return texts
}

func (h header) Set(key, value string) {
	key = canonical(key)
	for _, other := range h.otherSpellings(key) {
		delete(h, other)
	}
	if value == "" {
		delete(h, key)
	} else {
		h[key] = []string{value}
	}
}

// otherSpellings are sorted, so that the order of a map does not count.
func (h header) otherSpellings(key string) (others []string) {
	for other := range h {
		if len(other) == len(key) && other != key && strings.EqualFold(other, key) {
			others = append(others, other)
		}
	}
	slices.Sort(others)
	return others
}

func canonical(key string) string {
	if key == wire.ReplyKey {
		return "Baggage-Reply"
	}
	return "Baggage"
}
