package httpvars_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// On a new connection and on one that another caller has dialled, with a server that
// is waited for with Expect: 100-continue.
func TestHooksAndBodySeeTheCallersVariables(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			s := start(t, echo, p.h2)
			c, base := client(s)
			base.ExpectContinueTimeout = time.Hour
			for i := range 3 {
				var saw sightings
				name := fmt.Sprintf("caller %d", i)
				user.With(name, func() {
					b := newBody("content")
					b.onCall = saw.add
					ctx := httptrace.WithClientTrace(t.Context(), everyHook(saw.add))
					req, err := http.NewRequestWithContext(ctx, "POST", s.URL, b)
					if err != nil {
						t.Fatal(err)
					}
					req.Header.Set("Expect", "100-continue")
					if got := send(t, c, req, i > 0); got != "content" {
						t.Errorf("%q", got)
					}
				})
				want := []string{"GetConn", "GotConn", "WroteHeaderField", "WroteHeaders", "Wait100Continue", "Got100Continue",
					"Got1xxResponse", "Read", "Close", "WroteRequest", "GotFirstResponseByte"}
				if !p.h2 {
					want = append(want, "PutIdleConn")
				}
				if i == 0 {
					want = append(want, "ConnectStart", "ConnectDone")
				}
				if i == 0 && p.h2 {
					want = append(want, "TLSHandshakeStart", "TLSHandshakeDone")
				}
				saw.check(t, name, want...)
			}
		})
	}
}

func TestDNSHooksSeeTheCallersVariables(t *testing.T) {
	s := start(t, echo, false)
	c, base := client(s)
	base.DialContext = new(net.Dialer).DialContext
	var saw sightings
	user.With("caller", func() {
		ctx := httptrace.WithClientTrace(t.Context(), everyHook(saw.add))
		req, err := http.NewRequestWithContext(ctx, "GET", strings.Replace(s.URL, "127.0.0.1", "localhost", 1), nil)
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, c, req)
	})
	saw.check(t, "caller", "DNSStart", "DNSDone", "ConnectStart", "ConnectDone")
}

// A server that does not want the body: it is not read, but closed.
func TestRefusedBodySeesTheCallersVariables(t *testing.T) {
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusExpectationFailed)
	}), false)
	c, base := client(s)
	base.ExpectContinueTimeout = time.Hour
	var saw sightings
	user.With("caller", func() {
		b := newBody("content")
		b.onCall = saw.add
		req, err := http.NewRequest("POST", s.URL, b)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Expect", "100-continue")
		roundTrip(t, c, req)
		<-b.closed
	})
	saw.check(t, "caller", "Close")
	if saw.seen["Read"] != nil {
		t.Error("the body was read")
	}
}

// Functions of the http.Transport see the caller, on its goroutine or on one that
// dials for it.
func TestTransportsFunctionsSeeTheCallersVariables(t *testing.T) {
	target := start(t, echo, true)
	proxy := start(t, http.HandlerFunc(tunnel), false)
	proxyURL, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	var saw sightings
	c, base := client(target)
	base.Proxy = func(*http.Request) (*url.URL, error) {
		saw.add("Proxy")
		return proxyURL, nil
	}
	base.GetProxyConnectHeader = func(context.Context, *url.URL, string) (http.Header, error) {
		saw.add("GetProxyConnectHeader")
		return nil, nil
	}
	base.OnProxyConnectResponse = func(context.Context, *url.URL, *http.Request, *http.Response) error {
		saw.add("OnProxyConnectResponse")
		return nil
	}
	base.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		saw.add("DialContext")
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	user.With("caller", func() { get(t, c, target.URL, false) })
	saw.check(t, "caller", "Proxy", "GetProxyConnectHeader", "OnProxyConnectResponse", "DialContext")
}

// A dial that goes on after its caller has given up serves whoever comes next: it
// sees nothing of the caller any more.
func TestDialSeesNothingAfterRoundTrip(t *testing.T) {
	s := start(t, echo, false)
	c, base := client(s)
	dialling, goOn, saw := make(chan bool), make(chan bool), make(chan string, 2)
	base.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		saw <- user.Get()
		close(dialling)
		<-goOn
		saw <- user.Get()
		return nil, errors.New("no connection")
	}
	user.With("caller", func() {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-dialling
			cancel()
		}()
		req, err := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := c.Do(req); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, %v", resp, err)
		}
		close(goOn)
		if before, after := <-saw, <-saw; before != "caller" || after != "" {
			t.Errorf("the dialler saw %q, and %q after RoundTrip", before, after)
		}
	})
}

// tunnel is a proxy for CONNECT.
func tunnel(w http.ResponseWriter, r *http.Request) {
	to, err := net.Dial("tcp", r.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer to.Close()
	w.WriteHeader(http.StatusOK)
	from, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer from.Close()
	done := make(chan bool)
	go func() {
		io.Copy(to, rw)
		to.Close()
		close(done)
	}()
	io.Copy(from, to)
	from.Close()
	<-done
}

// A dial that one caller's connection starts for another one, who waits because
// of MaxConnsPerHost: without Transport the hooks see the former's variables.
func TestHooksOfADialForAnotherCaller(t *testing.T) {
	t.Run("Transport=true", func(t *testing.T) {
		for range 20 {
			saw := dialForAnother(t, true)
			saw.check(t, "second", "ConnectStart", "ConnectDone", "GotFirstResponseByte")
		}
	})
	t.Run("Transport=false", func(t *testing.T) {
		// Nothing shows when the second one has begun to wait, so it may
		// come too late, and dial for itself.
		for range 1000 {
			if saw := dialForAnother(t, false); saw.seen["ConnectStart"]["first"] {
				return
			}
		}
		t.Error("no hook saw another caller's variables")
	})
}

// dialForAnother returns what the second caller's hooks saw.
func dialForAnother(t *testing.T, wrapped bool) *sightings {
	inHandler, goOn := make(chan bool), make(chan bool)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/1" {
			inHandler <- true
			<-goOn
			w.Header().Set("Connection", "close")
		}
	}), false)
	defer s.Close()
	c, base := client(s)
	if !wrapped {
		c = s.Client()
	}
	base.MaxConnsPerHost = 1
	var wg sync.WaitGroup
	wg.Go(func() {
		user.Set("first")
		get(t, c, s.URL+"/1", false)
	})
	<-inHandler
	saw := new(sightings)
	wg.Go(func() {
		user.Set("second")
		trace := everyHook(saw.add)
		trace.GetConn = func(string) { close(goOn) } // and then it waits for a connection
		req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "GET", s.URL+"/2", nil)
		if err != nil {
			t.Error(err)
			return
		}
		roundTrip(t, c, req)
	})
	wg.Wait()
	return saw
}
