package httpvars_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"testing"

	"github.com/gocontextvars/contextvars/httpvars"
)

func TestTransportOverABaseWithoutCloseIdleConnections(t *testing.T) {
	c := http.Client{Transport: httpvars.Transport(tripper(nil))}
	c.CloseIdleConnections() // does nothing
}

func TestTransportOfNilIsDefaultTransport(t *testing.T) {
	rt := httpvars.Transport(nil)
	defer func(old http.RoundTripper) { http.DefaultTransport = old }(http.DefaultTransport)
	want := errors.New("from the new default")
	http.DefaultTransport = tripper(func(*http.Request) (*http.Response, error) { return nil, want })
	if _, err := rt.RoundTrip(httptest.NewRequest("GET", "/", nil)); err != want {
		t.Error(err)
	}
}

// A RoundTripper must not change the request, and the response belongs to the request
// that was given.
func TestTransportLeavesTheCallersRequestAlone(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			s := start(t, echo, p.h2)
			c, _ := client(s)
			b := newBody("content")
			ctx := httptrace.WithClientTrace(t.Context(), everyHook(func(string) {}))
			req, err := http.NewRequestWithContext(ctx, "POST", s.URL, b)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := c.Transport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.Request != req {
				t.Error("Response.Request is another request")
			}
			if req.Body != b || req.GetBody != nil || req.Context() != ctx {
				t.Errorf("the request is now %+v", req)
			}
		})
	}
}

// What base answers is passed on as it is, also if it makes no sense.
func TestTransportPassesResultsOn(t *testing.T) {
	other := httptest.NewRequest("GET", "/other", nil)
	resp, err := &http.Response{Request: other}, errors.New("from base")
	rt := httpvars.Transport(tripper(func(*http.Request) (*http.Response, error) { return resp, err }))
	gotResp, gotErr := rt.RoundTrip(httptest.NewRequest("POST", "/", newBody("x")))
	if gotResp != resp || gotErr != err || resp.Request != other {
		t.Errorf("%v, %v", gotResp, gotErr)
	}
}

// A panic of base goes on its way, and the loan ends with it.
func TestTransportWhenBasePanics(t *testing.T) {
	defer user.Set("caller").Restore()
	started, after, saw := make(chan bool), make(chan bool), make(chan string)
	rt := httpvars.Transport(tripper(func(*http.Request) (*http.Response, error) {
		go func() {
			saw <- user.Get()
			<-after
			saw <- user.Get()
		}()
		if got := <-saw; got != "caller" {
			t.Errorf("while RoundTrip runs: %q", got)
		}
		close(started)
		panic("boom")
	}))
	func() {
		defer func() {
			if got := recover(); got != "boom" {
				t.Error(got)
			}
		}()
		rt.RoundTrip(httptest.NewRequest("GET", "/", nil))
	}()
	<-started
	close(after)
	if got := <-saw; got != "" {
		t.Errorf("afterwards: %q", got)
	}
	if got := user.Get(); got != "caller" {
		t.Errorf("the caller: %q", got)
	}
}

// Wrapping twice, as two libraries may do, is harmless.
func TestTransportOfTransport(t *testing.T) {
	s := start(t, echo, false)
	c, _ := client(s)
	c.Transport = httpvars.Transport(c.Transport)
	var saw sightings
	user.With("caller", func() {
		b := newBody("content")
		b.onCall = saw.add
		req, err := http.NewRequest("POST", s.URL, b)
		if err != nil {
			t.Fatal(err)
		}
		if got := send(t, c, req, false); got != "content" {
			t.Errorf("%q", got)
		}
	})
	saw.check(t, "caller", "Read", "Close")
}
