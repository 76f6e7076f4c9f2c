package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/gocontextvars/contextvars/contrib/temporalvars"
)

// activityWork is the name of the activity.
const activityWork = "work"

// workJob is the workflow of a job. It knows the request from the variables, as its
// activity does, and what comes back from that goes on to the front.
func workJob(ctx workflow.Context, j job) (temporalvars.Result[int], error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: ackWait,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 10 * time.Millisecond},
	})
	var done temporalvars.Result[int]
	if err := workflow.ExecuteActivity(ctx, activityWork, j).Get(ctx, &done); err != nil {
		return done, err
	}
	return temporalvars.Reply(ours, done.Take(ours)), nil
}

// temporalWorker is the side of a worker.
type temporalWorker struct {
	*worker
	holding atomic.Bool // it has got the trap
}

// runTemporal works until ctx ends.
func (w *worker) runTemporal(ctx context.Context, names temporalNames) error {
	c, err := names.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	t := sdkworker.New(c, names.queue(), sdkworker.Options{
		MaxConcurrentActivityExecutionSize: atOnce,
		// Workflows that a killed worker has in its cache go to another one after this.
		StickyScheduleToStartTimeout: time.Second,
	})
	t.RegisterWorkflow(workJob)
	t.RegisterActivityWithOptions((&temporalWorker{worker: w}).handle, activity.RegisterOptions{Name: activityWork})
	ended := make(chan any)
	context.AfterFunc(ctx, func() { close(ended) })
	return t.Run(ended)
}

func (w *temporalWorker) handle(ctx context.Context, j job) (done temporalvars.Result[int], err error) {
	attempt := activity.GetInfo(ctx).Attempt
	w.work(j, uint64(attempt))
	if j.Trap && attempt == 1 {
		w.holding.Store(true)
	}
	if w.holding.Load() {
		return done, errors.Join(w.hold(ctx, j), errors.New("held"))
	}
	w.say(lineDone, j)
	return temporalvars.Reply(ours, j.Number), nil
}
