package asyncio_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

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
				if g.State != "running" || g.In != "Go" || graphStack(g) != "*" {
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
