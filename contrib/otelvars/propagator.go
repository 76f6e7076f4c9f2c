package otelvars

import (
	"context"
	"errors"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// Propagator returns a propagator that carries variables to and from the peer, in the
// header "baggage". A nil peer is closed both ways, and right for whatever has to do with
// the public: the global propagator, see otel.SetTextMapPropagator, is that of all clients and
// servers without one of their own. An open peer is for one of them.
//
// The peer is the same for all hosts that a client talks to and for all who reach a server:
// a propagator does not see who they are. If a server redirects an otelhttp client to another
// host, that gets the variables, too. There, have httpvars.TransportTo carry them; see the
// package's documentation.
//
// Use it beside others in a composite. Put it behind propagation.Baggage, which
// overwrites the header where the ctx has baggage of OpenTelemetry's own; Propagator keeps
// what is there. If Inject finds such a ctx and nothing written, it says so once, by
// otel.Handle.
//
// Extract returns a ctx with what the peer may send, over a copy of the variables of
// the goroutine that calls it. It is found by [contextvars.FromContext]. It changes nothing on that
// goroutine: [Handler], [UnaryServer], [StreamServer] and [Run] enter it.
//
// Inject writes the variables of the goroutine that calls it, as otelhttp and
// otelgrpc do on the caller's. Only where ctx is one of a request and the goroutine is
// not inside of that, because nothing has entered it or because it works for another one,
// it writes those with which the request has arrived.
//
// Under keys of this process's variables goes what the peer is open for, and nothing else:
// entries of OpenTelemetry's baggage with such a key, whoever has sent them, are taken out of
// the header, so that they cannot get around a variable's reach or a closed peer. All
// other entries are left to propagation.Baggage, and are written once also if the peer passes
// unknown ones. Extract leaves OpenTelemetry's baggage in ctx as it is, so a variable that
// has arrived is there as well, with the value that it arrived with.
//
// A request never fails because of what it carries; package wire says what is dropped and
// reported. A carrier without a Values method, as that of otelgrpc, shows the first
// header only if there are several.
//
// Inject and Extract take about half of what propagation.Baggage takes for as many members.
func Propagator(peer *wire.Peer) propagation.TextMapPropagator { return &propagator{peer: peer} }

type propagator struct {
	peer    *wire.Peer
	warning sync.Once
}

var errOrder = errors.New("otelvars: ctx has OpenTelemetry baggage that is not in the carrier yet; " +
	"propagation.Baggage has to stand before otelvars.Propagator in a composite, or it overwrites the variables")

// Inject writes variables into the carrier.
func (p *propagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	checkContext(ctx == nil, "Inject")
	c := carrierOf(carrier)
	if baggage.FromContext(ctx).Len() > 0 && len(c.Values(wire.Key)) == 0 {
		p.warning.Do(func() { otel.Handle(errOrder) })
	}
	if arrived := notEntered(ctx); arrived != nil {
		p.peer.InjectFrom(arrived, c)
		return
	}
	p.peer.Inject(c)
}

// Extract returns ctx with the variables that have arrived.
func (p *propagator) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	checkContext(ctx == nil, "Extract")
	arrived := p.peer.Extract(carrierOf(carrier))
	return context.WithValue(contextvars.WithContext(ctx, arrived), arrivedKey{}, arrived)
}

// Fields returns the key that Inject sets.
func (p *propagator) Fields() []string { return []string{wire.Key} }

// arrivedKey is that of the Context that a Propagator has put into a ctx. The key of
// contextvars.WithContext is not asked, since others use it for what has not arrived with a
// request, as httpvars.BaseContext does.
type arrivedKey struct{}

func arrivedIn(ctx context.Context) *contextvars.Context {
	arrived, _ := ctx.Value(arrivedKey{}).(*contextvars.Context)
	return arrived
}

// notEntered returns what has arrived with the request of ctx, unless the goroutine is inside of
// it already: then its own variables are the newer ones.
func notEntered(ctx context.Context) *contextvars.Context {
	arrived := arrivedIn(ctx)
	if s := current.Get(); s != nil && s.arrived == arrived {
		return nil
	}
	return arrived
}

func checkContext(missing bool, call string) {
	if missing {
		panic("otelvars: " + call + " was given a nil context.Context; use context.Background()")
	}
}
