package main

import (
	"context"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	health "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/gocontextvars/contextvars/contrib/grpcvars"
	"github.com/gocontextvars/contextvars/wire"
)

// A call of the health service over loopback, which answers that it serves if the values are right.
// Short samples of it fall into two kinds, a third apart; long ones have both in them.
var grpcUnary = comparison{
	name:   "grpc",
	title:  "gRPC unary call, 4 variables",
	length: 20 * time.Millisecond,
	sides: []side{
		{"grpc", func(b *bed) (loop, error) {
			return grpcCalls(b, func(*cargo) bool { return true }, nil, nil)
		}},
		{"grpcvars", func(b *bed) (loop, error) {
			peer := wire.Trusted()
			return grpcCalls(b, (*cargo).arrived,
				[]grpc.ServerOption{grpc.UnaryInterceptor(grpcvars.UnaryServerInterceptor(peer))},
				[]grpc.DialOption{grpc.WithUnaryInterceptor(grpcvars.UnaryClientInterceptor(peer))})
		}},
	},
}

type healthService struct {
	health.UnimplementedHealthServer
	arrived func() bool
}

func (s *healthService) Check(context.Context, *health.HealthCheckRequest) (*health.HealthCheckResponse, error) {
	return checked(s.arrived()), nil
}

func checked(right bool) *health.HealthCheckResponse {
	if !right {
		return &health.HealthCheckResponse{Status: health.HealthCheckResponse_NOT_SERVING}
	}
	return &health.HealthCheckResponse{Status: health.HealthCheckResponse_SERVING}
}

func grpcCalls(b *bed, arrived func(*cargo) bool, ofServer []grpc.ServerOption, ofClient []grpc.DialOption) (loop, error) {
	c := b.carry(four)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer(ofServer...)
	health.RegisterHealthServer(server, &healthService{arrived: func() bool { return arrived(c) }})
	go server.Serve(l)
	b.atEnd(server.Stop)
	conn, err := grpc.NewClient(l.Addr().String(),
		append(ofClient, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		return nil, err
	}
	b.atEnd(func() { conn.Close() })
	client, in, ctx := health.NewHealthClient(conn), new(health.HealthCheckRequest), context.Background()
	return func(n int) (right int, err error) {
		for range n {
			out, err := client.Check(ctx, in)
			if err != nil {
				return right, err
			}
			if out.Status == health.HealthCheckResponse_SERVING {
				right++
			}
		}
		return right, nil
	}, nil
}
