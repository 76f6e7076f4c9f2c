package pondvars_test

import (
	"testing"

	"github.com/gocontextvars/contextvars/internal/matrix"
)

func TestMatrix(t *testing.T) {
	const module = "github.com/alitto/pond/v2"
	const newPool, newResultPool = "`pondvars.NewPool`", "`pondvars.NewResultPool`"
	var rows []matrix.Row
	for _, p := range []struct{ name, help string }{
		{"Pool.Go", newPool},
		{"Pool.Submit", newPool},
		{"Pool.SubmitErr", newPool},
		{"TaskGroup.Submit", newPool},
		{"a subpool", newPool},
		{"ResultPool.Submit", newResultPool},
		{"ResultPool.SubmitErr", newResultPool},
		{"ResultTaskGroup.Submit", newResultPool},
	} {
		s := surfaces[p.name]
		rows = append(rows, matrix.Row{
			Where: p.name + ", on a goroutine with tasks", Module: module, Help: p.help,
			Without: s.saw(t, bare, func() {}), With: s.saw(t, ours, func() {}),
		}, matrix.Row{
			Where: p.name + ", after a task that set the variable", Module: module, Help: p.help,
			Without: s.saw(t, bare, leave), With: s.saw(t, ours, leave),
		}, matrix.Row{
			Where: p.name + ", the worker, in another's task", Module: module, Help: p.help,
			Without: s.holds(t, bare), With: s.holds(t, ours),
		})
	}
	rows = append(rows, matrix.Row{
		Where: "Pool.Resize, a worker that it starts", Module: module, Help: newPool,
		Without: resizerHeld(pools["Pool"](bare)), With: resizerHeld(pools["Pool"](ours)),
	}, matrix.Row{
		Where: "Pool.Stop, the goroutine that waits", Module: module, Help: newPool,
		Without: stopperHeld(pools["Pool"](bare)), With: stopperHeld(pools["Pool"](ours)),
	})
	matrix.Check(t, "contrib/pondvars", rows...)
}
