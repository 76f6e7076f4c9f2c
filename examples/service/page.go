package main

import (
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/gocontextvars/contextvars/debugvars"
)

// startPage serves the page that shows all variables, and where they were set, and says where. A service of yours would not
// have it where the public can reach it; this one does what it is told, and says what that means.
func startPage(address string, stderr io.Writer) (*server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot serve the page at %s: %w", address, err)
	}
	mux := http.NewServeMux()
	debugvars.Register(mux, debugvars.Provenance())
	page := serve(l, &http.Server{Handler: mux})
	fmt.Fprintf(stderr, "service: variables at %s%s\n", page.url, debugvars.Path)
	if exposed(l.Addr()) {
		fmt.Fprintf(stderr, "service: -debug %s: everybody who reaches this machine can read the values of the variables; give 127.0.0.1 as the host\n", address)
	}
	return page, nil
}

// exposed reports whether others than this machine can reach the address.
func exposed(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return !ok || !t.IP.IsLoopback()
}
