package temporalvars_test

import (
	"context"
	"testing"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars/internal/scenario"
)

func TestPlaces(t *testing.T) {
	seen := run[scenario.Seen](t, scenario.Peer, scenario.Journey)
	for place, want := range scenario.Arrived {
		t.Run(place, func(t *testing.T) {
			if got := seen[place]; got != want {
				t.Errorf("it sees %s, want %s", got, want)
			}
		})
	}
	if len(seen) != len(scenario.Arrived) {
		t.Errorf("seen: %v", seen)
	}
}

// stays is a variable that does not travel.
var stays = contextvars.New[string]("stays")

func lookForStays(context.Context) (string, error) { return stays.GetOr("nothing"), nil }

// The test environment starts activities on goroutines that the workflow's start, so there they would
// see what on a server they do not.
func TestWhatDoesNotTravelIsNotSeenInTestsEither(t *testing.T) {
	env := environment(scenario.Peer)
	env.RegisterActivity(lookForStays)
	env.ExecuteWorkflow(func(ctx workflow.Context) (seen string, err error) {
		stays.Set("the workflow's")
		err = workflow.ExecuteActivity(scenario.Options(ctx), lookForStays).Get(ctx, &seen)
		return seen, err
	})
	var seen string
	if err := env.GetWorkflowResult(&seen); err != nil || seen != "nothing" {
		t.Errorf("the activity sees %s, %v", seen, err)
	}
}

// Another worker, which replays the workflow, has other values.
func TestWorkflowSeesNothingOfItsWorker(t *testing.T) {
	env := environment(scenario.Peer)
	contextvars.Detach(func() {
		stays.Set("the worker's")
		scenario.Tenant.Set("the worker's")
		env.ExecuteWorkflow(func(workflow.Context) (string, error) {
			return stays.GetOr("nothing") + " and " + scenario.Here(), nil
		})
	})
	var seen string
	if err := env.GetWorkflowResult(&seen); err != nil || seen != "nothing and nothing" {
		t.Errorf("the workflow sees %s, %v", seen, err)
	}
}

func TestNilPeerIsClosed(t *testing.T) {
	env := environment(nil)
	env.SetWorkerOptions(worker.Options{Plugins: []worker.Plugin{temporalvars.Plugin(nil)}})
	env.SetContextPropagators([]workflow.ContextPropagator{temporalvars.Propagator(nil)})
	env.SetHeader(callersHeader(scenario.Peer))
	env.ExecuteWorkflow(scenario.Journey)
	var seen scenario.Seen
	if err := env.GetWorkflowResult(&seen); err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"a workflow", "an activity", "an activity that it starts then", "a child workflow"} {
		if seen[place] != "nothing" {
			t.Errorf("%s sees %s", place, seen[place])
		}
	}
}

func TestActivitySeesWhatItsWorkerHas(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(scenario.Look)
	env.RegisterActivity(lookForStays)
	contextvars.Detach(func() {
		stays.Set("the worker's")
		env.SetWorkerOptions(worker.Options{Plugins: []worker.Plugin{temporalvars.Plugin(scenario.Peer)}})
	})
	env.SetContextPropagators([]workflow.ContextPropagator{temporalvars.Propagator(scenario.Peer)})
	env.SetHeader(callersHeader(scenario.Peer))
	for activity, want := range map[string]string{"lookForStays": "the worker's", "Look": "the caller's"} {
		result, err := env.ExecuteActivity(activity)
		if err != nil {
			t.Fatal(err)
		}
		var seen string
		if err := result.Get(&seen); err != nil || seen != want {
			t.Errorf("%s sees %s, %v, want %s", activity, seen, err, want)
		}
	}
}

// setting is an interceptor that sets the variable, as one that knows it better might.
type setting struct {
	interceptor.WorkerInterceptorBase
}

func (setting) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	a := new(settingActivity)
	a.Next = next
	return a
}

func (setting) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	w := new(settingWorkflow)
	w.Next = next
	return w
}

type settingActivity struct {
	interceptor.ActivityInboundInterceptorBase
}

func (s *settingActivity) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	defer scenario.Tenant.Set(scenario.Here() + ", then the interceptor's").Restore()
	return s.Next.ExecuteActivity(ctx, in)
}

type settingWorkflow struct {
	interceptor.WorkflowInboundInterceptorBase
}

func (s *settingWorkflow) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	defer scenario.Tenant.Set(scenario.Here() + ", then the interceptor's").Restore()
	return s.Next.ExecuteWorkflow(ctx, in)
}

// With interceptors of the client and of the worker, ours may be there twice, around others.
func TestSecondInterceptorDoesNothing(t *testing.T) {
	env := environment(nil)
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{
		temporalvars.Interceptor(), &setting{}, temporalvars.Interceptor(),
	}})
	env.SetContextPropagators([]workflow.ContextPropagator{temporalvars.Propagator(scenario.Peer)})
	env.SetHeader(callersHeader(scenario.Peer))
	env.ExecuteWorkflow(scenario.Child)
	var seen scenario.Seen
	if err := env.GetWorkflowResult(&seen); err != nil {
		t.Fatal(err)
	}
	once := "the caller's, then the interceptor's"
	if seen["workflow"] != once || seen["activity"] != once+", then the interceptor's" {
		t.Errorf("seen: %v", seen)
	}
}
