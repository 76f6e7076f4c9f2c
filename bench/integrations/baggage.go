package main

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/wire"
)

// Inject into an http.Header and Extract from it. What is extracted is looked at, one of the
// eight in each call, in turns.
var eightVariables = comparison{
	name:  "baggage",
	title: "Inject and Extract of 8",
	sides: []side{
		{"propagation.Baggage", otelBaggage},
		{"wire.Peer", wirePeer(wire.Trusted())},
		{"otelvars.Propagator", otelPropagator(wire.Trusted())},
	},
	limits: []limit{
		{what: "Inject and Extract of 8, wire.Peer", of: 1, ns: 2000},
		{what: "wire.Peer / OpenTelemetry's propagation.Baggage", of: 1, ratio: 2},
		{what: "Inject and Extract of 8, otelvars.Propagator", of: 2, ns: 2000},
		{what: "otelvars.Propagator / OpenTelemetry's propagation.Baggage", of: 2, ratio: 2},
	},
}

func otelBaggage(b *bed) (loop, error) {
	c := b.carry(eight[:])
	var ctx context.Context
	b.before(func() { ctx = c.baggage() })
	header := http.Header{}
	carrier := propagation.HeaderCarrier(header)
	var p propagation.Baggage
	return func(n int) (right int, err error) {
		want := *c.values.Load()
		for i := range n {
			clear(header)
			p.Inject(ctx, carrier)
			got := p.Extract(context.Background(), carrier)
			if baggage.FromContext(got).Member(eight[i&7].Name()).Value() == want[i&7] {
				right++
			}
		}
		return right, nil
	}, nil
}

// baggage returns a ctx with the cargo as OpenTelemetry's own.
func (c *cargo) baggage() context.Context {
	var members []baggage.Member
	for i, value := range *c.values.Load() {
		m, err := baggage.NewMember(c.vars[i].Name(), value)
		if err != nil {
			panic(err)
		}
		members = append(members, m)
	}
	bag, err := baggage.New(members...)
	if err != nil {
		panic(err)
	}
	return baggage.ContextWithBaggage(context.Background(), bag)
}

func wirePeer(peer *wire.Peer) func(*bed) (loop, error) {
	return func(b *bed) (loop, error) {
		c := b.carry(eight[:])
		header := http.Header{}
		var got *contextvars.Context
		extract := func() { got = peer.Extract(header) }
		nobody := contextvars.NewContext()
		return func(n int) (right int, err error) {
			want := *c.values.Load()
			for i := range n {
				clear(header)
				peer.Inject(header)
				nobody.Run(extract) // in the sender's context everything would be there already
				if value, _ := got.Value(eight[i&7]); value == want[i&7] {
					right++
				}
			}
			return right, nil
		}, nil
	}
}

func otelPropagator(peer *wire.Peer) func(*bed) (loop, error) {
	return func(b *bed) (loop, error) {
		c := b.carry(eight[:])
		p := otelvars.Propagator(peer)
		header := http.Header{}
		carrier := propagation.HeaderCarrier(header)
		var got context.Context
		extract := func() { got = p.Extract(context.Background(), carrier) }
		nobody := contextvars.NewContext()
		return func(n int) (right int, err error) {
			want := *c.values.Load()
			for i := range n {
				clear(header)
				p.Inject(context.Background(), carrier)
				nobody.Run(extract)
				arrived, ok := contextvars.FromContext(got)
				if !ok {
					continue
				}
				if value, _ := arrived.Value(eight[i&7]); value == want[i&7] {
					right++
				}
			}
			return right, nil
		}, nil
	}
}
