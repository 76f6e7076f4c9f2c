package main

import (
	"context"
	"net"
	"net/http"
	"time"
)

// A server is an HTTP server that runs.
type server struct {
	url  string
	http *http.Server
	done chan struct{}
	then []func() // what to stop after it
}

// serve lets h serve l. Its stop calls the functions in then, in order.
func serve(l net.Listener, h *http.Server, then ...func()) *server {
	h.ReadHeaderTimeout = 10 * time.Second
	s := &server{
		url:  "http://" + reachable(l.Addr()),
		http: h,
		done: make(chan struct{}),
		then: then,
	}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // it ends by stop, and says so
	}()
	return s
}

// stop lets the requests that are under way finish, for some seconds.
func (s *server) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
	<-s.done
	for _, stop := range s.then {
		stop()
	}
}

// loopback listens on a free port that nobody else can reach.
func loopback() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

// reachable is the address for a client on this machine.
func reachable(a net.Addr) string {
	if t, ok := a.(*net.TCPAddr); ok && t.IP.IsUnspecified() {
		return (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: t.Port}).String()
	}
	return a.String()
}
