package grpcvars_test

import (
	"context"
	"fmt"
	"log"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/grpcvars"
	"github.com/gocontextvars/contextvars/wire"
)

var (
	tenant = contextvars.New[string]("tenant", wire.Travels(wire.AllHops))
	region = contextvars.New[string]("region", wire.Travels(wire.Back))
)

type health struct {
	healthpb.UnimplementedHealthServer
}

func (health) Check(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	fmt.Println("the handler sees the tenant", tenant.Get())
	region.Set("eu-1")
	return &healthpb.HealthCheckResponse{}, nil
}

func Example() {
	front := wire.NewPeer("front", wire.Accept(tenant), wire.Send(region))
	server := grpc.NewServer(
		grpc.UnaryInterceptor(grpcvars.UnaryServerInterceptor(front)),
		grpc.StreamInterceptor(grpcvars.StreamServerInterceptor(front)))
	healthpb.RegisterHealthServer(server, health{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go server.Serve(l)
	defer server.Stop()

	backend := wire.NewPeer("backend", wire.Send(tenant), wire.Accept(region))
	conn, err := grpcvars.NewClient(l.Addr().String(),
		grpc.WithUnaryInterceptor(grpcvars.UnaryClientInterceptor(backend)),
		grpc.WithStreamInterceptor(grpcvars.StreamClientInterceptor(backend)),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	defer tenant.Set("acme").Restore()
	if _, err := healthpb.NewHealthClient(conn).Check(context.Background(), nil); err != nil {
		log.Fatal(err)
	}
	fmt.Println("the caller sees the region", region.Get())
	// Output:
	// the handler sees the tenant acme
	// the caller sees the region eu-1
}

// Each caller is known by its certificate; who has none, or another one, sends nothing.
func ExampleCertificate() {
	peers := map[string]*wire.Peer{
		"front.example.com":   wire.NewPeer("front", wire.Accept(tenant)),
		"billing.example.com": wire.NewPeer("billing", wire.Accept(tenant), wire.Send(region)),
	}
	find := func(ctx context.Context, method string) *wire.Peer {
		if c := grpcvars.Certificate(ctx); c != nil {
			return peers[c.Subject.CommonName]
		}
		return nil
	}
	_ = grpc.UnaryInterceptor(grpcvars.UnaryServerInterceptorFunc(find))
}
