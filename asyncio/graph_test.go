package asyncio_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
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
	return fmt.Sprintf("%s[%s](%s)", name, strings.Join(graphCalls(g.Stack), " "), strings.Join(by, " "))
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
		whole := func(g *asyncio.CallGraph) string { return strings.Join(graphCalls(g.Stack), " ") }
		for limit, want := range map[int]string{
			2: "graphRecursive *", -2: "* graphRecursive", 0: "", 100: "* graphRecursive graphRecursive graphRecursive *",
			-100: "* graphRecursive graphRecursive graphRecursive *", 1: "*", -1: "*",
		} {
			other := graphGo("", func() error { return graphRecursive(2, park) })
			asyncio.Sleep(0)
			if got := whole(mustCapture(t, other, asyncio.LimitFrames(limit))); got != want {
				t.Errorf("another task, limit %d: got %q, want %q", limit, got, want)
			}
			var got string
			graphAwait(graphGo("", func() error {
				return graphRecursive(2, func() error {
					got = whole(mustCapture(t, nil, asyncio.LimitFrames(limit), asyncio.SkipFrames(1)))
					return nil
				})
			}))
			if want := strings.TrimPrefix(want, "mustCapture "); got != want {
				t.Errorf("the running task, limit %d: got %q, want %q", limit, got, want)
			}
		}
		self := mustCapture(t, nil)
		if got := whole(mustCapture(t, nil, asyncio.SkipFrames(2))); got != strings.Join(graphCalls(self.Stack)[2:], " ") {
			t.Errorf("without two: %q", got)
		}
		if got := whole(mustCapture(t, nil, asyncio.SkipFrames(100))); got != "" {
			t.Errorf("without 100: %q", got)
		}
		// Skipping is for the running task's stack alone.
		other := graphGo("", park)
		asyncio.Sleep(0)
		if got := whole(mustCapture(t, other, asyncio.SkipFrames(1))); got != "*" {
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

func TestGraphStates(t *testing.T) {
	runGraph(t, func() {
		state := func(a asyncio.Awaitable, want, in string) {
			t.Helper()
			if g := mustCapture(t, a); g.State != want || g.In != in {
				t.Errorf("got %s in %q, want %s in %q", g.State, g.In, want, in)
			}
		}
		f := asyncio.NewFuture[int]()
		state(f, "pending", "")
		a := graphGo("a", func() error { return asyncio.Sleep(time.Second) })
		state(a, "created", "")
		if g := mustCapture(t, a); g.Goroutine != 0 || g.Stack != nil || g.ID == 0 || g.Name != "a" {
			t.Errorf("got %+v", g)
		}
		asyncio.Sleep(0)
		state(a, "waiting", "Sleep")
		if g := mustCapture(t, a); g.Goroutine == 0 || g.Goroutine == mustCapture(t, nil).Goroutine {
			t.Errorf("goroutine %d", g.Goroutine)
		}
		b := graphGo("b", func() error { return graphAwait(a) })
		e := asyncio.NewEvent()
		c := graphGo("c", func() error { return e.Wait() })
		q := asyncio.NewQueue[int](0)
		d := graphGo("d", func() error { _, err := q.Get(); return err })
		asyncio.Sleep(0)
		state(b, "waiting", "Task.Await")
		state(c, "waiting", "Event.Wait")
		state(d, "waiting", "queue.Get")
		e.Set()
		state(c, "ready", "Event.Wait")
		state(asyncio.CurrentTask(), "running", "")
		graphGo("", func() error {
			// Who starts it eagerly is in the middle of something, too.
			caller := asyncio.CurrentTask()
			asyncio.Go(func() error {
				g := mustCapture(t, caller)
				if g.State != "running" || g.In != "Go" || strings.Join(graphCalls(g.Stack), " ") != "*" {
					t.Errorf("who started it eagerly: %v", g)
				}
				return nil
			}, asyncio.Eager())
			return nil
		})
		asyncio.Sleep(2 * time.Second)
		state(a, "done", "")
		state(b, "done", "")
		d.Cancel()
		asyncio.Sleep(0)
		state(d, "cancelled", "")
		x := graphGo("x", func() error { return errors.New("x") })
		asyncio.Sleep(0)
		x.Err()
		state(x, "failed", "")
		state(asyncio.CurrentTask(), "running", "")
		// A task whose context somebody else has entered.
		ctx := contextvars.NewContext()
		entered, leave, left := make(chan bool), make(chan bool), make(chan bool)
		go func() {
			ctx.Run(func() { close(entered); <-leave })
			close(left)
		}()
		<-entered
		y := asyncio.Go(func() error { return nil }, asyncio.WithContext(ctx))
		asyncio.Sleep(0)
		state(y, "blocked", "")
		close(leave)
		<-left
		graphAwait(y)
		state(y, "done", "")
	})
}

func TestGraphVariables(t *testing.T) { // 195, and what no asyncio has
	user := contextvars.New[string]("user")
	age := contextvars.NewDefault("age", 7)
	local := contextvars.New[*testing.T]("local", contextvars.Local())
	label := contextvars.New[string]("label", contextvars.Label())
	park := func() error { return asyncio.Sleep(time.Second) }
	show := func(a asyncio.Awaitable) string {
		var all []string
		for _, v := range mustCapture(t, a).Variables {
			if _, ok := v.Value.(*testing.T); ok {
				v.Value = "t"
			}
			all = append(all, fmt.Sprintf("%s=%v", v.Variable.Name(), v.Value))
		}
		return strings.Join(all, " ")
	}
	check := func(what string, a asyncio.Awaitable, want string) {
		t.Helper()
		if got := show(a); got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	runGraph(t, func() {
		check("nothing", asyncio.CurrentTask(), "")
		user.Set("main")
		age.Set(8)
		local.Set(t)
		label.Set("l")
		check("the running task", asyncio.CurrentTask(), "age=8 label=l local=t user=main")
		a := graphGo("", func() error {
			user.Set("a")
			age.Unset()
			local.Set(t)
			return park()
		})
		check("one that has not begun", a, "age=8 label=l user=main")
		asyncio.Sleep(0)
		check("a waiting one", a, "label=l local=t user=a")
		for _, v := range mustCapture(t, a).Variables {
			if v.Variable == contextvars.Variable(local) && v.Value != t {
				t.Error("local:", v.Value)
			}
		}

		c := contextvars.NewContext()
		inner := func() error {
			var err error
			c.Run(func() {
				user.Set("in c")
				contextvars.Detach(func() {
					age.With(9, func() { err = park() })
				})
			})
			return err
		}
		b := graphGo("", inner)
		asyncio.Sleep(0)
		check("inside of Detach, inside of c.Run", b, "age=9")

		d := contextvars.NewContext()
		e := asyncio.Go(func() error { user.Set("e"); local.Set(t); return park() }, asyncio.WithContext(d))
		check("one that is to begin in a context", e, "")
		asyncio.Sleep(0)
		check("in a context that others have, too", e, "local=t user=e")
		d.Run(func() { age.Set(10) })
		check("which somebody has changed", e, "age=10 local=t user=e")
		c2 := contextvars.NewContext()
		f := asyncio.Go(func() error {
			c2.Run(func() { user.Set("c2"); park() })
			return nil
		}, asyncio.WithContext(contextvars.NewContext()))
		asyncio.Sleep(0)
		check("c.Run in a context that others have, too", f, "user=c2")

		g := graphGo("", func() error { user.Set("g"); return park() })
		asyncio.Sleep(0)
		g.Context().Run(func() { user.Set("changed") })
		check("through Context", g, "age=8 label=l user=changed")

		for v := range contextvars.Isolate(func(yield func(int) bool) {
			user.Set("generator")
			h := graphGo("", park)
			asyncio.Sleep(0)
			check("a task of a generator's", h, "age=8 label=l user=generator")
			check("in a generator", asyncio.CurrentTask(), "age=8 label=l local=t user=generator")
			yield(1)
		}) {
			check("between a generator's steps", asyncio.CurrentTask(), "age=8 label=l local=t user=main")
			_ = v
		}
		graphAwait(a)
		check("a task that is done", a, "")
	})
}

func TestGraphRunsNoMethodsOfValues(t *testing.T) {
	v := contextvars.New[graphAngry]("v")
	runGraph(t, func() {
		v.Set(graphAngry{})
		asyncio.Go(func() error { return asyncio.Sleep(time.Second) })
		asyncio.Sleep(0)
		mustCapture(t, nil)
	})
}

type graphAngry struct{}

func (graphAngry) String() string { panic("String") }
func (graphAngry) Error() string  { panic("Error") }

func TestGraphOfOtherLoops(t *testing.T) {
	other := asyncio.NewRunner()
	defer other.Close()
	started, ended := make(chan graphTask), make(chan bool)
	stop := asyncio.NewEvent()
	go func() {
		defer close(ended)
		asyncio.RunIn(other, func() (int, error) {
			t := graphGo("there", func() error { return asyncio.Sleep(time.Hour) })
			asyncio.Sleep(0)
			started <- t
			return 0, stop.Wait()
		})
	}()
	there := <-started
	if got := walkGraph(mustCapture(t, there)); got != "there[*]()" {
		t.Error("from a goroutine:", got)
	}
	runGraph(t, func() {
		if g, err := asyncio.CaptureCallGraph(there); g != nil || !errors.Is(err, asyncio.ErrOtherLoop) {
			t.Error("from another loop:", g, err)
		}
		g, err := asyncio.ToThread(func() (*asyncio.CallGraph, error) { return asyncio.CaptureCallGraph(there) })
		if err != nil || walkGraph(g) != "there[*]()" {
			t.Error("from a thread of another loop:", g, err)
		}
	})
	stop.Set()
	<-ended
	// The loop does not run now: it can be looked at all the same.
	if g := mustCapture(t, there); walkGraph(g) != "there[*]()" || g.In != "Sleep" || g.State != "waiting" {
		t.Error("of a loop at rest:", g)
	}
	other.Close()
	if g := mustCapture(t, there); g.State != "cancelled" {
		t.Error("of a closed loop:", g)
	}
}

func TestGraphOfRing(t *testing.T) {
	// Rings are refused where they are found (C14), and that search is bounded; a wait that may end
	// otherwise is none.
	runGraph(t, func() {
		var a, b graphTask
		a = graphGo("a", func() error {
			_, _, err := asyncio.Wait(asyncio.AllCompleted, time.Hour, b)
			return err
		})
		b = graphGo("b", func() error { return graphAwait(a) })
		asyncio.Sleep(0)
		g := mustCapture(t, a)
		if len(g.AwaitedBy) != 1 || len(g.AwaitedBy[0].AwaitedBy) != 1 || g.AwaitedBy[0].AwaitedBy[0] != g {
			t.Errorf("no ring in %v", g)
		}
		if text := g.String(); strings.Count(text, "see above") != 1 {
			t.Error(text)
		}
	})
}

// TestGraphSharesNodes would not end if each way to a task were followed: there are 2 to the 60th.
func TestGraphSharesNodes(t *testing.T) {
	runGraph(t, func() {
		first := asyncio.NewFuture[struct{}]()
		layer := []asyncio.AwaitableOf[struct{}]{first}
		for range 60 {
			below := layer
			layer = nil
			for range 2 {
				layer = append(layer, asyncio.Go(func() error { _, err := asyncio.Gather(below...); return err }))
			}
		}
		asyncio.Sleep(time.Second)
		seen := map[*asyncio.CallGraph]bool{}
		var walk func(g *asyncio.CallGraph)
		walk = func(g *asyncio.CallGraph) {
			if !seen[g] {
				seen[g] = true
				for _, by := range g.AwaitedBy {
					walk(by)
				}
			}
		}
		g := mustCapture(t, first)
		if walk(g); len(seen) != 121 {
			t.Errorf("%d nodes of 121", len(seen))
		}
		if n := strings.Count(g.String(), "\n"); n > 2000 {
			t.Errorf("%d lines", n)
		}
		first.SetResult(struct{}{})
		asyncio.Sleep(time.Second) // cancelling them would follow each way
	})
}

// TestGraphLeavesTasksAlone captures all the time, and looks at what tasks get.
func TestGraphLeavesTasksAlone(t *testing.T) {
	user := contextvars.New[int]("user")
	runGraph(t, func() {
		done := 0
		for i := range 20 {
			asyncio.Go(func() error {
				user.Set(i)
				me := asyncio.CurrentTask()
				for range 50 {
					if i%2 == 0 {
						asyncio.Sleep(0)
					} else {
						asyncio.Sleep(time.Millisecond)
					}
					for _, other := range asyncio.AllTasks() {
						mustCapture(t, other)
					}
					if asyncio.CurrentTask() != me || user.Get() != i {
						t.Error(asyncio.CurrentTask(), user.Get())
					}
				}
				done++
				return nil
			})
		}
		asyncio.Sleep(time.Hour)
		if done != 20 {
			t.Error(done)
		}
	})
}

// TestGraphPinsNothing: a graph that was let go keeps no value alive, and neither does a capture.
func TestGraphPinsNothing(t *testing.T) {
	v := contextvars.New[*[1 << 20]byte]("v")
	runGraph(t, func() {
		collected := make(chan bool, 1)
		a := graphGo("a", func() error {
			big := new([1 << 20]byte)
			runtime.AddCleanup(big, func(int) { collected <- true }, 0)
			token := v.Set(big)
			big = nil
			asyncio.Sleep(time.Second)
			token.Restore()
			return asyncio.Sleep(time.Hour)
		})
		asyncio.Sleep(0)
		if g := mustCapture(t, a); len(g.Variables) != 1 {
			t.Error(g)
		}
		asyncio.Sleep(2 * time.Second)
		mustCapture(t, a)
		for range 100 {
			runtime.GC()
			select {
			case <-collected:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
		t.Error("the value is still there")
	})
}
