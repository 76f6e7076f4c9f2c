package httpvars

import (
	"context"
	"net/http/httptrace"
	"net/textproto"
)

// withTrace returns ctx with the hooks of trace, which is ctx's own, bound.
//
// They must be: the goroutines that call them were started by whoever needed a
// connection at the time, and may have that caller's variables on loan at this moment.
func (in binding) withTrace(ctx context.Context, trace *httptrace.ClientTrace) context.Context {
	// httptrace would add the hooks to those that ctx has already.
	return &tracedContext{ctx, httptrace.WithClientTrace(context.Background(), in.trace(trace))}
}

// tracedContext finds in the ctx traced what httptrace keeps, for net/http and
// for net, and else is the caller's ctx.
type tracedContext struct {
	context.Context
	traced context.Context
}

func (c *tracedContext) Value(key any) any {
	if v := c.traced.Value(key); v != nil {
		return v
	}
	return c.Context.Value(key)
}

// trace returns t with its hooks bound. GetConn and GotConn are called on the
// caller's goroutine, and may set variables there.
func (in binding) trace(t *httptrace.ClientTrace) *httptrace.ClientTrace {
	bound := &httptrace.ClientTrace{
		GetConn:              t.GetConn,
		GotConn:              t.GotConn,
		PutIdleConn:          bind1(in, t.PutIdleConn),
		GotFirstResponseByte: bind0(in, t.GotFirstResponseByte),
		Got100Continue:       bind0(in, t.Got100Continue),
		DNSStart:             bind1(in, t.DNSStart),
		DNSDone:              bind1(in, t.DNSDone),
		ConnectStart:         bind2(in, t.ConnectStart),
		TLSHandshakeStart:    bind0(in, t.TLSHandshakeStart),
		TLSHandshakeDone:     bind2(in, t.TLSHandshakeDone),
		WroteHeaderField:     bind2(in, t.WroteHeaderField),
		WroteHeaders:         bind0(in, t.WroteHeaders),
		Wait100Continue:      bind0(in, t.Wait100Continue),
		WroteRequest:         bind1(in, t.WroteRequest),
	}
	if f := t.Got1xxResponse; f != nil {
		bound.Got1xxResponse = func(code int, header textproto.MIMEHeader) (err error) {
			in(func() { err = f(code, header) })
			return err
		}
	}
	if f := t.ConnectDone; f != nil {
		bound.ConnectDone = func(network, addr string, err error) {
			in(func() { f(network, addr, err) })
		}
	}
	return bound
}

func bind0(in binding, f func()) func() {
	if f == nil {
		return nil
	}
	return func() { in(f) }
}

func bind1[A any](in binding, f func(A)) func(A) {
	if f == nil {
		return nil
	}
	return func(a A) { in(func() { f(a) }) }
}

func bind2[A, B any](in binding, f func(A, B)) func(A, B) {
	if f == nil {
		return nil
	}
	return func(a A, b B) { in(func() { f(a, b) }) }
}
