package asyncio

import (
	"sync"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// crew is the goroutines of a loop, for any goroutine to see: one that does not come back to the loop is
// only to be found in a dump.
type crew struct {
	lock sync.Mutex
	ids  map[uint64]struct{}
}

func (c *crew) join(w *worker) {
	w.id = slot.ID()
	c.lock.Lock()
	if c.ids == nil {
		c.ids = make(map[uint64]struct{})
	}
	c.ids[w.id] = struct{}{}
	c.lock.Unlock()
}

func (c *crew) leave(w *worker) {
	c.lock.Lock()
	delete(c.ids, w.id)
	c.lock.Unlock()
}

func (c *crew) has(id uint64) bool {
	c.lock.Lock()
	defer c.lock.Unlock()
	_, ok := c.ids[id]
	return ok
}
