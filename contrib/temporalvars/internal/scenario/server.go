package scenario

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars"
	"github.com/gocontextvars/contextvars/wire"
)

// A Server is where one can be reached.
type Server struct{ HostPort, Namespace string }

// Dial returns a client that is closed at the end of the test, set up for the peer unless that is nil.
func (s Server) Dial(t testing.TB, peer *wire.Peer) client.Client {
	t.Helper()
	c, err := client.Dial(s.options(peer))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func (s Server) options(peer *wire.Peer) client.Options {
	o := client.Options{
		HostPort:  s.HostPort,
		Namespace: s.Namespace,
		Identity:  "scenario", // and not the host's name, since histories are kept in the repository
		Logger:    log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	}
	if peer != nil {
		o.Plugins = []client.Plugin{temporalvars.Plugin(peer)}
	}
	return o
}

// Work starts a worker as another process would: what it is started with is its own. It
// is stopped at the end of the test, if not earlier.
func Work(t testing.TB, c client.Client, queue, its string, o worker.Options) (stop func()) {
	t.Helper()
	o.StickyScheduleToStartTimeout = time.Second // for those who wait for a worker that is gone
	w := worker.New(c, queue, o)
	for _, wf := range Workflows {
		w.RegisterWorkflow(wf)
	}
	for _, a := range Activities {
		w.RegisterActivity(a)
	}
	var err error
	contextvars.Detach(func() {
		Tenant.Set(its)
		err = w.Start()
	})
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			w.Stop()
		}
	}
	t.Cleanup(stop)
	return stop
}

// As calls f as someone who has a tenant and no more.
func As(tenant string, f func()) {
	contextvars.Detach(func() {
		Tenant.Set(tenant)
		Debug.Set(tenant)
		f()
	})
}

// start starts a workflow.
func start(t testing.TB, c client.Client, queue string, workflow any, args ...any) (run client.WorkflowRun) {
	t.Helper()
	run, err := c.ExecuteWorkflow(t.Context(), on(queue), workflow, args...)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// on has a short timeout for tasks that a worker takes along when it is stopped.
func on(queue string) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		TaskQueue:                queue,
		WorkflowExecutionTimeout: 5 * time.Minute,
		WorkflowTaskTimeout:      3 * time.Second,
	}
}

// await returns a workflow's result.
func await[R any](t testing.TB, run client.WorkflowRun) (result R) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := run.Get(ctx, &result); err != nil {
		t.Fatal(err)
	}
	return result
}
