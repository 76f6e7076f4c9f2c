package httpvars_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// The caller's variables are there on the other side, and what the server sets comes back.
func ExampleTransportTo() {
	srv := httptest.NewServer(httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		queries.Set(3)
		fmt.Fprint(w, "for ", customer.Get())
	}), wire.Trusted()))
	defer srv.Close()
	ledger := wire.NewPeer("ledger", wire.Send(customer), wire.Accept(queries))
	client := &http.Client{Transport: httpvars.TransportTo(nil, ledger)}
	defer client.CloseIdleConnections()

	customer.With("Zoë", func() {
		resp, err := client.Get(srv.URL)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		fmt.Printf("%s, with %d queries\n", body, queries.Get())
	})
	// Output: for Zoë, with 3 queries
}

// One client for several services: each gets what it may have, and strangers nothing.
func ExampleTransportToFunc() {
	told := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%q", r.Header.Get("Baggage"))
	})
	ledger, stranger := httptest.NewServer(told), httptest.NewServer(told)
	defer ledger.Close()
	defer stranger.Close()
	peers := map[string]*wire.Peer{
		ledger.Listener.Addr().String(): wire.NewPeer("ledger", wire.Send(customer)),
	}
	client := &http.Client{Transport: httpvars.TransportToFunc(nil, func(r *http.Request) *wire.Peer { return peers[r.URL.Host] })}
	defer client.CloseIdleConnections()

	defer customer.Set("Zoë").Restore()
	for _, srv := range []*httptest.Server{ledger, stranger} {
		resp, err := client.Get(srv.URL)
		if err != nil {
			fmt.Println(err)
			return
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Printf("%s\n", body)
	}
	// Output:
	// "customer=Zo%C3%AB"
	// ""
}
