package temporalvars_test

import (
	"testing"

	"github.com/gocontextvars/contextvars/contrib/temporalvars/internal/scenario"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

// TestMatrix has the places where the test environment and a server agree without help, too; those
// on a server are in module realserver.
func TestMatrix(t *testing.T) {
	without := run[scenario.Seen](t, nil, scenario.Journey)
	with := run[scenario.Seen](t, scenario.Peer, scenario.Journey)
	var rows []matrix.Row
	for _, place := range []string{
		"a workflow",
		"a workflow, after `workflow.Sleep`",
		"a coroutine of `workflow.Go`",
		"a callback of a Selector",
		"`workflow.SideEffect`",
		"an activity",
		"a local activity",
		"a child workflow",
		"an activity of a child workflow",
	} {
		rows = append(rows, matrix.Row{
			Where:   place,
			Module:  "go.temporal.io/sdk",
			Without: without[place], With: with[place],
			Help: "`temporalvars.Plugin`",
		})
		if without[place] != scenario.Unhelped[place] {
			t.Errorf("on a server %s sees %s without help, here %s", place, scenario.Unhelped[place], without[place])
		}
	}
	matrix.Check(t, "contrib/temporalvars", rows...)
}
