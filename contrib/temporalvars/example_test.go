package temporalvars_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars"
	"github.com/gocontextvars/contextvars/wire"
)

var (
	customer = contextvars.New[string]("customer", wire.Travels(wire.AllHops))
	spent    = contextvars.New[int]("spent", wire.Travels(wire.Back))
)

// Charge is an activity.
func Charge(ctx context.Context, cents int) (string, error) {
	return fmt.Sprintf("%d cents of %s", cents, customer.Get()), nil
}

// Shop is a workflow.
func Shop(ctx workflow.Context) (string, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	var receipt string
	err := workflow.ExecuteActivity(ctx, Charge, 120).Get(ctx, &receipt)
	return receipt, err
}

// This is how a program is set up. It is not run here, as there is no server.
func ExamplePlugin() {
	peer := wire.NewPeer("temporal", wire.Send(customer), wire.Accept(customer))
	c, err := client.Dial(client.Options{Plugins: []client.Plugin{temporalvars.Plugin(peer)}})
	if err != nil {
		panic(err)
	}
	defer c.Close()

	w := worker.New(c, "shop", worker.Options{}) // it has the plugin of its client
	w.RegisterWorkflow(Shop)
	w.RegisterActivity(Charge)
	if err := w.Start(); err != nil {
		panic(err)
	}
	defer w.Stop()

	defer customer.Set("Ada").Restore()
	run, err := c.ExecuteWorkflow(context.Background(), client.StartWorkflowOptions{TaskQueue: "shop"}, Shop)
	if err != nil {
		panic(err)
	}
	var receipt string
	if err := run.Get(context.Background(), &receipt); err != nil {
		panic(err)
	}
	fmt.Println(receipt)
}

// In tests with package testsuite there is no client, so the header is given by hand.
func ExampleHeader() {
	peer := wire.NewPeer("temporal", wire.Send(customer), wire.Accept(customer))
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivity(Charge)
	env.SetWorkerOptions(worker.Options{Plugins: []worker.Plugin{temporalvars.Plugin(peer)}})
	env.SetContextPropagators([]workflow.ContextPropagator{temporalvars.Propagator(peer)})
	customer.With("Ada", func() { env.SetHeader(temporalvars.Header(peer)) })

	env.ExecuteWorkflow(Shop)
	var receipt string
	if err := env.GetWorkflowResult(&receipt); err != nil {
		panic(err)
	}
	fmt.Println(receipt)
	// Output: 120 cents of Ada
}

func ExampleResult() {
	peer := wire.NewPeer("temporal", wire.Send(spent), wire.Accept(spent))
	charge := func(context.Context) (temporalvars.Result[string], error) {
		spent.Set(120)
		return temporalvars.Reply(peer, "a receipt"), nil
	}
	shop := func(ctx workflow.Context) (string, error) {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		var charged temporalvars.Result[string]
		if err := workflow.ExecuteActivity(ctx, "charge").Get(ctx, &charged); err != nil {
			return "", err
		}
		receipt := charged.Take(peer)
		return fmt.Sprintf("%s, and %d cents are spent", receipt, spent.Get()), nil
	}

	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivityWithOptions(charge, activity.RegisterOptions{Name: "charge"})
	env.SetWorkerOptions(worker.Options{Plugins: []worker.Plugin{temporalvars.Plugin(peer)}})
	env.SetContextPropagators([]workflow.ContextPropagator{temporalvars.Propagator(peer)})
	env.ExecuteWorkflow(shop)
	var text string
	if err := env.GetWorkflowResult(&text); err != nil {
		panic(err)
	}
	fmt.Println(text)
	// Output: a receipt, and 120 cents are spent
}
