package scenario

import (
	"errors"
	"sync"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"
)

// Desk is a workflow that people talk to, by updates "look", queries "look" and a signal "leave", which
// ends it. Updates say what their handler should see, or nothing.
func Desk(ctx workflow.Context) (Seen, error) {
	err := workflow.SetQueryHandler(ctx, "look", func() (string, error) { return Here(), nil })
	if err != nil {
		return nil, err
	}
	handlers := Seen{}
	err = workflow.SetUpdateHandlerWithOptions(ctx, "look", func(ctx workflow.Context, from string) (Seen, error) {
		handlers["update of "+from] = Here()
		seen := Seen{"handler": Here()}
		activity, err := look(ctx, workflow.ExecuteActivity, Look)
		seen["activity"] = activity
		Tenant.Set("the update's")
		return seen, err
	}, workflow.UpdateHandlerOptions{Validator: func(_ workflow.Context, admitted string) error {
		if admitted != "" && Here() != admitted {
			return errors.New("the validator sees " + Here())
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	Tenant.Set("the workflow's") // no message sees it
	Began <- Started{workflow.GetInfo(ctx).WorkflowExecution.ID, workflow.IsReplaying(ctx)}
	workflow.GetSignalChannel(ctx, "leave").Receive(ctx, nil)
	seen, err := look(ctx, workflow.ExecuteActivity, Look)
	handlers["workflow"], handlers["activity"] = Here(), seen
	return handlers, err
}

// Replayed is what the Desk of the test "replay" returns.
var Replayed = Seen{
	"update of one":          "one",
	"update of another":      "another",
	"update of the caller's": "the caller's", // whose sender has nothing
	"workflow":               "the workflow's",
	"activity":               "the workflow's",
}

// Started says that a worker has come to where a workflow waits for messages.
type Started struct {
	ID        string
	Replaying bool
}

// Began has one for each time that a worker has run a Desk from its beginning. What looks at it is
// no part of the workflow, so that a workflow may write to it.
var Began = make(chan Started, 100)

// Signals is an interceptor of workers that notes what a signal's handling sees, by the ID of the workflow.
type Signals struct {
	interceptor.WorkerInterceptorBase
	Seen sync.Map
}

// InterceptWorkflow looks at the signals of one.
func (s *Signals) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	i := &signals{to: s}
	i.Next = next
	return i
}

type signals struct {
	interceptor.WorkflowInboundInterceptorBase
	to *Signals
}

func (s *signals) HandleSignal(ctx workflow.Context, in *interceptor.HandleSignalInput) error {
	s.to.Seen.Store(workflow.GetInfo(ctx).WorkflowExecution.ID, Here())
	return s.Next.HandleSignal(ctx, in)
}
