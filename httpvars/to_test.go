package httpvars_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// asSent returns what base gets for req, and the response that comes back of one with h as header.
func asSent(t *testing.T, peer *wire.Peer, req *http.Request, h http.Header) (out *http.Request, resp *http.Response) {
	t.Helper()
	resp, err := httpvars.TransportTo(tripper(func(r *http.Request) (*http.Response, error) {
		out = r
		return &http.Response{Header: h, Request: r, Body: http.NoBody}, nil
	}), peer).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return out, resp
}

// The header is written into a copy, of a request without a header, too.
func TestTransportToLeavesTheCallersRequestAlone(t *testing.T) {
	defer tenant.Set("acme").Restore()
	for _, h := range []http.Header{nil, {"X": {"1"}}, {"Baggage": {"theirs=1"}}} {
		req := httptest.NewRequest("GET", "/", nil)
		req.Header = h
		before := h.Clone()
		out, resp := asSent(t, wire.Trusted(), req, nil)
		if out == req || fmt.Sprint(req.Header) != fmt.Sprint(before) {
			t.Errorf("the caller's header is %v, was %v", req.Header, before)
		}
		want(t, "the response belongs to the caller's request", resp.Request == req, true)
		want(t, "X as sent", out.Header.Get("X"), before.Get("X"))
		if got := out.Header.Get("Baggage"); !strings.HasSuffix(got, "tenant=acme") {
			t.Errorf("sent %q", got)
		}
	}
}

// Without anything to send, base gets the very request.
func TestTransportToWithNothingToSend(t *testing.T) {
	for _, peer := range []*wire.Peer{nil, wire.Trusted()} {
		req := httptest.NewRequest("GET", "/", nil)
		req.Body = nil
		req.Header.Set("Baggage", "theirs=1")
		out, _ := asSent(t, peer, req, nil)
		want(t, "base gets the request", out == req, true)
	}
}

// Entries of others in the request's header stay. Those of variables that travel are written
// from the variables alone, also for closed peers; a header without entries is no header.
func TestTransportToKeepsEntriesOfOthers(t *testing.T) {
	defer tenant.Set("acme").Restore()
	for _, tt := range []struct {
		peer       *wire.Peer
		lines      []string
		wantedSent string
	}{
		{wire.Trusted(), []string{"theirs=1;p=2"}, "[theirs=1;p=2,tenant=acme]"},
		{wire.Trusted(), []string{"theirs=1", "tenant=forged,debug=forged,cost=1"}, "[theirs=1,tenant=acme]"},
		{nil, []string{"theirs=1", "tenant=forged"}, "[theirs=1]"},
		{nil, []string{"tenant=forged", "debug=forged"}, "[]"},
		{wire.NewPeer("closed"), []string{"tenant=forged"}, "[]"},
	} {
		req := httptest.NewRequest("GET", "/", nil)
		req.Header["Baggage"] = tt.lines
		out, _ := asSent(t, tt.peer, req, nil)
		want(t, fmt.Sprint(tt.peer, tt.lines), fmt.Sprint(out.Header["Baggage"]), tt.wantedSent)
		if _, ok := out.Header["Baggage"]; ok && tt.wantedSent == "[]" {
			t.Error("an empty header is sent")
		}
	}
}

// The reply is taken out of the response, also if it is from a stranger and so not read.
func TestReplyIsNotPassedOn(t *testing.T) {
	for peer, n := range map[*wire.Peer]int{wire.Trusted(): 7, nil: 0, wire.NewPeer("x", wire.Accept(large), wire.ReportTo(func(wire.Report) {})): 0} {
		apart(func() {
			h := http.Header{"X": {"1"}, "Baggage-Reply": {"cost=7,theirs=1"}}
			_, resp := asSent(t, peer, httptest.NewRequest("GET", "/", nil), h)
			want(t, "header", fmt.Sprint(resp.Header), "map[X:[1]]")
			wantCost(t, n)
		})
	}
}

// What a server says about requests in its responses is nothing.
func TestResponseWithBaggageIsNoReply(t *testing.T) {
	apart(func() {
		_, resp := asSent(t, wire.Trusted(), httptest.NewRequest("GET", "/", nil), http.Header{"Baggage": {"tenant=evil,cost=7,large=x"}})
		wantCost(t, 0)
		want(t, "tenant", tenant.Get()+large.Get(), "")
		want(t, "header", resp.Header.Get("Baggage"), "tenant=evil,cost=7,large=x")
	})
}

