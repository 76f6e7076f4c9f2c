package httpvars_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/httpvars"
)

// BenchmarkLoopback sends requests over one kept-alive connection.
func BenchmarkLoopback(b *testing.B) {
	answer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	for _, bb := range []struct {
		name    string
		handler http.Handler
		wrap    func(http.RoundTripper) http.RoundTripper
	}{
		{"plain", answer, func(rt http.RoundTripper) http.RoundTripper { return rt }},
		{"Handler", httpvars.Handler(answer), func(rt http.RoundTripper) http.RoundTripper { return rt }},
		{"Transport", answer, httpvars.Transport},
		{"both", httpvars.Handler(answer), httpvars.Transport},
	} {
		for name, body := range map[string]func() io.Reader{
			"GET":         func() io.Reader { return nil },
			"custom body": func() io.Reader { return newBody("content") },
		} {
			b.Run(name+"/"+bb.name, func(b *testing.B) {
				defer user.Set("caller").Restore()
				s := start(b, bb.handler, false)
				rt := bb.wrap(s.Client().Transport)
				b.ReportAllocs()
				for b.Loop() {
					req, err := http.NewRequest("POST", s.URL, body())
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
		}
	}
}

// BenchmarkHandler is what Handler adds: there is no network.
func BenchmarkHandler(b *testing.B) {
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	for name, h := range map[string]http.Handler{"plain": next, "Handler": httpvars.Handler(next)} {
		b.Run(name, func(b *testing.B) {
			defer user.Set("server").Restore()
			b.ReportAllocs()
			for b.Loop() {
				h.ServeHTTP(w, r)
			}
		})
	}
}

// BenchmarkTransport is what Transport adds: there is no network.
func BenchmarkTransport(b *testing.B) {
	base := tripper(func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			io.Copy(io.Discard, r.Body) // two Reads
			r.Body.Close()
		}
		if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
			trace.WroteHeaders()
		}
		return nil, nil
	})
	plain := httptest.NewRequest("GET", "/", nil)
	plain.Body = nil
	traced := plain.WithContext(httptrace.WithClientTrace(b.Context(), everyHook(func(string) {})))
	content := newBody("content")
	for _, bb := range []struct {
		name string
		req  *http.Request
	}{
		{"no body", plain},
		{"custom body", httptest.NewRequest("POST", "/", io.NopCloser(struct{ io.Reader }{content}))},
		{"bytes", httptest.NewRequest("POST", "/", strings.NewReader("content"))},
		{"hooks", traced},
	} {
		for name, rt := range map[string]http.RoundTripper{"plain": base, "Transport": httpvars.Transport(base)} {
			b.Run(bb.name+"/"+name, func(b *testing.B) {
				defer user.Set("caller").Restore()
				b.ReportAllocs()
				for b.Loop() {
					content.from.Seek(0, io.SeekStart)
					rt.RoundTrip(bb.req)
				}
			})
		}
	}
}
