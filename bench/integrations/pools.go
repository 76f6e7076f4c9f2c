package main

import (
	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"

	"github.com/gocontextvars/contextvars/contrib/antsvars"
	"github.com/gocontextvars/contextvars/contrib/concvars"
	"github.com/gocontextvars/contextvars/contrib/pondvars"
)

// A job that reads a request's four variables, submitted to a pool of one worker, and waited
// for. Without the integration it reads nothing: its worker has other values.
var (
	antsSubmit = comparison{
		name:  "ants",
		title: "ants Submit, until done",
		sides: []side{
			{"ants", pooled(false, func(b *bed) (func(func()) error, error) {
				p, err := ants.NewPool(1)
				if err != nil {
					return nil, err
				}
				b.atEnd(p.Release)
				return p.Submit, nil
			})},
			{"antsvars", pooled(true, func(b *bed) (func(func()) error, error) {
				p, err := antsvars.NewPool(1)
				if err != nil {
					return nil, err
				}
				b.atEnd(p.Release)
				return p.Submit, nil
			})},
		},
	}

	pondSubmit = comparison{
		name:  "pond",
		title: "pond Submit, until done",
		sides: []side{
			{"pond", pooled(false, pondOf(func() pond.Pool { return pond.NewPool(1) }))},
			{"pondvars", pooled(true, pondOf(func() pond.Pool { return pondvars.NewPool(1) }))},
		},
	}

	concGo = comparison{
		name:  "conc",
		title: "conc Go, until done",
		sides: []side{
			{"conc", pooled(false, concOf((*pool.Pool).Go))},
			{"concvars", pooled(true, concOf(concvars.Go))},
		},
	}
)

func pondOf(newPool func() pond.Pool) func(b *bed) (func(func()) error, error) {
	return func(b *bed) (func(func()) error, error) {
		p := newPool()
		b.atEnd(p.StopAndWait)
		return func(job func()) error { return p.Submit(job).Wait() }, nil
	}
}

func concOf(submit func(*pool.Pool, func())) func(b *bed) (func(func()) error, error) {
	return func(b *bed) (func(func()) error, error) {
		p := pool.New().WithMaxGoroutines(1)
		b.atEnd(p.Wait)
		return func(job func()) error { submit(p, job); return nil }, nil
	}
}

// pooled returns the start of a side that submits jobs to the pool that open makes.
func pooled(carries bool, open func(b *bed) (submit func(job func()) error, err error)) func(*bed) (loop, error) {
	return func(b *bed) (loop, error) {
		submit, err := open(b)
		if err != nil {
			return nil, err
		}
		c := b.carry(four)
		done := make(chan bool, 1)
		job := func() { done <- true }
		if carries {
			job = func() { done <- c.arrived() }
		}
		return func(n int) (right int, err error) {
			for range n {
				if err := submit(job); err != nil {
					return right, err
				}
				if <-done {
					right++
				}
			}
			return right, nil
		}, nil
	}
}
