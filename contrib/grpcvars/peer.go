package grpcvars

import (
	"context"
	"crypto/x509"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"

	"github.com/gocontextvars/contextvars"
)

// Certificate returns the certificate with which the client of a call, whose ctx this is,
// has proved who it is, for a [ServerPeerFunc]. It is nil if there is none, and also if
// there is one that the server has not verified, as tls.RequireAnyClientCert lets it.
func Certificate(ctx context.Context) *x509.Certificate {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return nil
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.VerifiedChains) == 0 {
		return nil
	}
	return info.State.VerifiedChains[0][0]
}

// NewClient is grpc.NewClient in an empty context: goroutines that a ClientConn starts
// with itself, and those of its first connection, hold nothing of the caller's variables.
// Where a program makes its connections before it sets any, grpc.NewClient is as good.
func NewClient(target string, opts ...grpc.DialOption) (conn *grpc.ClientConn, err error) {
	contextvars.Detach(func() { conn, err = grpc.NewClient(target, opts...) })
	return conn, err
}
