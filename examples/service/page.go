package main

import (
	"fmt"
	"net"
	"net/http"

	"github.com/gocontextvars/contextvars/debugvars"
)

// startPage serves the page that shows all variables, and where they were set. A service of yours would, as this one,
// not have it where the public can reach it.
func startPage(address string) (*server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot serve the page at %s: %w", address, err)
	}
	mux := http.NewServeMux()
	debugvars.Register(mux, debugvars.Provenance())
	return serve(l, &http.Server{Handler: mux}), nil
}