func TestTransportToPassesErrorsOn(t *testing.T) {
	defer tenant.Set("acme").Restore()
	wanted := errors.New("from base")
	rt := httpvars.TransportTo(tripper(func(*http.Request) (*http.Response, error) { return nil, wanted }), wire.Trusted())
	if resp, err := rt.RoundTrip(httptest.NewRequest("GET", "/", nil)); resp != nil || err != wanted {
		t.Error(resp, err)
	}
}

// Two services and a stranger, one client.
func TestTransportToFuncByHost(t *testing.T) {
	h := httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cost.Set(7)
		fmt.Fprintf(w, "header %q", r.Header["Baggage"])
	}), wire.Trusted())
	ledger, search, stranger := start(t, h, false), start(t, h, false), start(t, h, false)
	peers := map[string]*wire.Peer{
		ledger.Listener.Addr().String(): wire.Trusted(),
		search.Listener.Addr().String(): wire.NewPeer("search", wire.Send(debug)),
	}
	base := &http.Transport{}
	defer base.CloseIdleConnections()
	c := &http.Client{Transport: httpvars.TransportToFunc(base, func(r *http.Request) *wire.Peer { return peers[r.URL.Host] })}
	for _, tt := range []struct {
		s      *httptest.Server
		header string
		cost   int
	}{
		{ledger, `["tenant=acme,debug=on;hops=1"]`, 7},
		{search, `["debug=on;hops=1"]`, 0},
		{stranger, `[]`, 0},
	} {
		for range 2 {
			apart(func() {
				debug.Set("on")
				reply := as(t, c, "acme", tt.s.URL)
				want(t, "sent", reply, "header "+tt.header)
				wantCost(t, tt.cost)
			})
		}
	}
}

func TestTransportToFuncOfNothingPanics(t *testing.T) {
	wantPanic(t, func() { httpvars.TransportToFunc(nil, nil) }, "TransportToFunc was given a nil func")
}

// http.Client ends requests of transports that it does not know in a way of its own; the caller's
// context is the same.
func TestTransportToWithTimeout(t *testing.T) {
	over(t, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cost.Set(7)
		teller(w, r)
		if r.URL.Path == "/late" {
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	}), wire.Trusted()), func(t *testing.T, c *http.Client, url string) {
		c.Timeout = time.Hour
		want(t, "the handler saw", as(t, c, "acme", url), saw("acme", ""))
		wantCost(t, 7)
		c.Timeout = 50 * time.Millisecond
		resp, err := c.Get(url + "/late")
		if err != nil {
			return // the machine is slow today
		}
		defer resp.Body.Close()
		_, err = io.ReadAll(resp.Body)
		if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
			t.Error(err)
		}
	})
}

// A kept-alive connection that turns out to be dead: the request is sent again on another
// one, with the same variables.
func TestRetryCarriesTheVariables(t *testing.T) {
	var mu sync.Mutex
	conns, lists := map[string]int{}, []string{}
	url, base := serveOver(t, "HTTP/1.1", httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		conns[r.RemoteAddr]++
		dead := conns[r.RemoteAddr] == 2
		lists = append(lists, r.Header.Get("Baggage"))
		mu.Unlock()
		if dead {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			conn.Close()
			return
		}
		cost.Set(7)
		teller(w, r)
	}), wire.Trusted()))
	c := &http.Client{Transport: httpvars.TransportTo(base, wire.Trusted())}
	apart(func() {
		want(t, "the first saw", as(t, c, "first", url), saw("first", ""))
		cost.Unset()
		want(t, "the second saw", as(t, c, "second", url), saw("second", ""))
		wantCost(t, 7)
	})
	want(t, "arrived", strings.Join(lists, " "), "tenant=first tenant=second tenant=second")
}

// A list as long as it may be, there and back.
func TestLargeValues(t *testing.T) {
	value := strings.Repeat("v", wire.MaxBytes-len("large="))
	over(t, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, large.Get())
		large.Set(large.Get()) // too late
	}), wire.Trusted()), func(t *testing.T, c *http.Client, url string) {
		large.With(value, func() { want(t, "there", fetch(t, c, url) == value, true) })
		want(t, "sent back unasked", large.Get(), "")
	})
	over(t, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		large.Set(value)
	}), wire.Trusted()), func(t *testing.T, c *http.Client, url string) {
		fetch(t, c, url)
		want(t, "back", large.Get() == value, true)
	})
}
