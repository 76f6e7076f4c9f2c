package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

func mustCaptureLoop(t *testing.T, l *asyncio.EventLoop, opts ...asyncio.GraphOption) *asyncio.LoopGraph {
	t.Helper()
	g, err := l.CaptureCallGraph(t.Context(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// node returns the task with the name.
func loopNode(t *testing.T, g *asyncio.LoopGraph, name string) *asyncio.CallGraph {
	t.Helper()
	for _, n := range g.Tasks {
		if n.Name == name {
			return n
		}
	}
	t.Fatalf("no task %s in %v", name, g)
	return nil
}

func TestLoopGraph(t *testing.T) { // 194, 195
	user := contextvars.New[string]("user")
	runGraph(t, func() {
		l, _ := asyncio.RunningLoop()
		user.Set("ann")
		f := asyncio.NewFuture[int]()
		worker := graphGo("worker", func() error { user.Set("bob"); _, err := f.Await(); return err })
		graphGo("main", func() error {
			return asyncio.TaskGroup(func(g *asyncio.Group) error {
				g.Go(func() error { return graphAwait(worker) }, asyncio.WithName("child"))
				return asyncio.Sleep(time.Hour)
			})
		})
		asyncio.Sleep(0)
		graphGo("new", func() error { return nil })
		entered, end := make(chan bool), make(chan bool)
		graphGo("thread", func() error {
			_, err := asyncio.ToThread(func() (int, error) { close(entered); <-end; return 0, nil })
			return err
		})
		asyncio.Sleep(0)
		<-entered
		l.CallSoon(func() {})

		g := mustCaptureLoop(t, l)
		if g.Loop != l || g.Ready != 1 || g.Timers != 1 || g.Operations != 1 || g.HeldUp != nil {
			t.Errorf("got %+v", g)
		}
		main, child, w := loopNode(t, g, "main"), loopNode(t, g, "child"), loopNode(t, g, "worker")
		for i, n := range g.Tasks {
			if i > 0 && n.ID <= g.Tasks[i-1].ID {
				t.Errorf("%s stands after %s", n.Name, g.Tasks[i-1].Name)
			}
		}
		if len(g.Tasks) != 5 { // the one that looks is there, new is done
			t.Error(g)
		}
		if len(main.AwaitedBy) != 0 || len(main.Awaits) != 1 || main.Awaits[0] != child || len(child.AwaitedBy) != 1 ||
			len(child.Awaits) != 1 || child.Awaits[0] != w || len(w.AwaitedBy) != 1 || w.AwaitedBy[0] != child {
			t.Error(g)
		}
		if len(w.Awaits) != 1 {
			t.Fatal(g)
		}
		if n := w.Awaits[0]; n.Future != asyncio.Awaitable(f) || n.ID != 0 || n.AwaitedBy[0] != w {
			t.Error(g)
		}
		if len(w.Variables) != 1 || w.Variables[0].Value != "bob" || w.Goroutine == 0 || w.Goroutine == main.Goroutine {
			t.Error(w)
		}
		if n := loopNode(t, g, "thread"); n.In != "ToThread" || n.State != "waiting" {
			t.Error(n)
		}
		n := loopNode(t, mustCaptureLoop(t, l, asyncio.LimitFrames(0)), "main")
		if n.Stack != nil || n.Variables == nil {
			t.Error(n)
		}
		want := `event loop: 5 tasks, 1 ready, 1 timers, 1 operations
* Task(name="Task-N", id=N): running
* Task(name="main", id=N): waiting in Sleep
    * Task(name="child", id=N): waiting in Task.Await
        * Task(name="worker", id=N): waiting in Future.Await
            * Future(0xN): pending
* Task(name="thread", id=N): waiting in ToThread`
		var heads []string
		for line := range strings.Lines(plainGraph(g.String())) {
			if strings.HasPrefix(strings.TrimSpace(line), "*") || strings.HasPrefix(line, "event loop") {
				heads = append(heads, strings.TrimSuffix(line, "\n"))
			}
		}
		got := strings.Join(heads, "\n")
		if i := strings.Index(got, `"Task-`); i > 0 {
			got = got[:i] + `"Task-N` + got[i+strings.Index(got[i:], `", `):]
		}
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		close(end)
		f.SetResult(1)
	})
}

func graphHold(held chan<- bool, end <-chan bool) {
	close(held)
	<-end
}

func TestLoopGraphOfHeldUpLoop(t *testing.T) {
	for _, inTask := range []bool{true, false} {
		t.Run(fmt.Sprintf("task %v", inTask), func(t *testing.T) {
			held, end := make(chan bool), make(chan bool)
			loops := make(chan *asyncio.EventLoop)
			var ended sync.WaitGroup
			ended.Go(func() {
				runGraph(t, func() {
					l, _ := asyncio.RunningLoop()
					graphGo("other", func() error { return asyncio.Sleep(time.Hour) })
					asyncio.Sleep(0)
					graphGo("new", func() error { return nil })
					l.CallSoon(func() { loops <- l })
					if inTask {
						l.CallSoon(func() { graphGo("holder", func() error { graphHold(held, end); return nil }) })
					} else {
						l.CallSoon(func() { graphHold(held, end) })
					}
					asyncio.Sleep(time.Second)
				})
			})
			l := <-loops
			<-held
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			g, err := l.CaptureCallGraph(ctx)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			if calls := strings.Join(graphCalls(g.HeldUp), " "); !strings.HasPrefix(calls, "graphHold *") {
				t.Error("held up by", calls)
			}
			if n := loopNode(t, g, "other"); n.State != "waiting" || n.In != "Sleep" || graphStack(n) != "*" {
				t.Error(n)
			}
			if inTask {
				n := loopNode(t, g, "holder")
				if n.State != "running" || !strings.HasPrefix(graphStack(n), "graphHold *") {
					t.Error(n)
				}
			}
			if text := g.String(); !strings.Contains(text, "Held up by:\n  |   ") {
				t.Error(text)
			}
			if n := loopNode(t, mustOutline(l), "other"); n.Stack != nil || n.Name != "other" {
				t.Error("without stacks:", n)
			}
			close(end)
			// It goes on, and answers again.
			if g, err := l.CaptureCallGraph(t.Context()); err != nil && !errors.Is(err, asyncio.ErrLoopClosed) &&
				!errors.Is(err, asyncio.ErrLoopStopped) {
				t.Error(g, err)
			}
			ended.Wait()
		})
	}
}

func mustOutline(l *asyncio.EventLoop) *asyncio.LoopGraph {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	g, _ := l.CaptureCallGraph(ctx, asyncio.LimitFrames(0))
	return g
}

func TestLoopGraphOfLoopAtRest(t *testing.T) {
	l := asyncio.NewEventLoop()
	g, err := l.CaptureCallGraph(t.Context())
	if len(g.Tasks) != 0 || !errors.Is(err, asyncio.ErrLoopStopped) {
		t.Error("of a new loop:", g, err)
	}
	asyncio.RunUntilComplete(l, func() (int, error) {
		graphGo("left", func() error { return asyncio.Sleep(time.Hour) })
		return 0, asyncio.Sleep(0)
	})
	g, err = l.CaptureCallGraph(t.Context())
	if !errors.Is(err, asyncio.ErrLoopStopped) || g.HeldUp != nil {
		t.Error("of a loop at rest:", g, err)
	}
	if n := loopNode(t, g, "left"); n.State != "waiting" || n.In != "Sleep" || len(n.Stack) != 1 {
		t.Error("of a loop at rest:", n)
	}
	l.Close()
	g, err = l.CaptureCallGraph(t.Context())
	if len(g.Tasks) != 0 || !errors.Is(err, asyncio.ErrLoopStopped) {
		t.Error("of a closed loop:", g, err)
	}
}

func TestLoopGraphFromAnotherLoop(t *testing.T) {
	runGraph(t, func() {
		l, _ := asyncio.RunningLoop()
		graphGo("first", func() error { return asyncio.Sleep(time.Hour) })
		asyncio.Sleep(0)
		asyncio.ToThread(func() (int, error) {
			runGraph(t, func() {
				g, err := l.CaptureCallGraph(t.Context())
				if !errors.Is(err, asyncio.ErrOtherLoop) || loopNode(t, g, "first").In != "Sleep" {
					t.Error(g, err)
				}
			})
			return 0, nil
		})
	})
}
