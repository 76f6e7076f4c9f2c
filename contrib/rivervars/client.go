package rivervars

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/gocontextvars/contextvars"
)

// Start is client.Start, but the goroutines of the client, which live until it is stopped, hold
// nothing of the caller's variables, and what River calls on them besides jobs sees none: constructors of
// periodic jobs, for instance. Where a queue is added to a client that runs, do the same:
//
//	contextvars.Detach(func() { err = client.Queues().Add("mail", config) })
//
// It panics if client is nil.
func Start[TTx any](ctx context.Context, client *river.Client[TTx]) (err error) {
	if client == nil {
		panic("rivervars: Start was given a nil *river.Client; make one with river.NewClient")
	}
	contextvars.Detach(func() { err = client.Start(ctx) })
	return err
}

// ErrorHandler returns h with both methods called in a Context of the job's, for river.Config.ErrorHandler. They
// see what came with the job, not what Work has set, and nothing of the client's.
//
// It panics if h is nil.
func (p *Plugin) ErrorHandler(h river.ErrorHandler) river.ErrorHandler {
	if h == nil {
		panic("rivervars: Plugin.ErrorHandler was given a nil river.ErrorHandler; leave river.Config.ErrorHandler empty if there is none")
	}
	return &errorHandler{h, p}
}

type errorHandler struct {
	h      river.ErrorHandler
	plugin *Plugin
}

func (e *errorHandler) HandleError(ctx context.Context, job *rivertype.JobRow, err error) (r *river.ErrorHandlerResult) {
	e.plugin.Context(job).Run(func() { r = e.h.HandleError(ctx, job, err) })
	return r
}

func (e *errorHandler) HandlePanic(ctx context.Context, job *rivertype.JobRow, panicked any, trace string) (r *river.ErrorHandlerResult) {
	e.plugin.Context(job).Run(func() { r = e.h.HandlePanic(ctx, job, panicked, trace) })
	return r
}

// RetryPolicy returns r with its method called in a Context of the job's, for river.Config.RetryPolicy. It sees
// what came with the job, not what Work has set, and nothing of the client's. River's own
// policy does not look at variables, and needs no help.
//
// It panics if r is nil.
func (p *Plugin) RetryPolicy(r river.ClientRetryPolicy) river.ClientRetryPolicy {
	if r == nil {
		panic("rivervars: Plugin.RetryPolicy was given a nil river.ClientRetryPolicy; leave river.Config.RetryPolicy empty for River's own")
	}
	return &retryPolicy{r, p}
}

type retryPolicy struct {
	r      river.ClientRetryPolicy
	plugin *Plugin
}

func (r *retryPolicy) NextRetry(job *rivertype.JobRow) (next time.Time) {
	r.plugin.Context(job).Run(func() { next = r.r.NextRetry(job) })
	return next
}
