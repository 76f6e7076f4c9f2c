package otelvars_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// The set-ups that the documentation recommends.

// globally makes p the global propagator while the test runs.
func globally(t *testing.T, p propagation.TextMapPropagator) {
	otel.SetTextMapPropagator(p)
	t.Cleanup(func() { otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator()) })
}

// toPeer returns a client whose propagator is the global one. httpvars carries to the peer.
func (tr *tracing) toPeer(t *testing.T, peer *wire.Peer) *http.Client {
	base := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(base.CloseIdleConnections)
	return &http.Client{Transport: otelhttp.NewTransport(httpvars.TransportTo(base, peer),
		otelhttp.WithTracerProvider(tr.provider))}
}

// sent is a server that answers with the baggage that it gets, and with the reply.
func sent(t *testing.T, reply string) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Baggage-Reply", reply)
		w.Write([]byte(strings.Join(r.Header.Values("baggage"), " and ")))
	}))
	t.Cleanup(s.Close)
	return s
}

// Each is open for one direction.
var (
	takesTenant = wire.NewPeer("front", wire.Accept(tenant))
	sendsTenant = wire.NewPeer("backend", wire.Send(tenant))
)

func TestPublicServerAndItsBackend(t *testing.T) {
	globally(t, composite(nil))
	tr := newTracing(t)
	backend := tr.server(t, "backend", composite(takesTenant), otelvars.Handler(answer(func(*http.Request) string {
		return fmt.Sprint(tenant.GetOr("nothing"), " ", debug.GetOr(false))
	})))
	client := tr.toPeer(t, sendsTenant)
	for proved, sees := range map[string]string{"": "nothing", "acme": "acme"} {
		public := httptest.NewServer(otelhttp.NewHandler(otelvars.Handler(answer(func(r *http.Request) string {
			if proved != "" {
				tenant.Set(proved)
			}
			debug.Set(true)
			return tenant.GetOr("nothing") + " / " + get(t, r.Context(), client, backend.URL)
		})), "public", otelhttp.WithTracerProvider(tr.provider)))
		for _, claim := range []string{
			"tenant=evil,debug=true", "%74enant=evil", "+tenant=evil", "tenant=;p=1",
			strings.Repeat("a=1,", wire.MaxMembers), "a=" + strings.Repeat("x", wire.MaxBytes-2),
		} {
			req, err := http.NewRequest("GET", public.URL, nil)
			noError(t, err)
			req.Header.Set("baggage", claim)
			want(t, fmt.Sprintf("%.20q", claim), do(t, public.Client(), req), sees+" / "+sees+" false")
		}
		public.Close()
	}
}

// The first line is why the documentation has httpvars.TransportTo carry to HTTP services.
func TestRedirect(t *testing.T) {
	globally(t, composite(nil))
	tr := newTracing(t)
	stranger := sent(t, "region=stranger's")
	own := http.NewServeMux()
	own.Handle("/away", http.RedirectHandler(stranger.URL, http.StatusTemporaryRedirect))
	own.Handle("/near", http.RedirectHandler("/here", http.StatusTemporaryRedirect))
	own.Handle("/here", answer(func(r *http.Request) string { return r.Header.Get("baggage") }))
	s := httptest.NewServer(own)
	defer s.Close()
	ctx := withBaggage(t, "color=red,tenant=evil")
	peer := wire.NewPeer("own", wire.Send(tenant), wire.Accept(region))
	for _, test := range []struct {
		name       string
		client     *http.Client
		away, near string
	}{
		{"a propagator for the peer", tr.client(t, "client", composite(peer)), "color=red,tenant=acme", "color=red,tenant=acme"},
		{"httpvars inside", tr.toPeer(t, peer), "color=red", "color=red,tenant=acme"},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer tenant.Set("acme").Restore()
			want(t, "away", get(t, ctx, test.client, s.URL+"/away"), test.away)
			want(t, "near", get(t, ctx, test.client, s.URL+"/near"), test.near)
			want(t, "region", region.GetOr("nothing"), "nothing")
		})
	}
}

// region goes back with replies.
var region = contextvars.New[string]("region", wire.Travels(wire.Back))

