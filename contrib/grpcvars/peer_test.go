package grpcvars_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/gocontextvars/contextvars/contrib/grpcvars"
	"github.com/gocontextvars/contextvars/wire"
)

// certificate makes one for name that signs itself.
func certificate(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	noError(t, err)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	noError(t, err)
	leaf, err := x509.ParseCertificate(der)
	noError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func pool(c tls.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(c.Leaf)
	return p
}

func TestPeerIsFoundByItsCertificate(t *testing.T) {
	server, front, stranger := certificate(t, "server"), certificate(t, "front"), certificate(t, "front")
	find := func(ctx context.Context, _ string) *wire.Peer {
		if c := grpcvars.Certificate(ctx); c != nil && c.Subject.CommonName == "front" {
			return open
		}
		return nil
	}
	for name, tt := range map[string]struct {
		auth   tls.ClientAuthType
		client []tls.Certificate
		sees   string
	}{
		"a certificate that was verified":     {tls.RequireAndVerifyClientCert, []tls.Certificate{front}, "the caller's"},
		"one that was not verified":           {tls.RequireAnyClientCert, []tls.Certificate{stranger}, "nothing"},
		"none":                                {tls.VerifyClientCertIfGiven, nil, "nothing"},
		"one of those that are not necessary": {tls.VerifyClientCertIfGiven, []tls.Certificate{front}, "the caller's"},
	} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, call caller) {
				saw, see := seen()
				l := serve(t, see,
					grpc.Creds(credentials.NewTLS(&tls.Config{
						Certificates: []tls.Certificate{server}, ClientAuth: tt.auth, ClientCAs: pool(front),
					})),
					grpc.UnaryInterceptor(grpcvars.UnaryServerInterceptorFunc(find)),
					grpc.StreamInterceptor(grpcvars.StreamServerInterceptorFunc(find)))
				c, _ := dial(t, l, append(sending(open), grpc.WithTransportCredentials(
					credentials.NewTLS(&tls.Config{RootCAs: pool(server), Certificates: tt.client})))...)
				defer who.Set("the caller's").Restore()
				_, err := call(t.Context(), c, "")
				noError(t, err)
				want(t, "the handler sees", <-saw, tt.sees)
			})
		})
	}
}

func TestCertificateWithoutTLS(t *testing.T) {
	if c := grpcvars.Certificate(t.Context()); c != nil {
		t.Errorf("outside of a call: %v", c)
	}
	forEach(t, func(t *testing.T, call caller) {
		c, _ := dial(t, serve(t, func(ctx context.Context, _ string) (string, error) {
			if c := grpcvars.Certificate(ctx); c != nil {
				return "", errRefused
			}
			return "", nil
		}))
		_, err := call(t.Context(), c, "")
		noError(t, err)
	})
}
