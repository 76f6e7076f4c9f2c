package syncvars

import (
	"runtime"
	"slices"
	"sync"

	"github.com/gocontextvars/contextvars"
)

// A Group is a namespace of work that is done once at a time for each key: a
// singleflight.Group of golang.org/x/sync, from which the algorithm is, for keys and values
// of any type, whose work sees an empty context and the variables that the Group
// was made with.
//
// The zero Group is ready for use, and its work sees no variables. A Group must not be
// copied after first use. All methods may be called by any number of goroutines.
type Group[K comparable, V any] struct {
	parts []Part
	mu    sync.Mutex
	calls map[fullKey[K]]*call[V]
}

// NewGroup returns a Group whose keys have the variables of the parts in them, and whose
// work sees these variables and no others.
func NewGroup[K comparable, V any](parts ...Part) *Group[K, V] {
	checkParts(parts)
	return &Group[K, V]{parts: slices.Clone(parts)}
}

// A Result is what Do returns, for [Group.DoChan] to send.
type Result[V any] struct {
	Val V
	Err error
	// Shared reports whether others were given the same result.
	Shared bool
}

// fullKey tells calls apart.
type fullKey[K comparable] struct {
	key  K
	seen any // what look returned
}

// call is work that is being done.
type call[V any] struct {
	done sync.WaitGroup
	// How it ended is written before it is done, and read afterwards.
	val      V
	err      error
	panicked *panicError
	exited   bool // by runtime.Goexit

	// These are guarded by the Group's mutex until done is.
	others int
	chans  []chan<- Result[V]
}

// Do calls f, unless a call for an equal key is being done: then it waits for that and
// returns its results, and shared is true for all who get them. f is called on the
// goroutine of the first caller, in an empty context in which the Group's variables are
// set as they are for the caller. What f sets is gone afterwards, and goroutines that f
// starts hold nothing of the first caller's.
//
// If f panics, Do panics for all callers with an error that has the value of the panic
// and the stack of f in its text, and that unwraps to the value if it is an error. If f
// calls runtime.Goexit, so does Do for all callers.
//
// Do costs some 200 ns and three allocations; in a Group with variables one more, and up to
// four for each variable that is set.
func (g *Group[K, V]) Do(key K, f func() (V, error)) (v V, err error, shared bool) {
	check(f == nil, "Group.Do")
	k := g.fullKey(key)
	c, first := g.join(k, nil)
	if first {
		g.work(c, k, f)
		return c.val, c.err, c.others > 0
	}
	c.done.Wait()
	if c.panicked != nil {
		panic(c.panicked)
	} else if c.exited {
		runtime.Goexit()
	}
	return c.val, c.err, true
}

// DoChan is Do for callers who do not want to wait: f is called on a goroutine of its
// own, and the channel receives the results when they are there. It is not closed.
//
// If f panics, the program ends, since nobody could recover from it; if f calls
// runtime.Goexit, nothing is ever received.
func (g *Group[K, V]) DoChan(key K, f func() (V, error)) <-chan Result[V] {
	check(f == nil, "Group.DoChan")
	ch, k := make(chan Result[V], 1), g.fullKey(key)
	if c, first := g.join(k, ch); first {
		contextvars.GoDetached(func() { g.work(c, k, f) })
	}
	return ch
}

// Forget makes the next Do for the key call its function, though an earlier call is still
// being done. In a Group with variables it is about the calls of those for whom they have
// the values that they have here.
func (g *Group[K, V]) Forget(key K) {
	k := g.fullKey(key)
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.calls, k)
}

func (g *Group[K, V]) fullKey(key K) fullKey[K] { return fullKey[K]{key, look(g.parts)} }

// join returns the call that is being done, or else a new one and true. ch gets its
// results, if it is not nil.
func (g *Group[K, V]) join(k fullKey[K], ch chan<- Result[V]) (c *call[V], first bool) {
	// What is not equal to itself, such as NaN, shares with nobody, and could not be
	// deleted from the map. What cannot be compared panics, mostly here already.
	lasting := equal(k, k)
	g.mu.Lock()
	defer g.mu.Unlock()
	c, ok := g.calls[k]
	if ok {
		c.others++
	} else {
		c = new(call[V])
		c.done.Add(1)
		if g.calls == nil {
			g.calls = make(map[fullKey[K]]*call[V])
		}
		if lasting {
			g.calls[k] = c
		}
	}
	if ch != nil {
		c.chans = append(c.chans, ch)
	}
	return c, !ok
}

func equal[T comparable](a, b T) bool { return a == b }

// work does the call.
func (g *Group[K, V]) work(c *call[V], k fullKey[K], f func() (V, error)) {
	returned, recovered := false, false
	// Two defers, to tell a panic from runtime.Goexit: https://go.dev/cl/134395.
	defer func() {
		c.exited = !returned && !recovered
		g.mu.Lock()
		defer g.mu.Unlock()
		c.done.Done()
		if g.calls[k] == c {
			delete(g.calls, k)
		}
		c.report()
	}()
	func() {
		defer func() {
			if !returned {
				// Whether this is a panic is known when the recover has stopped it, and
				// then its stack is gone: so it is taken first.
				if r := recover(); r != nil {
					c.panicked = newPanicError(r)
				}
			}
		}()
		contextvars.Detach(func() {
			setAll(g.parts, k.seen)
			c.val, c.err = f()
		})
		returned = true
	}()
	recovered = !returned
}

// report hands out the results of c, to those who do not wait for it to be done.
func (c *call[V]) report() {
	switch {
	case c.panicked != nil && len(c.chans) > 0:
		// Those who receive would wait for ever: nobody may recover from this one.
		go panic(c.panicked)
		select {} // keeps this goroutine, for the crash dump
	case c.panicked != nil:
		panic(c.panicked)
	case !c.exited:
		for _, ch := range c.chans {
			ch <- Result[V]{c.val, c.err, c.others > 0}
		}
	}
}
