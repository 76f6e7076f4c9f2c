package temporalvars_test

import (
	"log/slog"
	"maps"
	"testing"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars/internal/scenario"
)

// TestReplay replays histories that a real server has recorded, in a process that has a value of its
// own. Replaying a Desk goes through a start, three updates and a signal, each of somebody else.
func TestReplay(t *testing.T) {
	for file, want := range map[string]scenario.Seen{
		"journey.json": scenario.Arrived,
		"desk.json":    scenario.Replayed,
	} {
		t.Run(file, func(t *testing.T) {
			if seen := replay(t, "testdata/"+file, temporalvars.Plugin(scenario.Peer)); !maps.Equal(seen, want) {
				t.Errorf("it saw %v, want %v", seen, want)
			}
		})
	}
}

// TestReplayWithoutHelp shows what the plugin is for: the machine's values get into the workflow.
func TestReplayWithoutHelp(t *testing.T) {
	if seen := replay(t, "testdata/desk.json"); seen["update of one"] != "the replayer's" {
		t.Errorf("it saw %v", seen)
	}
}

func replay(t *testing.T, file string, plugins ...worker.Plugin) (seen scenario.Seen) {
	t.Helper()
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{Plugins: plugins})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range scenario.Workflows {
		replayer.RegisterWorkflow(w)
	}
	contextvars.Detach(func() {
		scenario.Tenant.Set("the replayer's")
		err = replayer.ReplayWorkflowHistoryFromJSONFile(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), file)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := replayer.(interface {
		GetWorkflowResult(string, any) error
	}).GetWorkflowResult("ReplayId", &seen); err != nil {
		t.Fatal(err)
	}
	return seen
}
