package asyncio_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/asyncio"
)

// runGraph runs f in a loop with a virtual clock.
func runGraph(t *testing.T, f func(), opts ...asyncio.RunOption) {
	t.Helper()
	opts = append(opts, asyncio.WithClock(asyncio.NewVirtualClock()))
	if _, err := asyncio.Run(func() (int, error) { f(); return 0, nil }, opts...); err != nil {
		t.Error(err)
	}
}

// walkGraph writes a graph as name[its calls](who waits for it).
func walkGraph(g *asyncio.CallGraph) string {
	name := "F"
	if g.ID != 0 {
		name = g.Name
	}
	var by []string
	for _, a := range g.AwaitedBy {
		by = append(by, walkGraph(a))
	}
	slices.Sort(by)
	return fmt.Sprintf("%s[%s](%s)", name, graphStack(g), strings.Join(by, " "))
}

// graphCalls returns the functions' names; that of a function literal is *.
func graphCalls(stack []asyncio.Frame) (names []string) {
	for _, f := range stack {
		name := f.Function[strings.LastIndexByte(f.Function, '.')+1:]
		if strings.HasPrefix(name, "func") || name[0] >= '0' && name[0] <= '9' {
			name = "*"
		}
		names = append(names, name)
	}
	return names
}

func graphStack(g *asyncio.CallGraph) string { return strings.Join(graphCalls(g.Stack), " ") }

func mustCapture(t *testing.T, a asyncio.Awaitable, opts ...asyncio.GraphOption) *asyncio.CallGraph {
	t.Helper()
	g, err := asyncio.CaptureCallGraph(a, opts...)
	if err != nil || g == nil {
		t.Fatal(g, err)
	}
	return g
}

type graphTask = *asyncio.Task[struct{}]

func graphGo(name string, f func() error) graphTask { return asyncio.Go(f, asyncio.WithName(name)) }

func graphAwait(a graphTask) error { _, err := a.Await(); return err }

// graphProbe is a task that waits, and then looks at itself.
type graphProbe struct {
	t    *testing.T
	seen string
}

func (p *graphProbe) deep() error {
	asyncio.Sleep(0)
	asyncio.Sleep(0)
	asyncio.Sleep(0)
	g, err := asyncio.CaptureCallGraph(nil)
	p.seen = walkGraph(g)
	return err
}
func (p *graphProbe) inner() error       { return p.deep() }
func (p *graphProbe) withTimeout() error { return asyncio.Timeout(time.Hour, p.inner) }

func TestGraphOfEachWait(t *testing.T) { // 191, 193
	for _, c := range []struct {
		name string
		main func(p *graphProbe) error
		want string
	}{
		{"task", func(p *graphProbe) error { return graphAwait(graphGo("inner", p.inner)) },
			"inner[deep inner](main[graphAwait * *]())"},
		{"gather", func(p *graphProbe) error {
			a, b := graphGo("inner", p.inner), graphGo("b", func() error { return asyncio.Sleep(time.Second) })
			_, err := asyncio.Gather(a, b, a)
			return err
		}, "inner[deep inner](main[* *]())"},
		{"gather of outcomes", func(p *graphProbe) error {
			_, err := asyncio.GatherAll(graphGo("inner", p.inner))
			return err
		}, "inner[deep inner](main[* *]())"},
		{"shield", func(p *graphProbe) error {
			_, err := asyncio.Shield(graphGo("inner", p.inner))
			return err
		}, "inner[deep inner](main[* *]())"},
		{"timeout", func(p *graphProbe) error {
			_, err := asyncio.Shield(graphGo("inner", p.withTimeout))
			return err
		}, "inner[deep inner withTimeout](main[* *]())"},
		{"wait for", func(p *graphProbe) error {
			_, err := asyncio.WaitFor(graphGo("inner", p.inner), time.Hour)
			return err
		}, "inner[deep inner](main[* *]())"},
		{"wait", func(p *graphProbe) error {
			a, b := graphGo("inner", p.inner), graphGo("b", func() error { return asyncio.Sleep(time.Second) })
			_, _, err := asyncio.Wait(asyncio.AllCompleted, asyncio.NoTimeout, a, b)
			return err
		}, "inner[deep inner](main[* *]())"},
		{"as completed", func(p *graphProbe) (err error) {
			for _, err = range asyncio.AsCompleted(graphGo("inner", p.inner)) {
			}
			return err
		}, "inner[deep inner](main[* *]())"},
		{"group", func(p *graphProbe) error {
			return asyncio.TaskGroup(func(g *asyncio.Group) error {
				a := g.Go(p.inner, asyncio.WithName("inner"))
				g.Go(func() error { return graphAwait(a) }, asyncio.WithName("sub 1"))
				g.Go(func() error { return graphAwait(a) }, asyncio.WithName("sub 2"))
				return nil
			})
		}, "inner[deep inner](main[* *]() sub 1[graphAwait *](main[* *]()) sub 2[graphAwait *](main[* *]()))"},
		{"body of a group", func(p *graphProbe) error {
			return asyncio.TaskGroup(func(g *asyncio.Group) error {
				g.Go(p.inner, asyncio.WithName("inner"))
				return asyncio.Sleep(time.Hour)
			})
		}, "inner[deep inner](main[* * *]())"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &graphProbe{t: t}
			runGraph(t, func() {
				graphGo("main", func() error { return c.main(p) })
				asyncio.Sleep(2 * time.Hour)
			})
			if p.seen != c.want {
				t.Errorf("got  %s\nwant %s", p.seen, c.want)
			}
		})
	}
}

