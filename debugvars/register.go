package debugvars

import (
	"net/http"

	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/lifetime"
)

// Register has mux serve the page at [Path], as [Handler] does.
// It calls [lifetime.Track], for good, so that the page shows who holds work that has ended; what that costs is said there.
//
// It panics if mux has something else there, as ServeMux does.
func Register(mux *http.ServeMux, opts ...Option) {
	if mux == nil {
		panic("debugvars: Register was given a nil *http.ServeMux; for the default one use http.DefaultServeMux")
	}
	h := newHandler("Register", opts)
	mux.Handle(Path, h)
	mux.Handle(Path+assets, h)
}

// Handler returns what answers requests with the page, its assets, JSON and text. It may be served at any path, together with
// what is below that path.
//
// Whoever can read the page can read the values of the program's variables: see the package documentation.
func Handler(opts ...Option) http.Handler { return newHandler("Handler", opts) }

func newHandler(call string, opts []Option) *handler {
	o := optionsOf(call, opts)
	if o.provenance {
		frame.Record()
	}
	lifetime.Track()
	return &handler{looks: &looks{interval: o.interval, take: o.look}}
}
