package realserver

import (
	"testing"

	"github.com/gocontextvars/contextvars/contrib/temporalvars/internal/scenario"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

func TestMatrix(t *testing.T) {
	server := embedded(t)
	without, with := scenario.Observe(t, server, nil), scenario.Observe(t, server, scenario.Peer)
	var rows []matrix.Row
	for _, place := range scenario.Places {
		help := "`temporalvars.Plugin`"
		if without[place] == with[place] {
			help = "cannot be done: a signal has no handler; use an update"
		}
		rows = append(rows, matrix.Row{
			Where:   place,
			Module:  "go.temporal.io/sdk",
			Without: without[place], With: with[place], Help: help,
		})
	}
	matrix.Check(t, "contrib/temporalvars/realserver", rows...)
}
