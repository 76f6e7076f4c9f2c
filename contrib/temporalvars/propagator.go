package temporalvars

import (
	"context"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// Propagator is half of what [Plugin] sets up, for client.Options.ContextPropagators and for where
// there are no plugins: it writes the values that are current at a call into the call's header, and
// reads what has arrived in one. For workflows and activities to see that, [Interceptor] is needed, too.
//
// In the header there is one field, "baggage": a JSON string, as any SDK's default data converter reads
// and writes it, with the text of W3C Baggage that package wire describes. A field that is no such string
// is dropped as malformed, with a report; see [wire.Report]. So the methods never fail.
//
// What others have written under the same key stays if this process has no variable for it, as
// with [wire.Peer.Inject]. So one client has one of them: a second one would take out what the first
// one has written.
//
// It costs what [wire.Peer.Inject] and [wire.Peer.Extract] do, and about a microsecond for the JSON. A nil
// *Peer is closed both ways.
func Propagator(peer *wire.Peer) workflow.ContextPropagator { return propagator{peer} }

// Header returns a header with the current values of the variables that go to the peer, for SetHeader of
// the test environments in package testsuite, where there is no client:
//
//	env.SetWorkerOptions(worker.Options{Plugins: []worker.Plugin{temporalvars.Plugin(peer)}})
//	env.SetContextPropagators([]workflow.ContextPropagator{temporalvars.Propagator(peer)})
//	env.SetHeader(temporalvars.Header(peer))
//
// It costs what [wire.Peer.Inject] does.
func Header(peer *wire.Peer) *commonpb.Header {
	f := fields{}
	peer.Inject(carrier{f.get, f.set})
	return &commonpb.Header{Fields: f}
}

type propagator struct{ peer *wire.Peer }

// Inject writes the caller's values.
func (p propagator) Inject(ctx context.Context, header workflow.HeaderWriter) error {
	p.peer.Inject(carrier{fields(interceptor.Header(ctx)).get, header.Set})
	return nil
}

// InjectFromWorkflow is called on the goroutine of the coroutine that starts something, so the
// current values are that coroutine's.
func (p propagator) InjectFromWorkflow(ctx workflow.Context, header workflow.HeaderWriter) error {
	p.peer.Inject(carrier{fields(interceptor.WorkflowHeader(ctx)).get, header.Set})
	return nil
}

// Extract reads what has arrived with an activity.
func (p propagator) Extract(ctx context.Context, header workflow.HeaderReader) (context.Context, error) {
	return context.WithValue(ctx, arrivedKey{}, p.extract(contextvars.NewContext(), header)), nil
}

// ExtractToWorkflow reads what has arrived with a workflow or with a message to it. For a message,
// ctx has what the workflow began with, and that stays as it is.
func (p propagator) ExtractToWorkflow(ctx workflow.Context, header workflow.HeaderReader) (workflow.Context, error) {
	base := contextvars.NewContext()
	if began, ok := ctx.Value(arrivedKey{}).(*contextvars.Context); ok {
		base = began.Copy() // a codec or a report's func may set something
	}
	return workflow.WithValue(ctx, arrivedKey{}, p.extract(base, header)), nil
}

// extract returns what the header has, over base. Nothing of the goroutine's is in that: another worker,
// which replays the workflow, has other values.
func (p propagator) extract(base *contextvars.Context, header workflow.HeaderReader) (c *contextvars.Context) {
	base.Run(func() { c = p.peer.Extract(carrier{get: header.Get}) })
	return c
}

// arrivedKey is that of the *contextvars.Context that has arrived, in a context.Context or a
// workflow.Context; nil where Interceptor has entered it.
type arrivedKey struct{}
