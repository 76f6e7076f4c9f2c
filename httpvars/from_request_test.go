package httpvars_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

func TestRequestBringsVariables(t *testing.T) {
	over(t, httpvars.HandlerFrom(teller, wire.Trusted()), func(t *testing.T, c *http.Client, url string) {
		defer debug.Set("on").Restore()
		for _, name := range []string{"acme", "", "Zoë & Co., 100 %; \"x\"=\\\n"} {
			want(t, "the handler saw", as(t, c, name, url), saw(name, "on"))
		}
	})
}

// What one request of a connection has brought or set, the next one does not see.
func TestHandlerFromKeepsRequestsOfAConnectionApart(t *testing.T) {
	for name, peer := range map[string]*wire.Peer{"trusted": wire.Trusted(), "nil": nil} {
		t.Run(name, func(t *testing.T) {
			over(t, httpvars.HandlerFrom(leaver, peer), func(t *testing.T, c *http.Client, url string) {
				for range 3 {
					want(t, "the handler", as(t, c, "acme", url), `found ""`)
				}
			})
		})
	}
	over(t, httpvars.HandlerFrom(teller, wire.Trusted()), func(t *testing.T, c *http.Client, url string) {
		want(t, "the first saw", as(t, c, "acme", url), saw("acme", ""))
		want(t, "the second saw", fetch(t, c, url), saw("", ""))
	})
}

// Variables of the server's that a request does not bring stay as they are there.
func TestHandlerFromSeesTheServersVariables(t *testing.T) {
	defer tenant.Set("the server's").Restore()
	defer user.Set("server").Restore()
	over(t, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, tenant.Get(), ", ", user.Get())
	}), wire.Trusted()), func(t *testing.T, c *http.Client, url string) {
		want(t, "without", fetch(t, c, url), "the server's, server")
		want(t, "with", as(t, c, "acme", url), "acme, server")
	})
}

func TestGoroutinesOfHandlerFromInherit(t *testing.T) {
	over(t, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inside := make(chan string)
		go func() { inside <- tenant.Get() }()
		fmt.Fprint(w, <-inside)
	}), wire.Trusted()), func(t *testing.T, c *http.Client, url string) {
		want(t, "the goroutine saw", as(t, c, "acme", url), "acme")
	})
}

// The header stays, for others that read baggage.
func TestHandlerFromLeavesTheRequestAsItIs(t *testing.T) {
	var r *http.Request
	inner := httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, inside *http.Request) {
		if inside != r {
			t.Error("another request")
		}
		fmt.Fprint(w, inside.Header["Baggage"])
	}), wire.Trusted())
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, outside *http.Request) {
		r = outside
		inner.ServeHTTP(w, outside)
	}), false)
	req, _ := http.NewRequest("GET", s.URL, nil)
	req.Header["Baggage"] = []string{"tenant=a,x=1", "y=2"}
	want(t, "the header", roundTrip(t, s.Client(), req), "[tenant=a,x=1 y=2]")
}

// Clients may spread a list over several lines; of a variable the last entry counts.
func TestRequestWithSeveralLines(t *testing.T) {
	s := start(t, httpvars.HandlerFrom(teller, wire.Trusted()), false)
	req, _ := http.NewRequest("GET", s.URL, nil)
	req.Header["Baggage"] = []string{"tenant=a , debug=d;hops=1", "tenant=b"}
	want(t, "the handler saw", roundTrip(t, s.Client(), req), saw("b", "d"))
}

// hostileLists are what nobody should be harmed by.
var hostileLists = map[string]string{
	"not allowed":  "tenant=evil,debug=evil,cost=1",
	"malformed":    "tenant,=,;,tenant=\"x\",tenant=%zz,tenant=%,tenant=%ff%fe,\x80\xff=1,ten ant=1,tenant=\xff",
	"too long":     "tenant=" + strings.Repeat("a", 100_000),
	"too many":     strings.Repeat("tenant=evil,", 65),
	"commas":       strings.Repeat(",", 8000),
	"semicolons":   "tenant=evil" + strings.Repeat(";", 8000),
	"long percent": "tenant=" + strings.Repeat("%25", 2000),
}

// It is on the public side that these come, so no client of Go's is used.
func TestPublicSideTakesNothing(t *testing.T) {
	for _, peer := range []*wire.Peer{nil, wire.NewPeer("closed", new(reports).rule())} {
		url, _ := serveOver(t, "HTTP/1.1", httpvars.HandlerFrom(teller, peer))
		for name, list := range hostileLists {
			t.Run(fmt.Sprint(peer, "/", name), func(t *testing.T) {
				status, body, reply := rawGet(t, url, list)
				want(t, "status", status, "200 OK")
				want(t, "the handler saw", body, saw("", ""))
				want(t, "reply", reply, "")
			})
		}
	}
}

// A peer that is open for something is not harmed either, and hears of it.
func TestHostileRequestToAnOpenPeer(t *testing.T) {
	reasons := map[string]string{
		"not allowed":  "cost: wire: not allowed from this peer",
		"too long":     ": wire: too large",
		"too many":     ": wire: too large",
		"long percent": "tenant: wire: too large",
	}
	var r reports
	url, _ := serveOver(t, "HTTP/1.1", httpvars.HandlerFrom(teller, wire.NewPeer("open", wire.Everything(), r.rule())))
	for name, list := range hostileLists {
		t.Run(name, func(t *testing.T) {
			status, body, _ := rawGet(t, url, list)
			want(t, "status", status, "200 OK")
			if name != "not allowed" && name != "semicolons" {
				want(t, "the handler saw", body, saw("", ""))
			}
			told := r.take()
			if reason, ok := reasons[name]; ok {
				want(t, "reports", told, reason)
			}
			if name == "malformed" && !strings.Contains(told, "tenant: wire: malformed baggage") {
				t.Errorf("reports: %s", told)
			}
		})
	}
}

// rawGet sends a request with that list as it is.
func rawGet(t *testing.T, url, list string) (status, body, reply string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nbaggage: %s\r\nBaggage-Reply: cost=1\r\n\r\n", list)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.Status, string(b), resp.Header.Get("Baggage-Reply")
}

func TestHandlerFromOfNothingPanics(t *testing.T) {
	peer := func(*http.Request) *wire.Peer { return nil }
	for _, next := range []http.Handler{nil, http.HandlerFunc(nil)} {
		wantPanic(t, func() { httpvars.HandlerFrom(next, nil) }, "HandlerFrom was given a nil http.Handler")
		wantPanic(t, func() { httpvars.HandlerFromFunc(next, peer) }, "HandlerFromFunc was given a nil http.Handler")
	}
	wantPanic(t, func() { httpvars.HandlerFromFunc(teller, nil) }, "HandlerFromFunc was given a nil func")
}
