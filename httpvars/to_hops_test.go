package httpvars_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"

	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// Three servers in a row. Each tells what it saw, and then what the one behind it told.
func TestHops(t *testing.T) {
	for _, p := range carriers {
		t.Run(p.name, func(t *testing.T) {
			handler := func(name string, next func() string) http.Handler {
				return httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					told := fmt.Sprintf("%s: %s, %q, %s", name, tenant.Get(), debug.Get(), user.Get())
					if told += next(); r.URL.Path != "/silent" {
						io.WriteString(w, told)
					}
				}), wire.Trusted())
			}
			calls := func(base *http.Transport, url string) func() string {
				c := &http.Client{Transport: httpvars.TransportTo(base, wire.Trusted())}
				return func() string { return "; " + fetch(t, c, url) }
			}
			third, toThird := serveOver(t, p.name, handler("third", func() string {
				cost.Set(7)
				return ""
			}))
			second, toSecond := serveOver(t, p.name, handler("second", calls(toThird, third)))
			first, toFirst := serveOver(t, p.name, handler("first", func() string {
				defer debug.Set("first's own").Restore()
				return calls(toSecond, second)()
			}))
			c := &http.Client{Transport: httpvars.TransportTo(toFirst, wire.Trusted())}
			apart(func() {
				user.Set("does not travel")
				debug.Set("caller's")
				want(t, "told", as(t, c, "acme", first),
					`first: acme, "caller's", ; second: acme, "first's own", ; third: acme, "", `)
				wantCost(t, 7) // from the third, by the second and the first
			})
		})
	}
}

// Entries that the server in the middle does not know go on unchanged, and stop at peers that are not open for them.
func TestUnknownEntriesGoOn(t *testing.T) {
	last := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header["Baggage"]) }), false)
	for peer, wanted := range map[*wire.Peer]string{
		wire.Trusted(): "[theirs=%20x;p=1,tenant=acme]", wire.NewPeer("narrow", wire.Send(tenant)): "[tenant=acme]", nil: "[]",
	} {
		c := &http.Client{Transport: httpvars.TransportTo(last.Client().Transport, peer)}
		middle := start(t, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, fetch(t, c, last.URL))
		}), wire.Trusted()), false)
		req, _ := http.NewRequest("GET", middle.URL, nil)
		req.Header.Set("Baggage", "theirs=%20x;p=1,tenant=acme")
		want(t, fmt.Sprint(peer), roundTrip(t, middle.Client(), req), wanted)
	}
}

// A front that is closed, with a proxy that copies all headers to a backend that is open, and
// back. What a public client writes does not get through, nor does what the backend
// writes for the front.
func TestReverseProxyIsNoWayAround(t *testing.T) {
	for _, p := range carriers {
		t.Run(p.name, func(t *testing.T) {
			backend, toBackend := serveOver(t, p.name, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				cost.Set(7)
				w.Header().Set("Link", "early")
				w.WriteHeader(http.StatusEarlyHints)
				fmt.Fprintf(w, "%s %q", saw(tenant.Get(), debug.Get()), r.Header["Baggage"])
			}), wire.Trusted()))
			target, err := url.Parse(backend)
			if err != nil {
				t.Fatal(err)
			}
			proxy := httputil.NewSingleHostReverseProxy(target)
			proxy.Transport = httpvars.TransportTo(toBackend, wire.Trusted())
			costs := make(chan int, 1)
			front, toFront := serveOver(t, p.name, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/signed-in" {
					tenant.Set("from the session")
				}
				proxy.ServeHTTP(w, r)
				costs <- cost.Get()
			}), nil))
			public := &http.Client{Transport: toFront}
			for path, wanted := range map[string]string{
				"/":          saw("", "") + ` ["theirs=1"]`,
				"/signed-in": saw("from the session", "") + ` ["theirs=1,tenant=from%20the%20session"]`,
			} {
				req, err := http.NewRequest("GET", front+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Header["Baggage"] = []string{"tenant=evil,theirs=1", "debug=evil"}
				req.Header.Set("Baggage-Reply", "cost=99")
				resp, err := public.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil {
					t.Fatal(err)
				}
				want(t, "the backend saw", string(body), wanted)
				want(t, "the front has", <-costs, 7)
				if list, ok := resp.Header["Baggage-Reply"]; ok {
					t.Errorf("the client gets %q", list)
				}
			}
		})
	}
}

// A proxy between processes that trust each other is one that variables go through, both ways.
func TestReverseProxyBetweenTrustedPeers(t *testing.T) {
	backend, toBackend := serveOver(t, "HTTP/1.1", httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cost.Set(7)
		teller(w, r)
	}), wire.Trusted()))
	target, err := url.Parse(backend)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = httpvars.TransportTo(toBackend, wire.Trusted())
	over(t, httpvars.HandlerFrom(proxy, wire.Trusted()), func(t *testing.T, c *http.Client, url string) {
		debug.Set("one hop")
		want(t, "the backend saw", as(t, c, "acme", url), saw("acme", ""))
		wantCost(t, 7)
	})
}
