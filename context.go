package contextvars

import (
	"iter"

	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// A Context is a mapping of variables to values that code can be run in.
// Run enters it; what is set then stays in it and is seen by the next Run.
// Contexts do not chain: inside Run only the Context's own values are seen (54).
//
// One goroutine at a time can have a Context entered. The read-only methods may be
// called by any goroutine at any time, and describe what the Context holds at the
// call.
//
// A Context keeps its variables and values alive (174). It must not be copied
// but with Copy.
type Context struct {
	_     noCopy
	state current.State
}

func init() { current.StateOf = func(c any) *current.State { return &c.(*Context).state } }

// NewContext returns an empty Context (45).
func NewContext() *Context { return new(Context) }

// CopyContext returns a copy of the current context, never that itself. It costs
// one small allocation, however many variables there are (46-48), and two more where one of
// them is [Local].
// Values of variables with the option [Local] are not in the copy.
func CopyContext() *Context { return contextOf(current.Content()) }

// Copy returns a copy of c, also while c is entered (49). It costs what
// [CopyContext] costs.
func (c *Context) Copy() *Context { return contextOf(c.content("Context.Copy")) }

func contextOf(f *frame.Frame) *Context {
	c := new(Context)
	if f != nil {
		c.state.Top.Store(f.Shared())
	}
	return c
}

// Run calls f with c as the current context. What f sets stays in c, also when f
// panics or calls runtime.Goexit, which both go on their way; the previous
// context is current again afterwards (50-53).
//
// If c is entered already, by any goroutine, Run panics with a [*ReentryError]
// before it calls f (55, 57).
//
// The first Run of a Context allocates an identity and a frame for it; later ones
// nothing, unless the goroutine's profiler labels differ.
func (c *Context) Run(f func()) {
	c.content("Context.Run")
	checkFunc(f == nil, "Context.Run")
	outer, o := current.Mine(), c.state.Owner()
	if !current.Enter(outer, o, &c.state.Top) {
		panic(&ReentryError{Context: c})
	}
	defer current.Leave(outer, o)
	f()
}

// Call is c.Run for a function with results.
func Call[R any](c *Context, f func() (R, error)) (R, error) {
	c.content("Call")
	checkFunc(f == nil, "Call")
	var (
		r   R
		err error
	)
	c.Run(func() { r, err = f() })
	return r, err
}

// Len returns the number of variables that have a value in c.
func (c *Context) Len() int {
	if f := c.content("Context.Len"); f != nil {
		return f.Len()
	}
	return 0
}

// Contains reports whether v has a value in c. Defaults do not count.
func (c *Context) Contains(v Variable) bool {
	c.content("Context.Contains")
	_, ok := c.find(checkVariable("Context.Contains", v))
	return ok
}

// Value returns the value that v has in c. Defaults do not count (61).
func (c *Context) Value(v Variable) (any, bool) {
	c.content("Context.Value")
	if w, ok := c.find(checkVariable("Context.Value", v)); ok {
		return v.unpack(w), true
	}
	return nil, false
}

// All iterates over the variables and values that c holds now: what is set
// later, also by the loop's body, is not seen (62). The order is not specified;
// it is the same for a context and its copies until one of them is changed (64).
func (c *Context) All() iter.Seq2[Variable, any] {
	f := c.content("Context.All")
	return func(yield func(Variable, any) bool) {
		if f == nil {
			return
		}
		f.All(func(k *frame.Key, w slot.Word) bool {
			v := k.Var.(Variable)
			return yield(v, v.unpack(w))
		})
	}
}

// Equal reports whether c and other hold the same variables with equal values:
// stored by the same Set, or equal by == where Go can compare them. It
// never panics because of a value: those that Go cannot compare are equal
// only to themselves (65). It costs as much as the two differ.
func (c *Context) Equal(other *Context) bool {
	f, g := c.content("Context.Equal").Seen(), other.content("Context.Equal").Seen()
	equal := true
	f.Changes(g, func(k *frame.Key) {
		equal = equal && sameIn(k, f, g)
	})
	return equal
}

// sameIn reports whether k, which the same Set has not set in both, has equal values in
// f and g.
func sameIn(k *frame.Key, f, g *frame.Frame) bool {
	a, inF := find(f, k)
	b, inG := find(g, k)
	return inF && inG && k.Var.(Variable).equal(a, b)
}

// Adopt carries changes back: it sets or unsets in the current context what
// changed has otherwise than base, where changed was made as a copy of base, or of
// the same context as base. What both have alike is left as it is here. Values of
// variables with the option [Local] are never carried.
//
// It costs as much as changed and base differ, however many variables they hold.
func Adopt(changed, base *Context) {
	changes := changed.content("Adopt")
	f, g := changes.Seen(), base.content("Adopt").Seen()
	if f == nil && changes != nil {
		return // the work that it belongs to has ended, and has taken back what there was
	}
	var next *frame.Frame
	here := frame.Here()
	f.Changes(g, func(k *frame.Key) {
		if k.Local || sameIn(k, f, g) {
			return
		}
		if next == nil {
			next = current.Changeable()
		}
		if w, ok := find(f, k); ok {
			next = next.WithSite(k, w, f.LabelOf(k), here)
		} else {
			next = next.Without(k)
		}
	})
	if next != nil {
		current.Install(next)
	}
}

func find(f *frame.Frame, k *frame.Key) (slot.Word, bool) {
	if f == nil {
		return slot.Word{}, false
	}
	return f.Find(k)
}

func (c *Context) find(k *frame.Key) (slot.Word, bool) { return find(c.state.Top.Load(), k) }

// content returns what c holds now, nil for nothing. It panics, naming the call, if
// there is no c.
func (c *Context) content(call string) *frame.Frame {
	if c == nil {
		panic("contextvars: " + call + " was given a nil *Context; make one with NewContext or CopyContext")
	}
	return c.state.Top.Load()
}

// noCopy makes go vet's copylocks check report copies.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}
