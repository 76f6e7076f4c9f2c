package pondvars_test

import (
	"testing"

	"github.com/alitto/pond/v2"
)

// A task that does nothing, submitted and waited for.
func BenchmarkSubmit(b *testing.B) {
	for name, m := range map[string]makers{"pond": bare, "pondvars": ours} {
		b.Run(name, func(b *testing.B) {
			p := m.pool(1)
			defer p.StopAndWait()
			defer who.Set("the submitter's").Restore()
			b.ReportAllocs()
			for b.Loop() {
				if err := p.Submit(func() {}).Wait(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A thousand tasks in a group: the worker is busy all the time.
func BenchmarkGroup(b *testing.B) {
	for name, m := range map[string]makers{"pond": bare, "pondvars": ours} {
		b.Run(name, func(b *testing.B) {
			p := m.pool(1)
			defer p.StopAndWait()
			defer who.Set("the submitter's").Restore()
			b.ReportAllocs()
			var g pond.TaskGroup
			for b.Loop() {
				g = p.NewGroup()
				for range 1000 {
					g.Submit(func() {})
				}
				if err := g.Wait(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
