package temporalvars_test

import (
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/gocontextvars/contextvars/contrib/temporalvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars/internal/scenario"
)

// theirs is an interceptor of somebody else.
type theirs struct{ interceptor.InterceptorBase }

func TestPluginComesFirstAndKeepsTheOthers(t *testing.T) {
	plugin := temporalvars.Plugin(scenario.Peer)
	other, others := temporalvars.Propagator(nil), &theirs{}

	c := client.Options{
		ContextPropagators: []workflow.ContextPropagator{other},
		Interceptors:       []interceptor.ClientInterceptor{others},
	}
	if err := plugin.ConfigureClient(t.Context(), client.PluginConfigureClientOptions{ClientOptions: &c}); err != nil {
		t.Fatal(err)
	}
	if p := c.ContextPropagators; len(p) != 2 || p[0] == other || p[1] != other {
		t.Errorf("the client's propagators are %v", p)
	}
	if i := c.Interceptors; len(i) != 2 || i[1] != interceptor.ClientInterceptor(others) {
		t.Errorf("the client's interceptors are %v", i)
	}

	w := worker.Options{Interceptors: []interceptor.WorkerInterceptor{others}}
	if err := plugin.ConfigureWorker(t.Context(), worker.PluginConfigureWorkerOptions{WorkerOptions: &w}); err != nil {
		t.Fatal(err)
	}
	if i := w.Interceptors; len(i) != 2 || i[1] != interceptor.WorkerInterceptor(others) {
		t.Errorf("the worker's interceptors are %v", i)
	}

	r := worker.WorkflowReplayerOptions{
		ContextPropagators: []workflow.ContextPropagator{other},
		Interceptors:       []interceptor.WorkerInterceptor{others},
	}
	err := plugin.ConfigureWorkflowReplayer(t.Context(), worker.PluginConfigureWorkflowReplayerOptions{WorkflowReplayerOptions: &r})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.ContextPropagators) != 2 || r.ContextPropagators[1] != other ||
		len(r.Interceptors) != 2 || r.Interceptors[1] != interceptor.WorkerInterceptor(others) {
		t.Errorf("the replayer has %v", r)
	}
}
