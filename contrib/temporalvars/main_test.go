package temporalvars_test

import (
	"log/slog"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"go.uber.org/goleak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars/internal/scenario"
	"github.com/gocontextvars/contextvars/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// environment returns the SDK's test environment with everything of the scenario, and set
// up for the peer unless that is nil.
func environment(peer *wire.Peer) *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	for _, w := range scenario.Workflows {
		env.RegisterWorkflow(w)
	}
	for _, a := range scenario.Activities {
		env.RegisterActivity(a)
	}
	if peer != nil {
		env.SetWorkerOptions(worker.Options{Plugins: []worker.Plugin{temporalvars.Plugin(peer)}})
		env.SetContextPropagators([]workflow.ContextPropagator{temporalvars.Propagator(peer)})
	}
	return env
}

// run executes a workflow as it is on a real server: the header is the caller's, and the environment is
// the worker's.
func run[R any](t testing.TB, peer *wire.Peer, workflow any, args ...any) (result R) {
	t.Helper()
	header := callersHeader(peer)
	var env *testsuite.TestWorkflowEnvironment
	contextvars.Detach(func() {
		scenario.Tenant.Set("the worker's")
		env = environment(peer)
		env.SetHeader(header)
		env.ExecuteWorkflow(workflow, args...)
	})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if err := env.GetWorkflowResult(&result); err != nil {
		t.Fatal(err)
	}
	return result
}

func callersHeader(peer *wire.Peer) (header *commonpb.Header) {
	contextvars.Detach(func() {
		scenario.Tenant.Set("the caller's")
		scenario.Debug.Set("the caller's")
		header = temporalvars.Header(peer)
	})
	return header
}
