package scenario

import (
	"context"
	"fmt"
	"testing"

	"go.temporal.io/sdk/workflow"

	"github.com/gocontextvars/contextvars/contrib/temporalvars"
)

// Charge is an activity that has something to tell beside its result.
func Charge(context.Context) (temporalvars.Result[string], error) {
	Cost.Set(12)
	return temporalvars.Reply(Peer, "receipt"), nil
}

// Pay is a workflow that passes it on, and says what it has seen.
func Pay(ctx workflow.Context) (temporalvars.Result[string], error) {
	var charged temporalvars.Result[string]
	if err := workflow.ExecuteActivity(Options(ctx), Charge).Get(ctx, &charged); err != nil {
		return charged, err
	}
	before := Cost.Get()
	receipt := charged.Take(Peer)
	return temporalvars.Reply(Peer, fmt.Sprintf("%s, cost %d, then %d", receipt, before, Cost.Get())), nil
}

// Paid is what Pay returns.
type Paid = temporalvars.Result[string]

// ExpectReply takes the result of Pay, as its caller.
func ExpectReply(t testing.TB, paid Paid) {
	t.Helper()
	if got, want := paid.Take(Peer), "receipt, cost 0, then 12"; got != want {
		t.Errorf("the workflow: %s, want %s", got, want)
	}
	if got := Cost.Get(); got != 12 {
		t.Errorf("the caller has cost %d, want 12", got)
	}
}
