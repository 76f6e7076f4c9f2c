package otelvars_test

import (
	"context"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/wire"
)

// getOnly is a carrier without Values, as that of otelgrpc.
type getOnly struct{ propagation.TextMapCarrier }

func TestCarriers(t *testing.T) {
	p := otelvars.Propagator(wire.Trusted())
	for name, carrier := range map[string]propagation.TextMapCarrier{
		"header":   propagation.HeaderCarrier{},
		"map":      propagation.MapCarrier{},
		"get only": getOnly{propagation.MapCarrier{}},
	} {
		t.Run(name, func(t *testing.T) {
			func() {
				defer tenant.Set("acme & sons").Restore()
				p.Inject(t.Context(), carrier)
			}()
			want(t, "header", carrier.Get("baggage"), "tenant=acme%20%26%20sons")
			otelvars.Run(p.Extract(t.Context(), carrier), func() {
				want(t, "tenant", tenant.Get(), "acme & sons")
			})
		})
	}
}

func TestSeveralHeaders(t *testing.T) {
	h := propagation.HeaderCarrier{"Baggage": {"tenant=acme", "debug=true;hops=1"}}
	for _, carrier := range []propagation.TextMapCarrier{h, struct{ propagation.HeaderCarrier }{h}} {
		ctx := otelvars.Propagator(wire.Trusted()).Extract(t.Context(), carrier)
		otelvars.Run(ctx, func() {
			want(t, "tenant", tenant.Get(), "acme")
			want(t, "debug", debug.Get(), true)
		})
	}
}

func TestFields(t *testing.T) {
	fields := otelvars.Propagator(nil).Fields()
	if len(fields) != 1 || fields[0] != "baggage" {
		t.Errorf("%v", fields)
	}
}

func TestExtractSetsNothingHere(t *testing.T) {
	before := contextvars.CopyContext()
	ctx := otelvars.Propagator(wire.Trusted()).Extract(t.Context(), propagation.MapCarrier{"baggage": "tenant=acme"})
	if !contextvars.CopyContext().Equal(before) {
		t.Error("the goroutine's variables have changed")
	}
	c, ok := contextvars.FromContext(ctx)
	if !ok {
		t.Fatal("ctx carries no Context")
	}
	got, _ := tenant.In(c)
	want(t, "tenant in ctx", got, "acme")
}

func TestWhatArrivedLiesOverWhatIsCurrent(t *testing.T) {
	defer local.Set("the server's").Restore()
	defer tenant.Set("the server's").Restore()
	ctx := otelvars.Propagator(wire.Trusted()).Extract(t.Context(), propagation.MapCarrier{"baggage": "tenant=acme"})
	otelvars.Run(ctx, func() {
		want(t, "local", local.Get(), "the server's")
		want(t, "tenant", tenant.Get(), "acme")
	})
}

func TestNilPeerIsClosed(t *testing.T) {
	p := otelvars.Propagator(nil)
	otelvars.Run(p.Extract(t.Context(), propagation.MapCarrier{"baggage": "tenant=evil"}), func() {
		want(t, "tenant", tenant.GetOr("nothing"), "nothing")
	})
	defer tenant.Set("acme").Restore()
	carrier := propagation.MapCarrier{}
	p.Inject(t.Context(), carrier)
	want(t, "headers", len(carrier), 0)
}

func TestRedactedTravels(t *testing.T) {
	defer secret.Set("x").Restore()
	carrier := propagation.MapCarrier{}
	otelvars.Propagator(wire.Trusted()).Inject(t.Context(), carrier)
	want(t, "header", carrier["baggage"], "secret=x")
}

// A ctx of a request that nothing has entered goes on with what has arrived.
func TestInjectOfRequestThatWasNotEntered(t *testing.T) {
	p := otelvars.Propagator(wire.Trusted())
	ctx := p.Extract(t.Context(), propagation.MapCarrier{"baggage": "tenant=acme,debug=true;hops=1"})
	inject := func(ctx context.Context) string {
		carrier := propagation.MapCarrier{}
		p.Inject(ctx, carrier)
		return carrier["baggage"]
	}
	want(t, "not entered", inject(ctx), "tenant=acme")
	want(t, "no request", inject(t.Context()), "")
	other := p.Extract(t.Context(), propagation.MapCarrier{"baggage": "tenant=other"})
	otelvars.Run(other, func() {
		want(t, "inside of another request", inject(ctx), "tenant=acme")
		tenant.Set("changed")
		want(t, "inside of it", inject(other), "tenant=changed")
		want(t, "inside, with another ctx", inject(context.Background()), "tenant=changed")
		inGoroutine(func() { want(t, "in a goroutine of it", inject(other), "tenant=changed") })
		defer otelvars.Start("span").End()
		want(t, "inside of a span of it", inject(other), "tenant=changed")
		contextvars.Detach(func() { want(t, "detached", inject(other), "tenant=other") })
	})
}

// handled collects what OpenTelemetry reports while the test runs.
func handled(t *testing.T) *[]error {
	var errs []error
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { errs = append(errs, err) }))
	t.Cleanup(func() { otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {})) })
	return &errs
}

func withBaggage(t *testing.T, list string) context.Context {
	t.Helper()
	b, err := baggage.Parse(list)
	noError(t, err)
	return baggage.ContextWithBaggage(t.Context(), b)
}

