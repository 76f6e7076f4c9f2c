package otelvars

import (
	"context"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/gocontextvars/contextvars"
)

// current is the span that is current, with what belongs to it.
var current = contextvars.New[*scope]("otelvars.current")

// scope is what is current between a Start and its End, or inside of Run.
//
// It leads to scopes of spans that have not ended, and to no others: goroutines hand it on
// to each other, and a chain of them may go on for as long as the process.
type scope struct {
	base    context.Context      // with the baggage
	ctx     context.Context      // base with the span
	arrived *contextvars.Context // with the request that this is inside of; see notEntered

	ended atomic.Bool
	outer atomic.Pointer[scope] // what was current before, until the span ends
}

// none is current where nothing is.
var none = &scope{base: context.Background(), ctx: context.Background()}

func here() *scope {
	if s := current.Get(); s != nil {
		return s
	}
	return none
}

// scopeOf returns that of a request's ctx.
func scopeOf(ctx context.Context) *scope {
	s := &scope{base: baseOf(ctx), arrived: arrivedIn(ctx)}
	if s.arrived == nil {
		s.arrived = here().arrived
	}
	s.ctx = s.base
	if span := trace.SpanFromContext(ctx); span.SpanContext().IsValid() {
		s.ctx = trace.ContextWithSpan(s.base, span)
	}
	return s
}

// baseOf returns a ctx that has ctx's baggage, and nothing else of it: ctx may hold much, and
// be cancelled while goroutines of the request go on.
func baseOf(ctx context.Context) context.Context {
	if b := baggage.FromContext(ctx); b.Len() > 0 {
		return baggage.ContextWithBaggage(context.Background(), b)
	}
	return context.Background()
}

// inner returns the scope of a span that is started in s, with the baggage of base.
func (s *scope) inner(base context.Context, span trace.Span) *scope {
	in := &scope{base: base, ctx: trace.ContextWithSpan(base, span), arrived: s.arrived}
	if s != none {
		in.outer.Store(s)
	}
	return in
}

// leave makes what was current before s current again, if s is. The token is that of the Set
// which has made s current.
func (s *scope) leave(token contextvars.Token[*scope]) {
	first := !s.ended.Swap(true)
	if at := current.Get(); at == s {
		outer := s.outer.Load()
		switch {
		case token.Restore():
			// The one that was current then may have ended since.
			if first && current.Get() != outer {
				outer.makeCurrent()
			}
		case first: // a goroutine that has inherited s
			outer.makeCurrent()
		}
	} else if first {
		s.cutOut(at)
	}
	if first {
		s.outer.Store(nil)
	}
}

func (s *scope) makeCurrent() {
	if s == nil {
		current.Unset()
		return
	}
	//contextvars:ignore token End takes it back, whoever calls that
	current.Set(s)
}

// cutting keeps two that stand side by side from being cut out at the same time.
var cutting sync.Mutex

// cutOut takes s out of the way that leads from a scope outwards.
func (s *scope) cutOut(from *scope) {
	cutting.Lock()
	defer cutting.Unlock()
	for ; from != nil; from = from.outer.Load() {
		if from.outer.CompareAndSwap(s, s.outer.Load()) {
			return
		}
	}
}
