package connectvars_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/connectvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

var (
	tenant = contextvars.New[string]("tenant", wire.Travels(wire.AllHops))
	region = contextvars.New[string]("region", wire.Travels(wire.Back))
)

const procedure = "/example.Service/Where"

func where(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	fmt.Println("the handler sees the tenant", tenant.Get())
	region.Set("eu-1")
	return new(emptypb.Empty), nil
}

func Example() {
	front := wire.NewPeer("front", wire.Accept(tenant), wire.Send(region))
	server := httptest.NewServer(connect.NewUnaryHandlerSimple(procedure, where,
		connect.WithInterceptors(connectvars.Interceptor(front))))
	defer server.Close()

	backend := wire.NewPeer("backend", wire.Send(tenant), wire.Accept(region))
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	client := connect.NewClient[emptypb.Empty, emptypb.Empty](
		&http.Client{Transport: httpvars.Transport(transport)}, server.URL+procedure,
		connect.WithInterceptors(connectvars.Interceptor(backend)))

	defer tenant.Set("acme").Restore()
	if _, err := client.CallUnary(context.Background(), connect.NewRequest(new(emptypb.Empty))); err != nil {
		log.Fatal(err)
	}
	fmt.Println("the caller sees the region", region.Get())
	// Output:
	// the handler sees the tenant acme
	// the caller sees the region eu-1
}
