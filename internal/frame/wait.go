package frame

import (
	"sync"
	"sync/atomic"
)

// Who wants to enter a context that somebody else has entered may ask to be told when
// that one has left it. That is rare, so the owner has no room for it.
var (
	waited   atomic.Int32 // number of entries in waiters
	waitLock sync.Mutex
	waiters  = map[*Owner][]func(){}
)

// WhenLeft has f called once nobody has o entered, on whatever goroutine leaves it, or
// at once if that is so already. Somebody else may be quicker to enter it again.
func (o *Owner) WhenLeft(f func()) {
	waitLock.Lock()
	waiters[o] = append(waiters[o], f)
	waited.Add(1)
	waitLock.Unlock()
	// Whoever left before waited was raised did not see it.
	if o.Goroutine() == 0 {
		o.tell()
	}
}

func (o *Owner) tell() {
	waitLock.Lock()
	told := waiters[o]
	delete(waiters, o)
	waited.Add(int32(-len(told)))
	waitLock.Unlock()
	for _, f := range told {
		f()
	}
}
