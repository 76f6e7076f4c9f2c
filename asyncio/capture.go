package asyncio

import (
	"cmp"
	"runtime"
	"slices"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
	"github.com/gocontextvars/contextvars/internal/traceback"
)

// capture makes a graph, in two steps: what belongs to the loop is taken down where that may be read, and
// what takes longer is made of it afterwards.
type capture struct {
	GraphOption
	forward bool // Awaits, too
	nodes   map[*future]*sketch
	all     []*sketch
	filled  int
	me      *worker // who runs; nil: the loop does not
	buffer  []uintptr
}

// sketch is a node that is not finished.
type sketch struct {
	*CallGraph
	core    *future
	content *frame.Frame
	stack   []uintptr
	made    []uintptr
	running bool // here and now
	// waits is the last one that it was found to wait for.
	waits *sketch
}

func newCapture(opts []GraphOption) *capture {
	c := &capture{nodes: make(map[*future]*sketch)}
	for _, o := range opts {
		c.skip = max(c.skip, o.skip)
		if o.limited {
			c.limit, c.limited = o.limit, true
		}
	}
	return c
}

func (c *capture) stackless() bool { return c.limited && c.limit == 0 }

func (c *capture) sketch(f *future) *sketch {
	s := c.nodes[f]
	if s == nil {
		s = &sketch{CallGraph: &CallGraph{Future: f.self}, core: f}
		c.nodes[f] = s
		c.all = append(c.all, s)
	}
	return s
}

func (c *capture) node(f *future) *CallGraph { return c.sketch(f).CallGraph }

// fill takes down what there is to know of the nodes, and of those that they lead to.
func (c *capture) fill(l *EventLoop) {
	c.me = l.crew.find(slot.ID())
	for ; c.filled < len(c.all); c.filled++ {
		c.look(c.all[c.filled])
	}
}

func (c *capture) look(s *sketch) {
	f, t := s.core, s.core.self.asTask()
	s.State = states[f.state.Load()]
	if t != nil {
		s.ID, s.Name = t.number, t.Name()
		s.made = f.made()
	}
	if s.State != states[pending] {
		return // it is not the loop's any more
	}
	for w := f.waiters.first; w != nil; w = w.next {
		if by := w.who.waiting(); by != nil {
			c.link(s, c.sketch(&by.future))
		}
	}
	if t != nil {
		c.lookAtTask(s, t)
	}
}

func (c *capture) lookAtTask(s *sketch, t *task) {
	s.State = statuses[t.status]
	if t.blocked {
		s.State = "blocked"
	}
	if c.forward && t.on != nil {
		t.on.awaited(func(f *future) bool {
			c.sketch(f)
			return true
		})
	}
	s.running = t.status == running && t.worker == c.me
	s.content = t.content(s.running)
	w := t.worker
	if w == nil {
		return
	}
	s.Goroutine = w.id
	switch {
	case c.me == nil || c.stackless():
	case w == c.me:
		s.stack = c.callers()
	default:
		w.loop.callOn(&c.me.party, &w.party, func() { s.stack = c.callers() })
	}
}

var states = [...]string{pending: "pending", succeeded: "done", failed: "failed", cancelled: "cancelled"}

var statuses = [...]string{
	created: "created", running: "running", parked: "waiting", scheduled: "ready", finished: "done",
}

// link notes that by waits for s.
func (c *capture) link(s, by *sketch) {
	if by.waits == s {
		return // a duplicate
	}
	by.waits = s
	s.AwaitedBy = append(s.AwaitedBy, by.CallGraph)
	if c.forward {
		by.Awaits = append(by.Awaits, s.CallGraph)
	}
}

const maxFrames = 1 << 14

// callers returns the running goroutine's calls.
func (c *capture) callers() []uintptr {
	for size := 64; ; size *= 2 {
		if len(c.buffer) < size {
			c.buffer = make([]uintptr, size)
		}
		if n := runtime.Callers(2, c.buffer); n < len(c.buffer) || size >= maxFrames {
			return slices.Clone(c.buffer[:n])
		}
	}
}

// content returns what the task sees; nil is nothing.
func (t *task) content(running bool) *frame.Frame {
	switch {
	case running:
		return current.Content()
	case t.turns != nil:
		return t.turns.Content()
	case t.worker != nil:
		return t.worker.stage.Content()
	}
	return t.frame
}

// finish makes the nodes what users get.
func (c *capture) finish() {
	var traces map[uint64]traceback.Goroutine
	if c.me == nil && !c.stackless() {
		traces = c.dump()
	}
	known := make(symbols)
	for _, s := range c.all {
		s.Variables = variables(s.content)
		s.Created, _ = known.framesOf(s.made)
		var calls []Frame
		if tr, ok := traces[s.Goroutine]; ok {
			calls, s.In = users(tr.Frames)
		} else {
			calls, s.In = known.framesOf(s.stack)
		}
		if s.running {
			s.In = ""
			calls = calls[min(c.skip, len(calls)):]
		}
		s.Stack = c.cut(calls)
	}
}

// dump returns the stacks of the tasks that have begun.
func (c *capture) dump() map[uint64]traceback.Goroutine {
	wanted := make(map[uint64]bool)
	for _, s := range c.all {
		if s.Goroutine != 0 {
			wanted[s.Goroutine] = true
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	return tracebacks(func(id uint64) bool { return wanted[id] })
}

// cut does what LimitFrames asked for.
func (c *capture) cut(calls []Frame) []Frame {
	switch n := c.limit; {
	case !c.limited:
		return calls
	case n == 0:
		return nil
	case n > 0:
		return calls[max(0, len(calls)-n):]
	default:
		return calls[:min(-n, len(calls))]
	}
}

func variables(content *frame.Frame) (all []VariableValue) {
	if content == nil {
		return nil
	}
	c := contextvars.NewContext()
	current.StateOf(c).Top.Store(content)
	for v, value := range c.All() {
		all = append(all, VariableValue{v, value})
	}
	slices.SortStableFunc(all, func(a, b VariableValue) int {
		return cmp.Compare(a.Variable.Name(), b.Variable.Name())
	})
	return all
}

// tracebacks returns the stacks of those goroutines for which wanted is true. Of goroutines that stand still for good, or do
// not listen, they are only to be had from what the runtime prints of all.
func tracebacks(wanted func(id uint64) bool) map[uint64]traceback.Goroutine {
	text, _ := traceback.All()
	all := make(map[uint64]traceback.Goroutine)
	for _, g := range traceback.Parse(text, wanted) {
		all[g.ID] = g
	}
	return all
}
