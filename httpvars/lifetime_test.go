package httpvars_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/lifetime"
	"github.com/gocontextvars/contextvars/vartest"
	"github.com/gocontextvars/contextvars/wire"
)

// workIn is a handler that tells which work it is called in.
type workIn chan *lifetime.Work

func (c workIn) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	c <- lifetime.Current()
	w.WriteHeader(http.StatusNoContent)
}

// Each request is a piece of work of its own, on a kept-alive connection, too.
func TestRequestsAreWork(t *testing.T) {
	vartest.VerifyNothingHeld(t)
	works := make(workIn, 2)
	for name, h := range map[string]http.Handler{
		"Handler":              httpvars.Handler(works),
		"HandlerFrom":          httpvars.HandlerFrom(works, nil),
		"HandlerFrom, replies": httpvars.HandlerFrom(works, wire.NewPeer("peer", wire.Send(cost))),
		"HandlerFromFunc":      httpvars.HandlerFromFunc(works, func(*http.Request) *wire.Peer { return nil }),
	} {
		for _, p := range protocols {
			t.Run(name+", "+p.name, func(t *testing.T) {
				srv := start(t, h, p.h2)
				for range 2 {
					resp, err := srv.Client().Get(srv.URL + "/orders/7?secret=1")
					if err != nil {
						t.Fatal(err)
					}
					resp.Body.Close()
				}
				a, b := <-works, <-works
				if a == nil || b == nil || a == b {
					t.Fatalf("the requests were %v and %v, want two pieces of work", a, b)
				}
				if got, want := a.Name(), "GET /orders/7"; got != want {
					t.Errorf("name %q, want %q", got, want)
				}
			})
		}
	}
}

func TestNameOfWork(t *testing.T) {
	defer lifetime.Track()()
	for _, c := range []struct {
		r    *http.Request
		want string
	}{
		{&http.Request{Method: "GET"}, "GET"},
		{&http.Request{Method: "POST", URL: &url.URL{Path: "/a b"}}, "POST /a b"},
	} {
		works := make(workIn, 1)
		httpvars.Handler(works).ServeHTTP(httptest.NewRecorder(), c.r)
		if got := (<-works).Name(); got != c.want {
			t.Errorf("name %q, want %q", got, c.want)
		}
	}
}

// A request ends when its handler returns; what goes on then, holds it.
func TestRequestIsHeld(t *testing.T) {
	defer lifetime.Track()()
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			until := make(chan bool)
			defer close(until)
			works := make(workIn, 1)
			srv := start(t, httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				user.Set("ann")
				go func() { user.Set("bob"); <-until }()
				works.ServeHTTP(w, r)
			})), p.h2)
			resp, err := srv.Client().Get(srv.URL + "/held")
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			work := <-works
			for range 100 {
				for _, h := range lifetime.Held() {
					if h.Work == work && len(h.Goroutines) == 1 {
						return
					}
				}
			}
			t.Errorf("%v is not held by 1 goroutine, but by %v", work, lifetime.Held())
		})
	}
}

// Who hijacks a connection goes on after the end of the request, and holds it unless that is a piece of work of its own.
func TestHijackedConnection(t *testing.T) {
	defer lifetime.Track()()
	for name, c := range map[string]struct {
		serve func(func())
		holds int
	}{
		"go":       {func(f func()) { go f() }, 1},
		"own work": {func(f func()) { go lifetime.Run(contextvars.CopyContext(), "connection", f) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			until, done := make(chan bool), make(chan bool)
			works := make(chan *lifetime.Work, 1)
			srv := start(t, httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				serving := make(chan bool)
				c.serve(func() {
					defer close(done)
					close(serving)
					conn.Write([]byte("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"))
					<-until
					conn.Close()
				})
				<-serving
				works <- lifetime.Current()
			})), false)
			resp, err := srv.Client().Get(srv.URL)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			work := <-works
			for _, ended := work.Ended(); !ended; _, ended = work.Ended() {
				time.Sleep(time.Millisecond) // nothing tells when the handler has returned
			}
			holds := 0
			for _, h := range lifetime.Held() {
				if h.Work == work {
					holds = len(h.Goroutines)
				}
			}
			if holds != c.holds {
				t.Errorf("%d goroutines hold the request, want %d", holds, c.holds)
			}
			close(until)
			<-done
		})
	}
}

// A response that is streamed is part of the request.
func TestStreamedResponse(t *testing.T) {
	defer lifetime.Track()()
	works, until := make(chan *lifetime.Work), make(chan bool)
	srv := start(t, httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte("first"))
		http.NewResponseController(w).Flush()
		works <- lifetime.Current()
		<-until
	})), false)
	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	work := <-works
	if _, ended := work.Ended(); ended {
		t.Error("it has ended before its response")
	}
	close(until)
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	for _, ended := work.Ended(); !ended; _, ended = work.Ended() {
		time.Sleep(time.Millisecond) // nothing tells when the handler has returned
	}
}

// Values go back with the response before they are taken back.
func TestReplyOfRevokedRequest(t *testing.T) {
	defer lifetime.Track(lifetime.Revoke())()
	peer := wire.NewPeer("peer", wire.Send(cost), wire.Accept(cost))
	for name, h := range map[string]http.HandlerFunc{
		"header by handler": func(w http.ResponseWriter, _ *http.Request) { cost.Set(7); w.WriteHeader(http.StatusOK) },
		"header by server":  func(http.ResponseWriter, *http.Request) { cost.Set(7) },
	} {
		t.Run(name, func(t *testing.T) {
			srv := start(t, httpvars.HandlerFrom(h, peer), false)
			client := &http.Client{Transport: httpvars.TransportTo(srv.Client().Transport, peer)}
			contextvars.Detach(func() {
				resp, err := client.Get(srv.URL)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if got := cost.Get(); got != 7 {
					t.Errorf("cost %v came back, want 7", got)
				}
			})
		})
	}
}
