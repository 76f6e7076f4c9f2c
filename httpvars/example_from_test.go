package httpvars_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// Variables that travel are package variables.
var (
	customer = contextvars.NewDefault("customer", "nobody", wire.Travels(wire.AllHops))
	queries  = contextvars.New[int]("queries", wire.Travels(wire.Back))
)

// The server listens at two addresses: one for the gateway, which may say who the customer is, and
// one for everybody.
func ExampleHandlerFrom() {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		queries.Set(3)
		fmt.Fprint(w, "for ", customer.Get())
	})
	gateway := wire.NewPeer("gateway", wire.Accept(customer), wire.Send(queries))
	private := httptest.NewServer(httpvars.HandlerFrom(h, gateway))
	defer private.Close()
	public := httptest.NewServer(httpvars.HandlerFrom(h, nil))
	defer public.Close()

	for _, srv := range []*httptest.Server{private, public} {
		req, _ := http.NewRequest("GET", srv.URL, nil)
		req.Header.Set("Baggage", "customer=Zo%C3%AB")
		resp, err := srv.Client().Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Printf("%s, reply %q\n", body, resp.Header.Get("Baggage-Reply"))
	}
	// Output:
	// for Zoë, reply "queries=3"
	// for nobody, reply ""
}

// One address for all: the client's certificate says who it is. A server with certificates has
// ClientAuth and ClientCAs in its TLSConfig.
func ExampleHandlerFromFunc() {
	partner := wire.NewPeer("partner", wire.Accept(customer))
	h := httpvars.HandlerFromFunc(http.DefaultServeMux, func(r *http.Request) *wire.Peer {
		if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
			return nil // the public
		}
		switch r.TLS.VerifiedChains[0][0].Subject.CommonName {
		case "gateway":
			return wire.Trusted()
		case "partner":
			return partner
		}
		return nil
	})
	_ = &http.Server{Handler: h}
}
