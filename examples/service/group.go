package main

import "sync"

// A group is an errgroup: goroutines that work on parts of one thing, and the first error
// that there was. They inherit the variables, since a go statement starts them.
type group struct {
	running sync.WaitGroup
	once    sync.Once
	err     error
}

func (g *group) start(f func() error) {
	g.running.Go(func() {
		if err := f(); err != nil {
			g.once.Do(func() { g.err = err })
		}
	})
}

func (g *group) wait() error {
	g.running.Wait()
	return g.err
}
