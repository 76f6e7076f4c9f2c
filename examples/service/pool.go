package main

import (
	"sync"

	"github.com/gocontextvars/contextvars"
)

// A pool is a worker pool as any other: its goroutines live long and work for everybody. It
// knows nothing of variables.
type pool struct {
	jobs    chan func()
	workers sync.WaitGroup
}

func startPool() *pool {
	p := &pool{jobs: make(chan func(), 64)}
	for range 8 {
		p.workers.Add(1)
		// Detached, so that they hold on to nothing of whoever happens to start the pool.
		contextvars.GoDetached(p.work)
	}
	return p
}

func (p *pool) work() {
	defer p.workers.Done()
	for job := range p.jobs {
		job()
	}
}

func (p *pool) submit(job func()) { p.jobs <- job }

func (p *pool) stop() {
	close(p.jobs)
	p.workers.Wait()
}
