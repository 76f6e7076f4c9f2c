package asyncio

import (
	"sync"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// crew is the goroutines of a loop, for any goroutine to see: one that does not come back to the loop is
// only to be found in a dump.
type crew struct {
	lock    sync.Mutex
	workers map[uint64]*worker
}

func (c *crew) join(w *worker) {
	w.id = slot.ID()
	c.lock.Lock()
	if c.workers == nil {
		c.workers = make(map[uint64]*worker)
	}
	c.workers[w.id] = w
	c.lock.Unlock()
}

func (c *crew) leave(w *worker) {
	c.lock.Lock()
	delete(c.workers, w.id)
	c.lock.Unlock()
}

// find returns the worker that the goroutine with this id is, nil if it is none. Unlike here it also
// knows those whose task has left its context to wait.
func (c *crew) find(id uint64) *worker {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.workers[id]
}
