package contextvars_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// Random programs of all operations, run on the package and on a plain
// model of it: maps that are copied. Each byte of a program is an operation or an
// operand.

// modelVars has one variable of each kind, and more than fit into a frame.
var modelVars = func() []*cv.ContextVar[int] {
	vs := []*cv.ContextVar[int]{cv.New[int]("local", cv.Local()), cv.New[int]("label", cv.Label())}
	for len(vs) < 14 {
		vs = append(vs, cv.New[int]("plain"))
	}
	return vs
}()

// isLocal says which of modelVars is never in a copy.
func isLocal(v int) bool { return v == 0 }

// modelContext is the identity and the content of a context.
type modelContext struct {
	values  map[int]int
	sites   map[int]*frame.Site // of the values, if they are recorded
	entered bool
	real    *cv.Context // nil: a goroutine's own

	// below is nil but for a generator's context: its consumer's. changed says which variables
	// the generator has set or unset.
	below   *modelContext
	changed map[int]bool
}

func (c *modelContext) copied() *modelContext {
	d := &modelContext{values: maps.Clone(c.values), sites: maps.Clone(c.sites)}
	maps.DeleteFunc(d.values, func(v, _ int) bool { return isLocal(v) })
	maps.DeleteFunc(d.sites, func(v int, _ *frame.Site) bool { return isLocal(v) })
	return d
}

func (c *modelContext) put(v, value int, ok bool, s *frame.Site) {
	delete(c.values, v)
	delete(c.sites, v)
	if ok {
		c.values[v] = value
	}
	if s != nil {
		c.sites[v] = s
	}
	if c.below != nil {
		c.changed[v] = true
	}
}

type modelToken struct {
	real    cv.Token[int]
	v       int
	owner   *modelContext
	old     int
	had     bool
	site    *frame.Site
	changed bool // before, by the generator itself
	used    bool
}

// program is what all goroutines of one run share; they take turns.
type program struct {
	t        testing.TB
	code     []byte
	done     []step // for the error message
	contexts []*modelContext
	tokens   []*modelToken
	pulled   []*modelGenerator
	depth    int
	sites    map[*frame.Site]bool // that are known
}

// newSite returns where v was set just now.
func (p *program) newSite(v int) *frame.Site {
	s := siteOf(modelVars[v])
	if p.sites[s] {
		p.fail("variable %d: an old site", v)
	}
	if recording := frame.Recording(); recording != (s != nil) {
		p.fail("variable %d: a site is there: %t, recorded: %t", v, s != nil, recording)
	}
	return s
}

// knowSites ends the time in which sites are new.
func (c *modelContext) knowSites(p *program) {
	for _, s := range c.sites {
		p.sites[s] = true
	}
}

func (p *program) next(n int) int {
	if len(p.code) == 0 {
		return 0
	}
	b := p.code[0]
	p.code = p.code[1:]
	return int(b) % n
}

// step is an operation that was done, and how deep in blocks.
type step struct {
	depth int
	name  string
}

func (p *program) fail(format string, args ...any) {
	var steps strings.Builder
	for _, s := range p.done {
		fmt.Fprintf(&steps, "%*s%s\n", s.depth, "", s.name)
	}
	p.t.Errorf("after\n%s%s", steps.String(), fmt.Sprintf(format, args...))
	p.code = nil
}

// modelGoroutine is one goroutine's view.
type modelGoroutine struct {
	*program
	current *modelContext
	// rooted says that the goroutine has set or entered something, so that it keeps its context
	// when pprof overwrites the slot.
	rooted bool
	// running are the generators that have not handed out a value, the innermost last.
	running []*modelGenerator
}

// token returns t for the model, before the model makes the change.
func (g *modelGoroutine) token(t cv.Token[int], v int) *modelToken {
	old, had := g.current.values[v]
	g.rooted = true
	return &modelToken{t, v, g.current, old, had, g.current.sites[v], g.current.changed[v], false}
}

func (g *modelGoroutine) keepToken(t cv.Token[int], v int) {
	g.tokens = append(g.tokens, g.token(t, v))
}

// robbed says that the slot was overwritten by a label set that knows nothing of us.
func (g *modelGoroutine) robbed() {
	if !g.rooted {
		clear(g.current.values)
		clear(g.current.sites)
	}
}

