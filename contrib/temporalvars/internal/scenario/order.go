package scenario

import (
	"fmt"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/workflow"
)

// OrdersBegun says how often an Order was begun, replays included.
var OrdersBegun atomic.Int64

// Order is a workflow that returns what is not as it should be, for its own tenant and step by step.
func Order(ctx workflow.Context, tenant string) (wrong []string, err error) {
	OrdersBegun.Add(1)
	expect := func(where, got, want string) {
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s of %s: %s, want %s", where, tenant, got, want))
		}
	}
	step := func(want string) {
		expect("workflow", Here(), want)
		seen, e := look(ctx, workflow.ExecuteActivity, Look)
		expect("activity", seen, want)
		if err == nil {
			err = e
		}
		if e := workflow.Sleep(ctx, time.Millisecond); err == nil {
			err = e
		}
		seen, e = look(ctx, workflow.ExecuteLocalActivity, Look)
		expect("local activity", seen, want)
		if err == nil {
			err = e
		}
	}
	step(tenant)
	token := Tenant.Set(tenant + "'s own")
	step(tenant + "'s own")
	token.Restore()
	step(tenant)
	return wrong, err
}