// members reads a header as OpenTelemetry does, and fails if a key is there twice.
func members(t *testing.T, h http.Header) map[string]string {
	t.Helper()
	got := map[string]string{}
	for _, text := range h.Values("baggage") {
		b, err := baggage.Parse(text)
		noError(t, err)
		for _, m := range b.Members() {
			got[m.Key()] = m.Value()
		}
	}
	return got
}

func TestBesideOpenTelemetrysBaggage(t *testing.T) {
	errs := handled(t)
	p := propagation.NewCompositeTextMapPropagator(propagation.Baggage{}, otelvars.Propagator(wire.Trusted()))
	for _, test := range []struct{ name, baggage, tenant, want string }{
		{"other entries stay", "color=red;p=1", "acme", "color=red;p=1,tenant=acme"},
		{"ours wins", "tenant=old", "acme", "tenant=acme"},
		{"ours is not set", "tenant=old", "", ""},
		{"ours is not set, others stay", "tenant=old,color=red", "", "color=red"},
		{"none of ours", "color=red", "", "color=red"},
		{"none of theirs", "", "acme", "tenant=acme"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.tenant != "" {
				defer tenant.Set(test.tenant).Restore()
			}
			for _, carrier := range []propagation.TextMapCarrier{
				propagation.HeaderCarrier{}, propagation.MapCarrier{}, getOnly{propagation.MapCarrier{}},
			} {
				p.Inject(withBaggage(t, test.baggage), carrier)
				want(t, "header", carrier.Get("baggage"), test.want)
			}
		})
	}
	want(t, "reports", len(*errs), 0)
}

// Entries that this process has no variable for pass by both propagators, and are written once.
func TestUnknownEntriesPassOnce(t *testing.T) {
	p := composite(wire.Trusted())
	arriving := http.Header{"Baggage": {"color=red,tenant=acme"}}
	ctx := p.Extract(t.Context(), propagation.HeaderCarrier(arriving))
	for name, run := range map[string]func(context.Context, func()){
		"entered":     otelvars.Run,
		"not entered": func(_ context.Context, f func()) { f() },
	} {
		run(ctx, func() {
			leaving := http.Header{}
			p.Inject(ctx, propagation.HeaderCarrier(leaving))
			want(t, name, leaving.Get("baggage"), "color=red,tenant=acme")
		})
	}
}

// OpenTelemetry's baggage sends on whatever has come; what a variable's reach and the peer
// keep back must not get past them that way.
func TestBaggageIsNoWayAround(t *testing.T) {
	inside := composite(wire.Trusted())
	for name, edge := range map[string]*wire.Peer{"closed": nil, "open": wire.Trusted()} {
		t.Run(name, func(t *testing.T) {
			arriving := http.Header{"Baggage": {"color=red,tenant=evil,debug=true;hops=1"}}
			ctx := composite(edge).Extract(t.Context(), propagation.HeaderCarrier(arriving))
			want(t, "OpenTelemetry's own", baggage.FromContext(ctx).Member("tenant").Value(), "evil")
			otelvars.Run(ctx, func() {
				if edge != nil {
					tenant.Unset()
				}
				leaving := http.Header{}
				inside.Inject(ctx, propagation.HeaderCarrier(leaving))
				got := members(t, leaving)
				if len(got) != 1 || got["color"] != "red" {
					t.Errorf("sent on: %v", got)
				}
			})
		})
	}
}

// In front of propagation.Baggage ours works as long as ctx has none of OpenTelemetry's
// baggage, and says so where it has.
func TestInFrontOfBaggage(t *testing.T) {
	errs := handled(t)
	p := propagation.NewCompositeTextMapPropagator(otelvars.Propagator(wire.Trusted()), propagation.Baggage{})
	defer tenant.Set("acme").Restore()
	carrier := propagation.MapCarrier{}
	p.Inject(t.Context(), carrier)
	want(t, "header", carrier["baggage"], "tenant=acme")
	want(t, "reports", len(*errs), 0)

	ctx := p.Extract(t.Context(), propagation.MapCarrier{"baggage": "tenant=other"})
	otelvars.Run(ctx, func() { want(t, "tenant", tenant.Get(), "other") })

	for range 2 {
		carrier := getOnly{propagation.MapCarrier{}}
		p.Inject(withBaggage(t, "color=red"), carrier)
		want(t, "header, overwritten", carrier.Get("baggage"), "color=red")
	}
	if len(*errs) != 1 {
		t.Errorf("%d reports, want 1: %v", len(*errs), *errs)
	}
}

func TestNilContexts(t *testing.T) {
	p := otelvars.Propagator(nil)
	const rest = " was given a nil context.Context; use context.Background()"
	var none context.Context
	wantPanic(t, "otelvars: Inject"+rest, func() { p.Inject(none, propagation.MapCarrier{}) })
	wantPanic(t, "otelvars: Extract"+rest, func() { p.Extract(none, propagation.MapCarrier{}) })
	wantPanic(t, "otelvars: Run"+rest, func() { otelvars.Run(none, func() {}) })
	wantPanic(t, "otelvars: StartIn"+rest, func() { otelvars.StartIn(none, "span") })
}
