package otelvars_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/propagation"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/wire"
)

// hostile are headers, with the tenant that they may bring.
var hostile = []struct{ name, header, tenant string }{
	{"malformed percent-encoding", "tenant=%zz,debug=true", "nothing"},
	{"not UTF-8", "tenant=%ff%fe", "nothing"},
	{"no value", "tenant", "nothing"},
	{"twice", "tenant=first,tenant=last", "last"},
	{"only separators", ",,;;==,", "nothing"},
	{"spaces", " tenant = acme ", "acme"},
	{"too many members", "tenant=acme" + strings.Repeat(",a=b", 64), "nothing"},
	{"too long", "tenant=acme,a=" + strings.Repeat("b", 9000), "nothing"},
	{"a long value", "tenant=" + strings.Repeat("b", 2000), "nothing"},
	{"half a megabyte", "tenant=" + strings.Repeat("%41", 1<<19/3), "nothing"},
}

// A request is served whatever its header says, by both propagators in one composite.
func TestHostileHeaders(t *testing.T) {
	handled(t)
	tr := newTracing(t)
	peer := wire.NewPeer("test", wire.Accept(tenant, debug), wire.ReportTo(func(wire.Report) {}))
	s := tr.server(t, "server", composite(peer), otelvars.Handler(answer(func(*http.Request) string {
		return tenant.GetOr("nothing")
	})))
	for _, test := range hostile {
		t.Run(test.name, func(t *testing.T) {
			req, err := http.NewRequest("GET", s.URL, nil)
			noError(t, err)
			req.Header.Set("baggage", test.header)
			want(t, "the handler sees", do(t, s.Client(), req), test.tenant)
		})
	}
}

// What the composite takes goes on as something that it takes, with the same values.
func FuzzPropagator(f *testing.F) {
	for _, test := range hostile {
		f.Add(test.header)
	}
	f.Add("color=red;p=1,tenant=a%20b,debug=true;hops=1")
	peer := wire.NewPeer("test", wire.Everything(), wire.ReportTo(func(wire.Report) {}))
	p := composite(peer)
	f.Fuzz(func(t *testing.T, header string) {
		handled(t)
		ctx := p.Extract(t.Context(), propagation.MapCarrier{"baggage": header})
		otelvars.Run(ctx, func() {
			carrier := propagation.MapCarrier{}
			p.Inject(ctx, carrier)
			var again context.Context // at the next hop, which has nothing of this one
			contextvars.Detach(func() { again = p.Extract(t.Context(), carrier) })
			value, ok := tenant.Lookup()
			otelvars.Run(again, func() {
				got, there := tenant.Lookup()
				if ok && len(carrier["baggage"]) < wire.MaxBytes/2 && (got != value || !there) {
					t.Errorf("tenant %q came again as %q, %v, in %q", value, got, there, carrier["baggage"])
				}
				if debug.GetOr(false) {
					t.Error("a variable with OneHop went on")
				}
			})
		})
	})
}
