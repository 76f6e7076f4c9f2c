package connectvars_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/wire"
)

// withoutReply is what the documentation recommends for a proxy.
func withoutReply(resp *http.Response) error {
	resp.Header.Del("Trailer-Baggage-Reply")
	resp.Header.Del("Baggage-Reply")
	resp.Body = proxied{resp.Body, resp}
	return nil
}

type proxied struct {
	io.ReadCloser
	resp *http.Response
}

func (b proxied) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.resp.Trailer.Del("Baggage-Reply")
	}
	return n, err
}

// A proxy for HTTP in front of a server that sends answer back, and of one that does not.
func TestBehindAProxy(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		closed := wire.NewPeer("proxy", wire.Accept(who))
		for name, fail := range map[string]error{"success": nil, "error": errRefused} {
			through := func(peer *wire.Peer, modify func(*http.Response) error) (sees string) {
				backend, err := url.Parse(serve(t, mux(func(context.Context, http.Header, string) (string, error) {
					answer.Set("the handler's")
					return "", fail
				}, handling(peer))))
				noError(t, err)
				c := p.client(t, serve(t, &httputil.ReverseProxy{
					Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(backend) },
					Transport:      p.transport(t),
					ModifyResponse: modify,
				}), open)
				answer.With("nothing", func() {
					_, err = call(t.Context(), c, "")
					sees = answer.Get()
				})
				want(t, name, err != nil, fail != nil)
				return sees
			}
			want(t, name+", a server that sends nothing back", through(closed, nil), "nothing")
			want(t, name+", nothing done", through(open, nil), "the handler's")
			kept := "nothing"
			if p.trailersInBody(t, fail) {
				kept = "the handler's"
			}
			want(t, name+", withoutReply", through(open, withoutReply), kept)
		}
	})
}

// trailersInBody reports whether no proxy for HTTP gets at what comes back with the call of the test.
func (p protocol) trailersInBody(t *testing.T, fail error) bool {
	if strings.HasPrefix(p.name, "Connect") {
		return !strings.HasSuffix(t.Name(), "/unary")
	}
	return strings.HasPrefix(p.name, "gRPC-Web") && fail == nil // an error has headers alone
}
