package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"

	"github.com/gocontextvars/contextvars/contrib/temporalvars"
)

// temporalEngine has a workflow for each job, with one activity. The effect of a job is the
// result of its workflow, of which Temporal keeps one.
type temporalEngine struct {
	client client.Client
	names  temporalNames
	tally  *tally

	mu      sync.Mutex
	open    map[int]bool // workflows that have no result yet
	results map[int]int  // how many there were of each job
}

// temporalNames are those of one run. Other runs at the same time have others.
type temporalNames struct {
	HostPort  string `json:"host_port"`
	Namespace string `json:"namespace"`
	Run       string `json:"run"`
}

func (n temporalNames) queue() string              { return "fleet-" + n.Run }
func (n temporalNames) workflow(number int) string { return n.queue() + "-" + strconv.Itoa(number) }

func (n temporalNames) dial(ctx context.Context) (client.Client, error) {
	c, err := client.DialContext(ctx, client.Options{
		HostPort:  n.HostPort,
		Namespace: n.Namespace,
		Plugins:   []client.Plugin{temporalvars.Plugin(ours)},
		Logger:    sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	if err != nil {
		return nil, fmt.Errorf("cannot connect to Temporal: %w", err)
	}
	return c, nil
}

func startTemporal(ctx context.Context, o options, t *tally) (*temporalEngine, error) {
	e := &temporalEngine{
		names:   temporalNames{o.temporal, cmp.Or(os.Getenv("TEMPORAL_NAMESPACE"), "default"), rand.Text()[:10]},
		tally:   t,
		open:    make(map[int]bool),
		results: make(map[int]int),
	}
	var err error
	if e.client, err = e.names.dial(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// do has a workflow do the job. Each tenth one is started twice, as by somebody who has not
// got the answer to the first time: it is the same one then.
func (e *temporalEngine) do(ctx context.Context, j job) error {
	e.mark(j, true)
	start := func() (client.WorkflowRun, error) {
		return e.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
			ID:                    e.names.workflow(j.Number),
			TaskQueue:             e.names.queue(),
			WorkflowIDReusePolicy: enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
			WorkflowTaskTimeout:   ackWait,
		}, workJob, j)
	}
	run, err := start()
	if err != nil {
		return err
	}
	if j.Number%10 == 0 {
		again, err := start()
		if err != nil {
			return err
		}
		if again.GetRunID() == run.GetRunID() {
			e.tally.duplicates.Add(1)
		}
	}
	var done temporalvars.Result[int]
	if err := run.Get(ctx, &done); err != nil {
		return err
	}
	same(e.tally, "result of the workflow", j.Number, "number", done.Take(ours), j.Number)
	e.mark(j, false)
	return nil
}

func (e *temporalEngine) mark(j job, open bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if open {
		e.open[j.Number] = true
		return
	}
	delete(e.open, j.Number)
	e.results[j.Number]++
}

// settle has nothing to wait for: a job that a killed worker had got has no result before
// another one has done it.
func (e *temporalEngine) settle(context.Context) error { return nil }

func (e *temporalEngine) effects() (once, more int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return countEffects(e.results)
}

func (e *temporalEngine) worker() workerConfig { return workerConfig{Temporal: &e.names} }

func (e *temporalEngine) close() {
	// The run may have been stopped, and still cleans up.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	e.mu.Lock()
	defer e.mu.Unlock()
	for number := range e.open {
		id := e.names.workflow(number)
		err := e.client.TerminateWorkflow(ctx, id, "", "the fleet is stopped")
		if _, never := errors.AsType[*serviceerror.NotFound](err); err != nil && !never {
			e.tally.note("workflow %s was not terminated: %v", id, err)
		}
	}
	e.client.Close()
}
