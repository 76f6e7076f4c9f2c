package main

import (
	"io"
	"net"
	"net/http"

	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// A GET over a kept-alive connection of loopback, whose handler answers with two bytes.
var loopbackHTTP = comparison{
	name:  "http",
	title: "HTTP request, 4 variables",
	sides: []side{
		{"net/http", (&httpSide{arrived: nothing}).start},
		{"httpvars", (&httpSide{handler: handlerFrom, transport: transportTo, arrived: fourVariables}).start},
		{"only TransportTo", (&httpSide{transport: transportTo, arrived: nothing}).start},
		{"only HandlerFrom, the header by hand", (&httpSide{handler: handlerFrom, send: setBaggage, arrived: fourVariables}).start},
		{"neither, the header by hand, not read", (&httpSide{send: setBaggage, arrived: nothing}).start},
		{"4 headers by hand, read", (&httpSide{send: setHeaders, arrived: fourHeaders}).start},
	},
	limits: []limit{
		{what: "HTTP middleware with 4 variables / the same request without it", of: 3, to: 4, ratio: 1.05},
		// What net/http takes for the header alone leaves no room for a limit here.
		{what: "HTTP request that takes 4 variables along, both sides / plain", of: 1, to: 0},
		{what: "a header as long, set by hand and not read / plain", of: 4, to: 0},
		{what: "4 headers set and read by hand / plain", of: 5, to: 0},
	},
}

func handlerFrom(h http.Handler) http.Handler { return httpvars.HandlerFrom(h, wire.Trusted()) }

func transportTo(rt http.RoundTripper) http.RoundTripper {
	return httpvars.TransportTo(rt, wire.Trusted())
}

type httpSide struct {
	handler   func(http.Handler) http.Handler
	transport func(http.RoundTripper) http.RoundTripper
	send      func(*cargo, http.Header)
	arrived   func(*cargo, http.Header) bool // in the handler
}

// What handlers read, and what is sent by hand. setBaggage and setHeaders send the same values.

func nothing(*cargo, http.Header) bool { return true }

func fourVariables(c *cargo, _ http.Header) bool { return c.arrived() }

func setBaggage(c *cargo, h http.Header) { h.Set(wire.Key, c.text) }

var headers = [...]string{"X-Request", "X-Tenant", "X-User", "X-Locale"}

func setHeaders(c *cargo, h http.Header) {
	for i, value := range *c.values.Load() {
		h.Set(headers[i], value)
	}
}

func fourHeaders(c *cargo, h http.Header) bool {
	for i, value := range *c.values.Load() {
		if h.Get(headers[i]) != value {
			return false
		}
	}
	return true
}

// What servers answer.
var right, wrong = []byte("ok"), []byte("no")

func (s *httpSide) start(b *bed) (loop, error) {
	c := b.carry(four)
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.arrived(c, r.Header) {
			w.Write(right)
		} else {
			w.Write(wrong)
		}
	})
	if s.handler != nil {
		h = s.handler(h)
	}
	url, err := b.serve(h)
	if err != nil {
		return nil, err
	}
	client := b.client()
	if s.transport != nil {
		client.Transport = s.transport(client.Transport)
	}
	return func(n int) (ok int, err error) {
		var body [3]byte // one more than is there, so that the end is read
		for range n {
			req, err := http.NewRequest(http.MethodGet, url, nil)
			if err != nil {
				return ok, err
			}
			if s.send != nil {
				s.send(c, req.Header)
			}
			resp, err := client.Do(req)
			if err != nil {
				return ok, err
			}
			size, err := io.ReadFull(resp.Body, body[:])
			resp.Body.Close()
			if err != io.ErrUnexpectedEOF {
				return ok, err
			}
			if string(body[:size]) == string(right) {
				ok++
			}
		}
		return ok, nil
	}, nil
}

// serve starts a server on loopback.
func (b *bed) serve(h http.Handler) (url string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: h}
	go server.Serve(l)
	b.atEnd(func() { server.Close() })
	return "http://" + l.Addr().String() + "/", nil
}

// client returns one with connections of its own.
func (b *bed) client() *http.Client {
	t := new(http.Transport)
	b.atEnd(t.CloseIdleConnections)
	return &http.Client{Transport: t}
}
