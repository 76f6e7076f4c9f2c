package httpvars_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// The peer is open for one variable of two, in each direction.
func TestHandlerFromTakesWhatThePeerIsOpenFor(t *testing.T) {
	var r reports
	peer := wire.NewPeer("narrow", wire.Accept(tenant), wire.Send(cost), r.rule())
	over(t, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cost.Set(7)
		large.Set("not for this peer")
		teller(w, r)
	}), peer), func(t *testing.T, c *http.Client, url string) {
		defer debug.Set("on").Restore()
		want(t, "the handler saw", as(t, c, "acme", url), saw("acme", ""))
		want(t, "reports", r.take(), "debug: wire: not allowed from this peer")
		wantCost(t, 7)
		want(t, "large", large.Get(), "")
	})
}

// The client sends, and takes back, only what its own peer is open for.
func TestTransportToSendsWhatThePeerIsOpenFor(t *testing.T) {
	for _, p := range carriers {
		t.Run(p.name, func(t *testing.T) {
			url, base := serveOver(t, p.name, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				cost.Set(7)
				large.Set("not wanted")
				teller(w, r)
			}), wire.Trusted()))
			var r reports
			c := &http.Client{Transport: httpvars.TransportTo(base, wire.NewPeer("narrow", wire.Send(tenant), wire.Accept(cost), r.rule()))}
			apart(func() {
				debug.Set("on")
				want(t, "the handler saw", as(t, c, "acme", url), saw("acme", ""))
				wantCost(t, 7)
				want(t, "large", large.Get(), "")
				want(t, "reports", r.take(), "large: wire: not allowed from this peer")
			})
		})
	}
}

// The kind of client is known from its certificate, not from what it says.
func TestHandlerFromFuncByClientCertificate(t *testing.T) {
	ca := newAuthority(t)
	peers := map[string]*wire.Peer{
		"gateway": wire.Trusted(),
		"partner": wire.NewPeer("partner", wire.Accept(debug), wire.ReportTo(func(wire.Report) {})),
	}
	h := httpvars.HandlerFromFunc(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cost.Set(7)
		teller(w, r)
	}), func(r *http.Request) *wire.Peer {
		if len(r.TLS.VerifiedChains) == 0 {
			return nil
		}
		return peers[r.TLS.VerifiedChains[0][0].Subject.CommonName]
	})
	for _, p := range protocols {
		s := httptest.NewUnstartedServer(h)
		s.EnableHTTP2 = p.h2
		s.TLS = &tls.Config{ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: ca.pool}
		s.StartTLS()
		defer s.Close()
		for _, tt := range []struct {
			certificate, saw string
			cost             int
		}{
			{"gateway", saw("acme", "on"), 7},
			{"partner", saw("", "on"), 0},
			{"stranger", saw("", ""), 0},
			{"", saw("", ""), 0},
		} {
			t.Run(p.name+"/"+tt.certificate, func(t *testing.T) {
				base := s.Client().Transport.(*http.Transport).Clone()
				defer base.CloseIdleConnections()
				if tt.certificate != "" {
					base.TLSClientConfig.Certificates = []tls.Certificate{ca.issue(t, tt.certificate)}
				}
				c := &http.Client{Transport: httpvars.TransportTo(base, wire.Trusted())}
				apart(func() {
					debug.Set("on")
					for range 2 {
						want(t, "the handler saw", as(t, c, "acme", s.URL), tt.saw)
					}
					wantCost(t, tt.cost)
				})
			})
		}
	}
}

// authority issues certificates of clients.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pool        *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool(), key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pool.AddCert(a.certificate)
	return a
}

func (a *authority) issue(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
