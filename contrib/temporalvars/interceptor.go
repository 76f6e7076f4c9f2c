package temporalvars

import (
	"context"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
)

// Interceptor is the other half of what [Plugin] sets up, for client.Options.Interceptors,
// worker.Options.Interceptors and worker.WorkflowReplayerOptions.Interceptors: it runs workflows, activities, and
// handlers of updates, queries and signals with the values that [Propagator] has read, in a
// [contextvars.Context] of each one's own. Without a propagator it does nothing.
//
// Make it the first one, for the others to see the values as well. Where it is there twice, since a client's
// interceptors are its workers' as well, the first one works and the others do nothing.
//
// Each activity, workflow and update is a piece of work for package lifetime, named by its type; a workflow also where it is
// only replayed.
//
// It costs about as much as two Sets for each activity, workflow or message.
func Interceptor() interceptor.Interceptor { return &entering{} }

type entering struct {
	interceptor.InterceptorBase
	worker *contextvars.Context // what activities see beside what arrives; nil for that of their goroutine
}

func (e *entering) InterceptActivity(
	_ context.Context, next interceptor.ActivityInboundInterceptor,
) interceptor.ActivityInboundInterceptor {
	a := &activityInbound{worker: e.worker}
	a.Next = next
	return a
}

func (*entering) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	w := new(workflowInbound)
	w.Next = next
	return w
}

type activityInbound struct {
	interceptor.ActivityInboundInterceptorBase
	worker *contextvars.Context
}

func (a *activityInbound) ExecuteActivity(
	ctx context.Context, in *interceptor.ExecuteActivityInput,
) (result any, err error) {
	arrived, ok := ctx.Value(arrivedKey{}).(*contextvars.Context)
	if !ok {
		return a.Next.ExecuteActivity(ctx, in)
	}
	ctx = context.WithValue(ctx, arrivedKey{}, nil)
	name := func() string { return activity.GetInfo(ctx).ActivityType.Name }
	lifetime.RunNamed(a.base(), name, func() {
		contextvars.Adopt(arrived, nothing)
		result, err = a.Next.ExecuteActivity(ctx, in)
	})
	return result, err
}

func (a *activityInbound) base() *contextvars.Context {
	if a.worker == nil {
		return contextvars.CopyContext()
	}
	return a.worker.Copy()
}

// nothing is what arrives where nothing has been sent.
var nothing = contextvars.NewContext()

type workflowInbound struct {
	interceptor.WorkflowInboundInterceptorBase
}

func (w *workflowInbound) ExecuteWorkflow(
	ctx workflow.Context, in *interceptor.ExecuteWorkflowInput,
) (result any, err error) {
	name := func() string { return workflow.GetInfo(ctx).WorkflowType.Name }
	enter(ctx, name, func(ctx workflow.Context) { result, err = w.Next.ExecuteWorkflow(ctx, in) })
	return result, err
}

func (w *workflowInbound) HandleSignal(ctx workflow.Context, in *interceptor.HandleSignalInput) (err error) {
	enter(ctx, nil, func(ctx workflow.Context) { err = w.Next.HandleSignal(ctx, in) })
	return err
}

func (w *workflowInbound) HandleQuery(
	ctx workflow.Context, in *interceptor.HandleQueryInput,
) (result any, err error) {
	enter(ctx, nil, func(ctx workflow.Context) { result, err = w.Next.HandleQuery(ctx, in) })
	return result, err
}

func (w *workflowInbound) ValidateUpdate(ctx workflow.Context, in *interceptor.UpdateInput) (err error) {
	enter(ctx, nil, func(ctx workflow.Context) { err = w.Next.ValidateUpdate(ctx, in) })
	return err
}

func (w *workflowInbound) ExecuteUpdate(
	ctx workflow.Context, in *interceptor.UpdateInput,
) (result any, err error) {
	name := func() string { return workflow.GetInfo(ctx).WorkflowType.Name + " " + in.Name }
	enter(ctx, name, func(ctx workflow.Context) { result, err = w.Next.ExecuteUpdate(ctx, in) })
	return result, err
}

// enter calls f with what has arrived in force, for a piece of work if it has a name. What has arrived stays as it
// is: messages that come later lie over it, and the validator of an update has it before the handler.
func enter(ctx workflow.Context, name func() string, f func(workflow.Context)) {
	arrived, ok := ctx.Value(arrivedKey{}).(*contextvars.Context)
	if !ok {
		f(ctx)
		return
	}
	ctx = workflow.WithValue(ctx, arrivedKey{}, nil)
	if name == nil {
		arrived.Copy().Run(func() { f(ctx) })
		return
	}
	lifetime.RunNamed(arrived.Copy(), name, func() { f(ctx) })
}
