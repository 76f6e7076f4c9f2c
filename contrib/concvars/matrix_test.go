package concvars_test

import (
	"testing"

	"github.com/gocontextvars/contextvars/internal/matrix"
)

func TestMatrix(t *testing.T) {
	const module = "github.com/sourcegraph/conc"
	var rows []matrix.Row
	for _, p := range []struct{ name, help string }{
		{"Pool", "`concvars.Go`"},
		{"ErrorPool", "`concvars.GoErr`"},
		{"ContextPool", "`concvars.GoContext`"},
		{"ResultPool", "`concvars.GoResult`"},
		{"ResultErrorPool", "`concvars.GoResultErr`"},
		{"ResultContextPool", "`concvars.GoResultContext`"},
		{"Stream, a task", "`concvars.GoStream`"},
		{"Stream, a callback", "`concvars.GoStream`"},
	} {
		open := openers[p.name]
		rows = append(rows, matrix.Row{
			Where: p.name + ", on a reused goroutine", Module: module, Help: p.help,
			Without: open().sawBare(func() {}), With: open().saw(func() {}),
		}, matrix.Row{
			Where: p.name + ", after one that set the variable", Module: module, Help: p.help,
			Without: open().sawBare(leave), With: open().saw(leave),
		}, matrix.Row{
			Where: p.name + ", the goroutine afterwards", Module: module, Help: p.help,
			Without: open().holdsBare(), With: open().holds(),
		})
	}
	for _, i := range []struct{ name, help string }{
		{"iter.ForEach", "`contextvars.Bind1`"},
		{"iter.ForEachIdx", "`concvars.BindIdx`"},
		{"iter.Map", "`contextvars.BindResult`"},
		{"iter.MapErr", "`concvars.BindErr`"},
	} {
		rows = append(rows, matrix.Row{
			Where: i.name + ", after an element that set the variable", Module: module, Help: i.help,
			Without: walked(i.name, false), With: walked(i.name, true),
		})
	}
	matrix.Check(t, "contrib/concvars", rows...)
}
