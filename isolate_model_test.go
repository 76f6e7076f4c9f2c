package contextvars_test

import (
	"maps"

	cv "github.com/gocontextvars/contextvars"
)

// Generators among the operations of the random programs.

// modelGenerator is one ranging over an isolated sequence, whose code is the operations up to
// the next end.
type modelGenerator struct {
	context *modelContext
	yield   func(int) bool

	// Those of IsolatePull have a goroutine of their own.
	next    func() (int, bool)
	stop    func()
	running bool
}

func newModelGenerator(below *modelContext) *modelGenerator {
	return &modelGenerator{context: &modelContext{
		values: maps.Clone(below.values), sites: maps.Clone(below.sites), below: below, changed: map[int]bool{},
	}}
}

// uncover makes v what it is in the context below.
func (c *modelContext) uncover(v int) {
	delete(c.changed, v)
	delete(c.values, v)
	delete(c.sites, v)
	if value, ok := c.below.values[v]; ok {
		c.values[v] = value
	}
	if s, ok := c.below.sites[v]; ok {
		c.sites[v] = s
	}
}

// renew makes what has changed below show through, in c and in all that lie over it; inner
// are the generators above c.
func (c *modelContext) renew(inner []*modelGenerator) {
	for v := range modelVars {
		if !c.changed[v] {
			c.uncover(v)
		}
	}
	if len(inner) > 0 && inner[0].context.below == c {
		inner[0].context.renew(inner[1:])
	}
}

// generate is the code of a sequence.
func (g *modelGoroutine) generate(m *modelGenerator, yield func(int) bool) {
	outer, running := g.current, g.running
	defer func() { g.current, g.running = outer, running }()
	m.yield = yield
	m.context.renew(nil) // for those of IsolatePull: the first step may be by somebody else
	g.current, g.running = m.context, append(running[:len(running):len(running)], m)
	g.check()
	g.run()
}

func opIsolate(g *modelGoroutine) bool {
	g.rooted = true
	m := newModelGenerator(g.current)
	consumer, outside := g.current, g.running
	g.block(nil, func(f func()) {
		seq := cv.Isolate(func(yield func(int) bool) { g.generate(m, yield) })
		seq(func(int) bool {
			inside, running := g.current, g.running
			defer func() {
				g.current, g.running = inside, running
				m.context.renew(running[len(outside)+1:])
			}()
			g.current, g.running = consumer, outside
			g.check()
			f()
			return g.next(4) > 0
		})
	})
	return true
}

// opYield hands out a value of one of the generators that are running, with those that were begun
// inside of it.
func opYield(g *modelGoroutine) bool {
	if len(g.running) > 0 {
		m := g.running[len(g.running)-1-g.next(len(g.running))]
		m.yield(0)
	}
	return true
}

func opIsolatePull(g *modelGoroutine) bool {
	if len(g.pulled) == 3 {
		if g.pulled[0].running {
			return true
		}
		g.pulled[0].let(g, g.pulled[0].stop)
		g.pulled = g.pulled[1:]
	}
	m := newModelGenerator(empty())
	h := &modelGoroutine{program: g.program, current: empty(), rooted: true}
	g.rooted = true
	m.next, m.stop = cv.IsolatePull(func(yield func(int) bool) {
		h.generate(m, func(i int) bool {
			current, running := h.current, h.running
			defer func() {
				h.current, h.running = current, running
				m.context.renew(running[1:])
			}()
			return yield(i)
		})
	})
	g.pulled = append(g.pulled, m)
	return true
}

// let lets the generator do a step, on g's goroutine.
func (m *modelGenerator) let(g *modelGoroutine, step func()) {
	if m.running {
		return // its own code asks for it
	}
	m.running = true
	m.context.below = g.current.copied()
	defer func() { m.running = false }()
	step()
}

func opNext(g *modelGoroutine) bool {
	if len(g.pulled) > 0 {
		m := g.pulled[g.next(len(g.pulled))]
		m.let(g, func() { m.next() })
	}
	return true
}

// stopPulled ends the goroutines of generators that are left at the end of a program.
func (g *modelGoroutine) stopPulled() {
	done := make(chan bool)
	cv.GoDetached(func() {
		defer close(done)
		h := &modelGoroutine{program: g.program, current: empty()}
		for _, m := range h.pulled {
			m.let(h, m.stop)
		}
	})
	<-done
}

func opStop(g *modelGoroutine) bool {
	if len(g.pulled) > 0 {
		m := g.pulled[g.next(len(g.pulled))]
		m.let(g, m.stop)
	}
	return true
}
