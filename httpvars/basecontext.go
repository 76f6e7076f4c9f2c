package httpvars

import (
	"context"
	"net"

	"github.com/gocontextvars/contextvars"
)

// BaseContext is for http.Server.BaseContext:
//
//	srv := &http.Server{Handler: httpvars.Handler(mux), BaseContext: httpvars.BaseContext}
//
// It makes the ctx of every request, and all that are derived from it, one with
// which pprof.Do and pprof.SetGoroutineLabels leave the variables in place: also for
// goroutines that a handler starts inside pprof.Do, which with another ctx see
// nothing of the request's. See [contextvars.WithContext] for how and for what it
// adds to the label set.
//
// It does not change which variables a request sees, nor keep requests apart:
// that is for [Handler]. [contextvars.FromContext] finds in the ctx a copy
// of the context in which Serve was called, not the request's.
//
// The cost is one allocation for each call of Serve, none for a request. The
// listener is not used.
func BaseContext(net.Listener) context.Context {
	return contextvars.WithContext(context.Background(), contextvars.CopyContext())
}
