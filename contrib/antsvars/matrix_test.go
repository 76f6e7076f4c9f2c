package antsvars_test

import (
	"testing"
	"time"

	"github.com/panjf2000/ants/v2"

	"github.com/gocontextvars/contextvars/internal/matrix"
)

func TestMatrix(t *testing.T) {
	const module = "github.com/panjf2000/ants/v2"
	var rows []matrix.Row
	for _, p := range []struct{ name, help string }{
		{"Pool", "`antsvars.Pool.Submit`"},
		{"PoolWithFunc", "`antsvars.PoolWithFunc.Invoke`"},
		{"PoolWithFuncGeneric", "`antsvars.PoolWithFuncGeneric.Invoke`"},
		{"MultiPool", "`antsvars.MultiPool.Submit`"},
		{"MultiPoolWithFunc", "`antsvars.MultiPoolWithFunc.Invoke`"},
		{"MultiPoolWithFuncGeneric", "`antsvars.MultiPoolWithFuncGeneric.Invoke`"},
	} {
		saw := func(open map[string]opener, first func()) string { return open[p.name](t).saw(t, first) }
		worker := func(open map[string]opener) string {
			c := open[p.name](t)
			return holds(holding(func() { c.do(t, func() {}) }), "the first submitter's")
		}
		itself := func(open map[string]opener) string {
			w := holding(func() { open[p.name](t, ants.WithDisablePurge(false), ants.WithExpiryDuration(time.Hour)) })
			return holds(w, "its maker's")
		}
		rows = append(rows, matrix.Row{
			Where: p.name + ", a reused goroutine", Module: module, Help: p.help,
			Without: saw(bare, func() {}), With: saw(ours, func() {}),
		}, matrix.Row{
			Where: p.name + ", after a job that set the variable", Module: module, Help: p.help,
			Without: saw(bare, leave), With: saw(ours, leave),
		}, matrix.Row{
			Where: p.name + ", an idle worker", Module: module, Help: p.help,
			Without: worker(bare), With: worker(ours),
		}, matrix.Row{
			Where: p.name + ", the pool's own goroutines", Module: module, Help: "`antsvars.New" + p.name + "`",
			Without: itself(bare), With: itself(ours),
		})
	}
	matrix.Check(t, "contrib/antsvars", rows...)
}
