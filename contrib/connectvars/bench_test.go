package connectvars_test

import (
	"context"
	"net/http"
	"testing"

	"connectrpc.com/connect"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/connectvars"
	"github.com/gocontextvars/contextvars/wire"
)

var four = [...]*contextvars.ContextVar[string]{
	contextvars.New[string]("bench.tenant", wire.Travels(wire.AllHops)),
	contextvars.New[string]("bench.user", wire.Travels(wire.AllHops)),
	contextvars.New[string]("bench.request", wire.Travels(wire.AllHops)),
	contextvars.New[string]("bench.locale", wire.Travels(wire.AllHops)),
}

// BenchmarkUnary makes calls over loopback, one after the other, with four variables that
// travel.
func BenchmarkUnary(b *testing.B) {
	trusted := []connect.Interceptor{connectvars.Interceptor(wire.Trusted())}
	closed := []connect.Interceptor{connectvars.Interceptor(nil)}
	nothing := func(context.Context, http.Header, string) (string, error) { return "", nil }
	for _, p := range protocols {
		for _, bb := range []struct {
			name         string
			interceptors []connect.Interceptor
		}{{"without", nil}, {"closed", closed}, {"four variables", trusted}} {
			b.Run(p.name+"/"+bb.name, func(b *testing.B) {
				for _, v := range four {
					defer v.Set("0123456789abcdef").Restore()
				}
				url := serve(b, mux(nothing, connect.WithInterceptors(bb.interceptors...)))
				c := p.clientWith(b, url, bb.interceptors...)
				b.ReportAllocs()
				for b.Loop() {
					if _, err := c.unary.CallUnary(b.Context(), connect.NewRequest(new(text))); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