// In one order alone replies bring what the handler has set.
func TestReplies(t *testing.T) {
	tr := newTracing(t)
	globally(t, composite(nil))
	front := wire.NewPeer("front", wire.Accept(tenant), wire.Send(region))
	client := tr.toPeer(t, wire.NewPeer("backend", wire.Send(tenant), wire.Accept(region)))
	h := answer(func(*http.Request) string {
		region.Set("eu-1")
		defer tr.Start("work").End()
		return tenant.GetOr("nothing") + " " + otelvars.Span().SpanContext().TraceID().String()
	})
	instrumented := func(p propagation.TextMapPropagator, h http.Handler) http.Handler {
		return otelhttp.NewHandler(h, "server", otelhttp.WithTracerProvider(tr.provider), otelhttp.WithPropagators(p))
	}
	for _, test := range []struct {
		name    string
		handler http.Handler
		region  string
	}{
		{"HandlerFrom inside", instrumented(composite(nil), otelvars.Handler(httpvars.HandlerFrom(h, front))), "eu-1"},
		{"HandlerFrom inside, an open propagator", instrumented(composite(front), otelvars.Handler(httpvars.HandlerFrom(h, front))), "eu-1"},
		{"HandlerFrom around it", httpvars.HandlerFrom(instrumented(composite(nil), otelvars.Handler(h)), front), "nothing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := httptest.NewServer(test.handler)
			defer s.Close()
			contextvars.CopyContext().Run(func() {
				tenant.Set("acme")
				span := tr.Start("caller")
				defer span.End()
				want(t, "the handler sees", get(t, otelvars.Context(), client, s.URL), "acme "+span.SpanContext().TraceID().String())
				want(t, "the caller sees", region.GetOr("nothing"), test.region)
			})
		})
	}
}

// Other spellings of the key are sent as they are, and read by whoever gets them.
func TestSpellingIsNoWayAround(t *testing.T) {
	for name, test := range map[string]struct {
		peer *wire.Peer
		h    http.Header
		want string
	}{
		"closed":        {nil, http.Header{"baggage": {"tenant=evil,color=red"}}, "color=red"},
		"open":          {sendsTenant, http.Header{"baggage": {"tenant=evil,color=red"}}, "color=red,tenant=acme"},
		"several":       {sendsTenant, http.Header{"bAGGAGE": {"b=2"}, "BAGGAGE": {"a=1", "tenant=evil"}, "Baggage": {"c=3"}}, "b=2,a=1,c=3,tenant=acme"},
		"nothing stays": {nil, http.Header{"BAGGAGE": {"tenant=evil"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			defer tenant.Set("acme").Restore()
			test.h["Package"] = []string{"x"}
			otelvars.Propagator(test.peer).Inject(t.Context(), propagation.HeaderCarrier(test.h))
			want(t, "header", strings.Join(test.h["Baggage"], " and "), test.want)
			keys := 2
			if test.want == "" {
				keys = 1
			}
			want(t, "keys", len(test.h), keys)
		})
	}
	ctx := otelvars.Propagator(takesTenant).Extract(t.Context(), propagation.HeaderCarrier{"baggage": {"tenant=acme"}})
	otelvars.Run(ctx, func() { want(t, "tenant", tenant.GetOr("nothing"), "acme") })
}

func TestVariablesHaveTheirRoomFirst(t *testing.T) {
	foreign := strings.Repeat("theirs=1,", wire.MaxMembers)
	defer tenant.Set("acme").Restore()
	for name, carrier := range map[string]propagation.TextMapCarrier{
		"header":   propagation.HeaderCarrier{"Baggage": {foreign}},
		"map":      propagation.MapCarrier{"baggage": foreign},
		"get only": getOnly{propagation.MapCarrier{"baggage": foreign}},
	} {
		t.Run(name, func(t *testing.T) {
			otelvars.Propagator(sendsTenant).Inject(t.Context(), carrier)
			var ctx context.Context
			contextvars.Detach(func() { ctx = composite(takesTenant).Extract(t.Context(), carrier) })
			otelvars.Run(ctx, func() { want(t, "tenant", tenant.GetOr("nothing"), "acme") })
			want(t, "OpenTelemetry's", baggage.FromContext(ctx).Member("tenant").Value(), "acme")
		})
	}
}
