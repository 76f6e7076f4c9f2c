package temporalvars_test

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars/internal/scenario"
	"github.com/gocontextvars/contextvars/lifetime"
)

func nameOfWork() string {
	if w := lifetime.Current(); w != nil {
		return w.Name()
	}
	return "none"
}

func nameInActivity(context.Context) (string, error) { return nameOfWork(), nil }

func namesInWorkflow(ctx workflow.Context) (names []string, err error) {
	check := func(e error) {
		if err == nil {
			err = e
		}
	}
	check(workflow.SetUpdateHandler(ctx, "update", func(workflow.Context) (string, error) { return nameOfWork(), nil }))
	check(workflow.SetQueryHandler(ctx, "query", func() (string, error) { return nameOfWork(), nil }))
	name := nameOfWork()
	var activity string
	check(workflow.ExecuteActivity(scenario.Options(ctx), nameInActivity).Get(ctx, &activity))
	check(workflow.Sleep(ctx, time.Hour))
	return []string{name, activity, nameOfWork()}, err
}

// Workflows, activities and updates are pieces of work, named by their types.
func TestWorkflowsAndActivitiesAreWork(t *testing.T) {
	defer lifetime.Track(lifetime.Revoke())()
	var names []string
	var query, update string
	contextvars.Detach(func() {
		env := environment(scenario.Peer)
		env.RegisterWorkflow(namesInWorkflow)
		env.RegisterActivity(nameInActivity)
		env.RegisterDelayedCallback(func() {
			env.UpdateWorkflow("update", "id", &testsuite.TestUpdateCallback{
				OnAccept:   func() {},
				OnReject:   func(err error) { t.Errorf("the update is refused: %v", err) },
				OnComplete: func(result any, err error) { update, _ = result.(string); noError(t, err) },
			})
		}, time.Minute)
		env.ExecuteWorkflow(namesInWorkflow)
		noError(t, env.GetWorkflowError())
		noError(t, env.GetWorkflowResult(&names))
		value, err := env.QueryWorkflow("query")
		noError(t, err)
		noError(t, value.Get(&query))
	})
	for i, want := range []string{"namesInWorkflow", "nameInActivity", "namesInWorkflow"} {
		if i >= len(names) || names[i] != want {
			t.Errorf("names are %v, want %s as the one with index %d", names, want, i)
		}
	}
	if want := "namesInWorkflow update"; update != want {
		t.Errorf("the update is %s, want %s", update, want)
	}
	if query != "none" {
		t.Errorf("the query is %s, want none", query)
	}
}

// Values come back before they are taken back.
func TestResultOfRevokedWork(t *testing.T) {
	defer lifetime.Track(lifetime.Revoke())()
	paid := run[scenario.Paid](t, scenario.Peer, scenario.Pay)
	contextvars.Detach(func() { scenario.ExpectReply(t, paid) })
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
