package temporalvars

import (
	"context"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// An SDKPlugin is for client.Options.Plugins, worker.Options.Plugins and
// worker.WorkflowReplayerOptions.Plugins.
type SDKPlugin interface {
	client.Plugin
	worker.Plugin
}

// Plugin returns a plugin that sets everything up: [Propagator] and [Interceptor], both as the
// outermost, for clients, for workers that are made from them, and for replayers. The peer says which
// variables cross to the workflows of the client's namespace, and from their histories; a nil
// *Peer is closed both ways.
//
// It also keeps the client's goroutines from holding on to variables for as long as the client lives:
// those that client.Dial starts have none. Those that a worker starts have what was set where it was started,
// and its activities see that.
//
// The client is where it belongs: propagators are a client's, so a worker that has the plugin in its own options
// only, without its client's, sees nothing of what arrives. The test environments of package testsuite have no
// client; see [Header].
func Plugin(peer *wire.Peer) SDKPlugin { return &plugin{peer: peer} }

type plugin struct {
	clientBase
	workerBase
	peer *wire.Peer
}

// Both are called PluginBase.
type (
	clientBase = client.PluginBase
	workerBase = worker.PluginBase
)

func (p *plugin) Name() string { return "contextvars.temporalvars" }

func (p *plugin) ConfigureClient(_ context.Context, in client.PluginConfigureClientOptions) error {
	o := in.ClientOptions
	o.ContextPropagators = p.propagators(o.ContextPropagators)
	// Interceptors of the client go around those of its workers, so ours has to be the first of these.
	o.Interceptors = append([]interceptor.ClientInterceptor{Interceptor()}, o.Interceptors...)
	return nil
}

func (p *plugin) NewClient(
	ctx context.Context,
	in client.PluginNewClientOptions,
	next func(context.Context, client.PluginNewClientOptions) error,
) (err error) {
	contextvars.Detach(func() { err = next(ctx, in) })
	return err
}

func (p *plugin) ConfigureWorker(_ context.Context, in worker.PluginConfigureWorkerOptions) error {
	o := in.WorkerOptions
	// A test environment starts activities on goroutines that the workflow's start. What those have
	// must not get in, or tests would pass without the variable's travelling.
	first := &entering{worker: contextvars.CopyContext()}
	o.Interceptors = append([]interceptor.WorkerInterceptor{first}, o.Interceptors...)
	return nil
}

func (p *plugin) ConfigureWorkflowReplayer(
	_ context.Context, in worker.PluginConfigureWorkflowReplayerOptions,
) error {
	o := in.WorkflowReplayerOptions
	o.ContextPropagators = p.propagators(o.ContextPropagators)
	o.Interceptors = append([]interceptor.WorkerInterceptor{Interceptor()}, o.Interceptors...)
	return nil
}

func (p *plugin) propagators(others []workflow.ContextPropagator) []workflow.ContextPropagator {
	return append([]workflow.ContextPropagator{Propagator(p.peer)}, others...)
}
