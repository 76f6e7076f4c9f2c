package connectvars

import (
	"net/http"

	"github.com/gocontextvars/contextvars/wire"
)

// header is an http.Header as a carrier, which spares the search for the form of its keys.
type header http.Header

func (h header) Values(key string) []string { return h[canonical(key)] }

func (h header) Set(key, value string) {
	if key = canonical(key); value == "" {
		delete(h, key)
	} else {
		h[key] = []string{value}
	}
}

func canonical(key string) string {
	if key == wire.ReplyKey {
		return "Baggage-Reply"
	}
	return "Baggage"
}
