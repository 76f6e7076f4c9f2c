package scenario

import (
	"context"
	"errors"

	"go.temporal.io/sdk/workflow"
)

// Again is a workflow that continues as a new run once.
func Again(ctx workflow.Context, round int) (Seen, error) {
	if round > 0 {
		return Seen{"all hops": Here(), "one hop": Debug.GetOr("nothing")}, nil
	}
	Tenant.Set("the first run's")
	return nil, workflow.NewContinueAsNewError(ctx, Again, round+1)
}

// Retry is a workflow that fails the first time.
func Retry(ctx workflow.Context) (Seen, error) {
	if workflow.GetInfo(ctx).Attempt > 1 {
		return Seen{"workflow": Here()}, nil
	}
	Tenant.Set("the first run's")
	return nil, errors.New("once more")
}

// Announce is a workflow that tells what its activity sees to the process, for schedules, whose
// results nobody waits for.
func Announce(ctx workflow.Context) error {
	return workflow.ExecuteActivity(Options(ctx), Tell).Get(ctx, nil)
}

// Told has what Tell has seen.
var Told = make(chan string, 10)

// Tell is an activity.
func Tell(context.Context) error {
	Told <- Here()
	return nil
}