func TestGraphOfFuture(t *testing.T) { // 191
	runGraph(t, func() {
		f := asyncio.NewFuture[int]()
		wait := func() error { _, err := f.Await(); return err }
		graphGo("main", func() error {
			return asyncio.TaskGroup(func(g *asyncio.Group) error {
				g.Go(wait, asyncio.WithName("A"))
				g.Go(func() error { return asyncio.Timeout(time.Hour, wait) }, asyncio.WithName("B"))
				return nil
			})
		})
		asyncio.Sleep(time.Second)
		g := mustCapture(t, f)
		if got, want := walkGraph(g), "F[](A[*](main[*]()) B[* *](main[*]()))"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if g.AwaitedBy[0].AwaitedBy[0] != g.AwaitedBy[1].AwaitedBy[0] {
			t.Error("main has two nodes")
		}
		if g.Name != "" || g.ID != 0 || g.State != "pending" || g.Future != asyncio.Awaitable(f) {
			t.Errorf("got %+v", g)
		}
		// When the wait has ended nobody waits any more (193).
		f.SetResult(1)
		asyncio.Sleep(0)
		if g := mustCapture(t, f); g.AwaitedBy != nil || g.State != "done" {
			t.Errorf("got %+v", g)
		}
		h := asyncio.NewFuture[int]()
		a := graphGo("a", func() error { _, err := h.Await(); return err })
		asyncio.Sleep(0)
		if g := mustCapture(t, h); len(g.AwaitedBy) != 1 {
			t.Errorf("got %+v", g)
		}
		a.Cancel()
		asyncio.Sleep(0)
		if g := mustCapture(t, h); g.AwaitedBy != nil || g.State != "cancelled" {
			t.Errorf("got %+v", g)
		}
	})
}

func graphRecursive(n int, f func() error) error {
	if n > 0 {
		return graphRecursive(n-1, f)
	}
	return f()
}

func TestGraphLimits(t *testing.T) { // 191
	park := func() error { return asyncio.Sleep(time.Second) }
	runGraph(t, func() {
		for limit, want := range map[int]string{
			2: "graphRecursive *", -2: "* graphRecursive", 1: "*", -1: "*", 0: "",
			100:  "* graphRecursive graphRecursive graphRecursive *",
			-100: "* graphRecursive graphRecursive graphRecursive *",
		} {
			other := graphGo("", func() error { return graphRecursive(2, park) })
			asyncio.Sleep(0)
			if got := graphStack(mustCapture(t, other, asyncio.LimitFrames(limit))); got != want {
				t.Errorf("another task, limit %d: got %q, want %q", limit, got, want)
			}
			var got string
			graphAwait(graphGo("", func() error {
				return graphRecursive(2, func() error {
					got = graphStack(mustCapture(t, nil, asyncio.LimitFrames(limit), asyncio.SkipFrames(1)))
					return nil
				})
			}))
			if want := strings.TrimPrefix(want, "mustCapture "); got != want {
				t.Errorf("the running task, limit %d: got %q, want %q", limit, got, want)
			}
		}
		self := mustCapture(t, nil)
		self.Stack = self.Stack[2:]
		if got := graphStack(mustCapture(t, nil, asyncio.SkipFrames(2))); got != graphStack(self) {
			t.Errorf("without two: %q", got)
		}
		if got := graphStack(mustCapture(t, nil, asyncio.SkipFrames(100))); got != "" {
			t.Errorf("without 100: %q", got)
		}
		// Skipping is for the running task's stack alone.
		other := graphGo("", park)
		asyncio.Sleep(0)
		if got := graphStack(mustCapture(t, other, asyncio.SkipFrames(1))); got != "*" {
			t.Errorf("another task, without one: %q", got)
		}
		deep := graphGo("", func() error { return graphRecursive(5000, park) })
		asyncio.Sleep(0)
		if n := len(mustCapture(t, deep).Stack); n != 5003 {
			t.Errorf("%d calls of 5003", n)
		}
	})
	defer func() {
		if p := fmt.Sprint(recover()); !strings.HasPrefix(p, "asyncio: SkipFrames was given -1") {
			t.Error(p)
		}
	}()
	asyncio.SkipFrames(-1)
}

func TestGraphWhereThereIsNone(t *testing.T) { // 191
	if g, err := asyncio.CaptureCallGraph(nil); g != nil || !errors.Is(err, asyncio.ErrNoRunningLoop) {
		t.Error("where no loop runs:", g, err)
	}
	runGraph(t, func() {
		l, _ := asyncio.RunningLoop()
		called := asyncio.NewFuture[int]()
		l.CallSoon(func() {
			if g, err := asyncio.CaptureCallGraph(nil); g != nil || err != nil {
				t.Error("in a callback:", g, err)
			}
			if g := mustCapture(t, called); len(g.AwaitedBy) != 1 {
				t.Error("a future, in a callback:", g)
			}
			called.SetResult(1)
		})
		called.Await()
		ended := make(chan bool)
		go func() {
			defer close(ended)
			if g, err := asyncio.CaptureCallGraph(nil); g != nil || !errors.Is(err, asyncio.ErrNoRunningLoop) {
				t.Error("in a goroutine of a task's:", g, err)
			}
		}()
		<-ended
	})
	for _, a := range []asyncio.Awaitable{(*asyncio.Task[int])(nil), (*asyncio.Future[int])(nil)} {
		func() {
			defer func() {
				if p := fmt.Sprint(recover()); !strings.HasPrefix(p, "asyncio: CaptureCallGraph was given a nil") {
					t.Error(p)
				}
			}()
			asyncio.CaptureCallGraph(a)
		}()
	}
}
