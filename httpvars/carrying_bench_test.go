package httpvars_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

var region = contextvars.New[string]("region", wire.Travels(wire.AllHops))

// Peers of the benchmarks, of which one gets what replies have.
var (
	oneWay   = wire.NewPeer("one way", wire.Send(tenant, debug, customer, region), wire.Accept(tenant, debug, customer, region))
	bothWays = wire.NewPeer("both ways", wire.Send(tenant, debug, customer, region, cost), wire.Accept(tenant, debug, customer, region, cost))
)

// withFour runs f with four variables that travel.
func withFour(f func()) {
	apart(func() {
		tenant.Set("acme")
		debug.Set("on")
		customer.Set("7f3a9c52-0f0e-4c43-9a59-5b0a6a3b9f10")
		region.Set("eu-3")
		f()
	})
}

// BenchmarkCarryingLoopback sends requests with four variables over one kept-alive connection.
func BenchmarkCarryingLoopback(b *testing.B) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cost.Set(7)
		w.WriteHeader(http.StatusNoContent)
	})
	for _, bb := range []struct {
		name    string
		handler http.Handler
		wrap    func(http.RoundTripper) http.RoundTripper
	}{
		{"plain", httpvars.Handler(answer), func(rt http.RoundTripper) http.RoundTripper { return rt }},
		{"HandlerFrom", httpvars.HandlerFrom(answer, oneWay), withList},
		{"both", httpvars.HandlerFrom(answer, oneWay), func(rt http.RoundTripper) http.RoundTripper { return httpvars.TransportTo(rt, oneWay) }},
		{"both, reply", httpvars.HandlerFrom(answer, bothWays), func(rt http.RoundTripper) http.RoundTripper { return httpvars.TransportTo(rt, bothWays) }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s := start(b, bb.handler, false)
			rt := bb.wrap(s.Client().Transport)
			withFour(func() {
				b.ReportAllocs()
				for b.Loop() {
					req, err := http.NewRequest("GET", s.URL, nil)
					if err != nil {
						b.Fatal(err)
					}
					resp, err := rt.RoundTrip(req)
					if err != nil {
						b.Fatal(err)
					}
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
			})
		})
	}
}

// withList is a client that sends a ready-made list.
func withList(rt http.RoundTripper) http.RoundTripper {
	return tripper(func(r *http.Request) (*http.Response, error) {
		r.Header["Baggage"] = []string{list()}
		return rt.RoundTrip(r)
	})
}

// list is what the peers get of the four.
var list = func() func() string {
	m := wire.Map{}
	withFour(func() { oneWay.Inject(m) })
	return func() string { return m[wire.Key] }
}()

// noWriter is a ResponseWriter that does nothing, and can do what the server's can.
type noWriter struct {
	http.ResponseWriter
	http.Flusher
	http.Hijacker
	io.ReaderFrom
	closeNotifier
	header http.Header
}

func (w *noWriter) Header() http.Header { return w.header }
func (w *noWriter) WriteHeader(int)     {}

// BenchmarkHandlerFrom is what HandlerFrom adds: there is no network.
func BenchmarkHandlerFrom(b *testing.B) {
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	costly := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cost.Set(7)
		w.WriteHeader(http.StatusNoContent)
	})
	r := httptest.NewRequest("GET", "/", nil)
	for _, bb := range []struct {
		name, list string
		h          http.Handler
	}{
		{"plain", "", next},
		{"Handler", "", httpvars.Handler(next)},
		{"nil peer", list(), httpvars.HandlerFrom(next, nil)},
		{"nothing", "", httpvars.HandlerFrom(next, oneWay)},
		{"4 variables", list(), httpvars.HandlerFrom(next, oneWay)},
		{"4 variables, no reply", list(), httpvars.HandlerFrom(next, bothWays)},
		{"4 variables, reply", list(), httpvars.HandlerFrom(costly, bothWays)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			if r.Header.Del("Baggage"); bb.list != "" {
				r.Header.Set("Baggage", bb.list)
			}
			w := &noWriter{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				bb.h.ServeHTTP(w, r)
			}
		})
	}
}

// BenchmarkTransportTo is what TransportTo adds: there is no network.
func BenchmarkTransportTo(b *testing.B) {
	resp := &http.Response{Header: http.Header{}, Body: http.NoBody}
	base := tripper(func(r *http.Request) (*http.Response, error) { return resp, nil })
	reply := []string{"cost=7"}
	replying := tripper(func(r *http.Request) (*http.Response, error) {
		resp.Header["Baggage-Reply"] = reply
		return resp, nil
	})
	req, err := http.NewRequest("GET", "http://localhost/", nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header = http.Header{"Accept": {"*/*"}, "Authorization": {"x"}, "User-Agent": {"y"}}
	for _, bb := range []struct {
		name string
		rt   http.RoundTripper
	}{
		{"plain", base},
		{"Transport", httpvars.Transport(base)},
		{"nil peer", httpvars.TransportTo(base, nil)},
		{"4 variables", httpvars.TransportTo(base, oneWay)},
		{"4 variables, reply", httpvars.TransportTo(replying, bothWays)},
	} {
		b.Run(bb.name, func(b *testing.B) {
			withFour(func() {
				b.ReportAllocs()
				for b.Loop() {
					bb.rt.RoundTrip(req)
				}
			})
		})
	}
}
