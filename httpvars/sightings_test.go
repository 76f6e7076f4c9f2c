package httpvars_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"sync"
	"testing"

	"github.com/gocontextvars/contextvars/httpvars"
)

// client returns s.Client() with its transport wrapped, and that transport.
func client(s *httptest.Server) (*http.Client, *http.Transport) {
	c := *s.Client()
	base := c.Transport.(*http.Transport)
	c.Transport = httpvars.Transport(base)
	return &c, base
}

// echo answers with the request's body.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })

// tripper is a RoundTripper without anything else.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// everyHook returns a ClientTrace with all its hooks, which call f with their name.
func everyHook(f func(hook string)) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:              func(string) { f("GetConn") },
		GotConn:              func(httptrace.GotConnInfo) { f("GotConn") },
		PutIdleConn:          func(error) { f("PutIdleConn") },
		GotFirstResponseByte: func() { f("GotFirstResponseByte") },
		Got100Continue:       func() { f("Got100Continue") },
		Got1xxResponse:       func(int, textproto.MIMEHeader) error { f("Got1xxResponse"); return nil },
		DNSStart:             func(httptrace.DNSStartInfo) { f("DNSStart") },
		DNSDone:              func(httptrace.DNSDoneInfo) { f("DNSDone") },
		ConnectStart:         func(string, string) { f("ConnectStart") },
		ConnectDone:          func(string, string, error) { f("ConnectDone") },
		TLSHandshakeStart:    func() { f("TLSHandshakeStart") },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { f("TLSHandshakeDone") },
		WroteHeaderField:     func(string, []string) { f("WroteHeaderField") },
		WroteHeaders:         func() { f("WroteHeaders") },
		Wait100Continue:      func() { f("Wait100Continue") },
		WroteRequest:         func(httptrace.WroteRequestInfo) { f("WroteRequest") },
	}
}

// sightings collects which user was seen by what.
type sightings struct {
	mu   sync.Mutex
	seen map[string]map[string]bool
}

func (s *sightings) add(by string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]map[string]bool{}
	}
	if s.seen[by] == nil {
		s.seen[by] = map[string]bool{}
	}
	s.seen[by][user.Get()] = true
}

// check fails unless each of these was there, and all saw want and nothing else.
func (s *sightings) check(t *testing.T, want string, by ...string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range by {
		if s.seen[b] == nil {
			t.Errorf("%s was not called", b)
		}
	}
	for b, users := range s.seen {
		if len(users) != 1 || !users[want] {
			t.Errorf("%s saw %v, want %q", b, users, want)
		}
	}
}
