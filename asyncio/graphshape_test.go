package asyncio_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

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
