package main

import (
	"context"
	"net/http"

	"connectrpc.com/connect"
	health "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/gocontextvars/contextvars/contrib/connectvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// The same call with the protocol of Connect, over a kept-alive HTTP/1.1 connection of loopback.
var connectUnary = comparison{
	name:  "connect",
	title: "Connect unary call, 4 variables",
	sides: []side{
		{"connect", func(b *bed) (loop, error) {
			return connectCalls(b, b.client(), func(*cargo) bool { return true })
		}},
		{"connectvars", func(b *bed) (loop, error) {
			client := b.client()
			client.Transport = httpvars.Transport(client.Transport) // as its docs have it
			return connectCalls(b, client, (*cargo).arrived, connect.WithInterceptors(connectvars.Interceptor(wire.Trusted())))
		}},
	},
}

func connectCalls(b *bed, httpClient *http.Client, arrived func(*cargo) bool, options ...connect.Option) (loop, error) {
	c := b.carry(four)
	const procedure = "/grpc.health.v1.Health/Check"
	var ofHandler []connect.HandlerOption
	var ofClient []connect.ClientOption
	for _, o := range options {
		ofHandler, ofClient = append(ofHandler, o), append(ofClient, o)
	}
	mux := http.NewServeMux()
	mux.Handle(procedure, connect.NewUnaryHandler(procedure,
		func(context.Context, *connect.Request[health.HealthCheckRequest]) (*connect.Response[health.HealthCheckResponse], error) {
			return connect.NewResponse(checked(arrived(c))), nil
		}, ofHandler...))
	url, err := b.serve(mux)
	if err != nil {
		return nil, err
	}
	client := connect.NewClient[health.HealthCheckRequest, health.HealthCheckResponse](
		httpClient, url+procedure[1:], ofClient...)
	in, ctx := new(health.HealthCheckRequest), context.Background()
	return func(n int) (right int, err error) {
		for range n {
			out, err := client.CallUnary(ctx, connect.NewRequest(in))
			if err != nil {
				return right, err
			}
			if out.Msg.Status == health.HealthCheckResponse_SERVING {
				right++
			}
		}
		return right, nil
	}, nil
}