func (g *modelGoroutine) check() {
	for i, v := range modelVars {
		value, ok := v.Lookup()
		if w, in := g.current.values[i]; w != value || in != ok || v.Get() != value {
			g.fail("variable %d: got %d %t, want %d %t", i, value, ok, w, in)
		}
		// A local one is still in an inherited frame, and not to be seen.
		if s := siteOf(v); s != g.current.sites[i] && (ok || !isLocal(i)) {
			g.fail("variable %d: another site than that of the Set in force", i)
		}
	}
	for i, c := range g.contexts {
		if c.real.Len() != len(c.values) {
			g.fail("context %d: Len is %d, want %d", i, c.real.Len(), len(c.values))
		}
		for v, value := range c.real.All() {
			if w, ok := c.values[indexOf(v)]; !ok || w != value {
				g.fail("context %d: got %v for variable %d, want %d %t", i, value, indexOf(v), w, ok)
			}
			if s := siteIn(current.StateOf(c.real).Top.Load(), v); s != c.sites[indexOf(v)] {
				g.fail("context %d: another site for variable %d", i, indexOf(v))
			}
		}
	}
}

func indexOf(v cv.Variable) int {
	for i, w := range modelVars {
		if v == cv.Variable(w) {
			return i
		}
	}
	return -1
}

// errBoom is what the programs panic with.
var errBoom = errors.New("boom")

// block runs the operations up to the next end inside of run, which enters c, nil for
// the current context, and comes back from a panic.
func (g *modelGoroutine) block(c *modelContext, run func(f func())) {
	outer := g.current
	g.depth++
	defer func() {
		g.depth--
		g.current = outer
		if c != nil {
			c.entered = false
		}
		if r := recover(); r != nil && r != any(errBoom) {
			panic(r)
		}
	}()
	run(func() {
		if c != nil {
			g.current, c.entered = c, true
		}
		g.run()
	})
}

// child runs the operations up to the next end in a goroutine that start starts.
func (g *modelGoroutine) child(c *modelContext, rooted bool, start func(f func())) {
	var wg sync.WaitGroup
	wg.Add(1)
	h := &modelGoroutine{program: g.program, current: c, rooted: rooted}
	g.depth++
	depth := g.depth
	start(func() {
		defer wg.Done()
		defer func() { _ = recover() }() // of errBoom; wrong values are reported where they are seen
		h.check()
		h.run()
	})
	wg.Wait()
	g.depth = depth - 1 // also after Goexit
}

// run runs operations until one says to end.
func (g *modelGoroutine) run() {
	for len(g.code) > 0 && g.step() {
		g.check()
	}
}

func (g *modelGoroutine) step() bool {
	op := g.next(len(operations))
	g.done = append(g.done, step{g.depth, operations[op].name})
	return operations[op].do(g)
}

// runProgram runs code on goroutines that start with nothing, a new one where
// the last has ended.
func runProgram(t testing.TB, code []byte) {
	g := &modelGoroutine{program: &program{t: t, code: code, sites: map[*frame.Site]bool{}}}
	for len(g.code) > 0 {
		g.child(empty(), false, cv.GoDetached)
	}
	g.stopPulled()
}

func TestModel(t *testing.T) { testModel(t) }

// With the sites of Sets, which are what tells two Sets of one value apart.
func TestModelWithSites(t *testing.T) {
	defer frame.Record()()
	testModel(t)
}

func testModel(t *testing.T) {
	programs := 2000
	if testing.Short() || raceEnabled {
		programs = 300
	}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(worker), 1))
			for range programs {
				code := make([]byte, random.IntN(300))
				for i := range code {
					code[i] = byte(random.Uint32())
				}
				runProgram(t, code)
				if t.Failed() {
					return
				}
			}
		})
	}
	for range 20 {
		runtime.GC()
	}
	wg.Wait()
}

func FuzzModel(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23})
	f.Fuzz(func(t *testing.T, code []byte) {
		if len(code) > 2000 {
			t.Skip("longer than any program needs to be")
		}
		if len(code)%2 == 1 {
			defer frame.Record()()
		}
		runProgram(t, code)
	})
}

func do(ctx context.Context) func(f func()) {
	return func(f func()) {
		pprof.Do(ctx, pprof.Labels("k", "v"), func(context.Context) { f() })
	}
}
