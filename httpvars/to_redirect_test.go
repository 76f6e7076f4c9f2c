package httpvars_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// trail is a set of servers that redirect as the path says, /a/b is to a's /b, and keep which
// baggage arrived where. Each replies with a cost that tells the number of the request.
type trail struct {
	mu      sync.Mutex
	servers map[string]*httptest.Server
	seen    []string
}

func newTrail(t *testing.T) *trail {
	tr := &trail{servers: map[string]*httptest.Server{}}
	for _, name := range []string{"a", "b", "tls"} {
		h := httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			tr.mu.Lock()
			defer tr.mu.Unlock()
			tr.seen = append(tr.seen, fmt.Sprintf("%s%q", name, r.Header["Baggage"]))
			cost.Set(len(tr.seen))
			if next, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); next != "" {
				http.Redirect(w, r, tr.servers[next].URL+"/"+rest, http.StatusTemporaryRedirect)
			}
		}), wire.Trusted())
		tr.servers[name] = start(t, h, name == "tls")
	}
	return tr
}

func (tr *trail) take() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	defer func() { tr.seen = nil }()
	return strings.Join(tr.seen, " ")
}

// Where a redirect leads to another host or another scheme, nothing is sent or taken from there
// on, even where it leads back.
func TestRedirects(t *testing.T) {
	tr := newTrail(t)
	base := tr.servers["tls"].Client().Transport
	c := &http.Client{Transport: httpvars.TransportTo(base, wire.Trusted())}
	defer c.CloseIdleConnections()
	const sent, nothing = `["tenant=acme"]`, `[]`
	for path, tt := range map[string]struct {
		seen string
		cost int // of the last request from which it is taken
	}{
		"/":         {"a" + sent, 1},
		"/a":        {"a" + sent + " a" + sent, 2},
		"/a/a":      {"a" + sent + " a" + sent + " a" + sent, 3},
		"/b":        {"a" + sent + " b" + nothing, 1},
		"/b/b":      {"a" + sent + " b" + nothing + " b" + nothing, 1},
		"/b/a":      {"a" + sent + " b" + nothing + " a" + nothing, 1},
		"/a/b/a/a":  {"a" + sent + " a" + sent + " b" + nothing + " a" + nothing + " a" + nothing, 2},
		"/tls":      {"a" + sent + " tls" + nothing, 1},
		"/tls/tls/": {"a" + sent + " tls" + nothing + " tls" + nothing, 1},
	} {
		t.Run(path, func(t *testing.T) {
			for _, wrap := range []func(*http.Client) *http.Client{
				func(c *http.Client) *http.Client { return c },
				func(c *http.Client) *http.Client { return &http.Client{Transport: cloning{c.Transport}} },
			} {
				apart(func() {
					as(t, wrap(c), "acme", tr.servers["a"].URL+path)
					wantCost(t, tt.cost)
					want(t, "seen", tr.take(), tt.seen)
				})
			}
		})
	}
}

// cloning is what a RoundTripper around ours may do, to set a header for instance.
type cloning struct{ http.RoundTripper }

func (c cloning) RoundTrip(r *http.Request) (*http.Response, error) {
	return c.RoundTripper.RoundTrip(r.Clone(r.Context()))
}

// The same host under another scheme is another one: what is between may be other people.
func TestRedirectToAnotherSchemeOfTheSameHost(t *testing.T) {
	var sent []string
	rt := httpvars.TransportTo(tripper(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.URL.String()+" "+r.Header.Get("Baggage"))
		if r.URL.Scheme == "http" {
			return &http.Response{StatusCode: 200, Header: http.Header{"Baggage-Reply": {"cost=7"}}, Body: http.NoBody, Request: r}, nil
		}
		return &http.Response{StatusCode: 302, Header: http.Header{"Location": {"http://host/2"}}, Body: http.NoBody, Request: r}, nil
	}), wire.Trusted())
	apart(func() {
		as(t, &http.Client{Transport: rt}, "acme", "https://host/1")
		wantCost(t, 0)
	})
	if !slices.Equal(sent, []string{"https://host/1 tenant=acme", "http://host/2 "}) {
		t.Errorf("%q", sent)
	}
}

// A base that does not say which request a response belongs to: nobody knows where the redirect
// came from, so nothing is sent.
func TestRedirectOfAnUnknownRequest(t *testing.T) {
	var sent []string
	rt := httpvars.TransportTo(tripper(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.URL.Host+" "+r.Header.Get("Baggage"))
		if r.URL.Host == "elsewhere" {
			return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
		}
		return &http.Response{StatusCode: 302, Header: http.Header{"Location": {"http://elsewhere/"}}, Body: http.NoBody}, nil
	}), wire.Trusted())
	as(t, &http.Client{Transport: rt}, "acme", "http://host/")
	if !slices.Equal(sent, []string{"host tenant=acme", "elsewhere "}) {
		t.Errorf("%q", sent)
	}
}

// By host, each request of a redirect has what its own peer is open for.
func TestRedirectsByHost(t *testing.T) {
	tr := newTrail(t)
	b := strings.TrimPrefix(tr.servers["b"].URL, "http://")
	base := &http.Transport{}
	defer base.CloseIdleConnections()
	c := &http.Client{Transport: httpvars.TransportToFunc(base, func(r *http.Request) *wire.Peer {
		if r.URL.Host == b {
			return wire.Trusted()
		}
		return nil
	})}
	apart(func() {
		as(t, c, "acme", tr.servers["a"].URL+"/b/a/b/a")
		want(t, "seen", tr.take(), `a[] b["tenant=acme"] a[] b["tenant=acme"] a[]`)
		wantCost(t, 4)
	})
}
