package antsvars_test

import (
	"testing"

	"github.com/panjf2000/ants/v2"

	"github.com/gocontextvars/contextvars/contrib/antsvars"
)

// A job that does nothing, submitted and waited for.
func BenchmarkSubmit(b *testing.B) {
	done := make(chan bool, 1)
	job := func() { done <- true }
	bench := func(b *testing.B, submit func(func()) error) {
		defer who.Set("the submitter's").Restore()
		b.ReportAllocs()
		for b.Loop() {
			if err := submit(job); err != nil {
				b.Fatal(err)
			}
			<-done
		}
	}
	b.Run("ants", func(b *testing.B) {
		p, err := ants.NewPool(1)
		if err != nil {
			b.Fatal(err)
		}
		defer p.Release()
		bench(b, p.Submit)
	})
	b.Run("antsvars", func(b *testing.B) {
		p, err := antsvars.NewPool(1)
		if err != nil {
			b.Fatal(err)
		}
		defer p.Release()
		bench(b, p.Submit)
	})
}

// The same for a pool with a function.
func BenchmarkInvoke(b *testing.B) {
	done := make(chan bool, 1)
	f := func(v bool) { done <- v }
	bench := func(b *testing.B, invoke func(bool) error) {
		defer who.Set("the submitter's").Restore()
		b.ReportAllocs()
		for b.Loop() {
			if err := invoke(true); err != nil {
				b.Fatal(err)
			}
			<-done
		}
	}
	b.Run("ants", func(b *testing.B) {
		p, err := ants.NewPoolWithFuncGeneric(1, f)
		if err != nil {
			b.Fatal(err)
		}
		defer p.Release()
		bench(b, p.Invoke)
	})
	b.Run("antsvars", func(b *testing.B) {
		p, err := antsvars.NewPoolWithFuncGeneric(1, f)
		if err != nil {
			b.Fatal(err)
		}
		defer p.Release()
		bench(b, p.Invoke)
	})
}
