package main

import (
	"context"
	"log/slog"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/gocontextvars/contextvars/contrib/temporalvars"
	"github.com/gocontextvars/contextvars/wire"
)

// An activity in the SDK's test environment, with no server and no network: next to nothing to
// compare with.
var temporalActivity = comparison{
	name:  "temporal",
	title: "Temporal activity in the test environment, 4 variables",
	sides: []side{
		{"temporal", func(b *bed) (loop, error) {
			b.carry(four)
			return activities(newActivities(), func() {}, func() bool { return true }), nil
		}},
		{"temporalvars", func(b *bed) (loop, error) {
			c := b.carry(four)
			peer := wire.Trusted()
			env := temporalFor(peer)
			// A client does this where there is one.
			send := func() { env.SetHeader(temporalvars.Header(peer)) }
			return activities(env, send, c.arrived), nil
		}},
	},
}

func newActivities() *testsuite.TestActivityEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	return suite.NewTestActivityEnvironment()
}

func temporalFor(peer *wire.Peer) *testsuite.TestActivityEnvironment {
	env := newActivities()
	env.SetWorkerOptions(worker.Options{Plugins: []worker.Plugin{temporalvars.Plugin(peer)}})
	env.SetContextPropagators([]workflow.ContextPropagator{temporalvars.Propagator(peer)})
	return env
}

func activities(env *testsuite.TestActivityEnvironment, send func(), arrived func() bool) loop {
	activity := func(context.Context) (bool, error) { return arrived(), nil }
	env.RegisterActivity(activity)
	return func(n int) (right int, err error) {
		for range n {
			send()
			result, err := env.ExecuteActivity(activity)
			if err != nil {
				return right, err
			}
			var ok bool
			if err := result.Get(&ok); err != nil {
				return right, err
			}
			if ok {
				right++
			}
		}
		return right, nil
	}
}
