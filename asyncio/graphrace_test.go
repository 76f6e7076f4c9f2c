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

// TestGraphWhileTasksRun is for the race detector: goroutines outside look all the time.
func TestGraphWhileTasksRun(t *testing.T) {
	user := contextvars.New[int]("user")
	local := contextvars.New[int]("local", contextvars.Local())
	loops := make(chan *asyncio.EventLoop)
	stop := make(chan bool)
	var ended sync.WaitGroup
	ended.Go(func() {
		runGraph(t, func() {
			l, _ := asyncio.RunningLoop()
			shared := contextvars.NewContext()
			loops <- l
			for round := 0; ; round++ {
				select {
				case <-stop:
					return
				default:
				}
				asyncio.TaskGroup(func(g *asyncio.Group) error {
					for i := range 10 {
						opts := []asyncio.CallOption{asyncio.WithName(fmt.Sprint(i))}
						if i%3 == 0 {
							opts = append(opts, asyncio.WithContext(shared))
						}
						if i%4 == 0 {
							opts = append(opts, asyncio.Eager())
						}
						a := g.Go(func() error {
							user.Set(i)
							local.Set(i)
							asyncio.Sleep(0)
							contextvars.NewContext().Run(func() { user.Set(-i); asyncio.Sleep(0) })
							asyncio.Sleep(time.Millisecond)
							if i%3 != 0 && user.Get() != i {
								t.Error(user.Get(), i)
							}
							return nil
						}, opts...)
						g.Go(func() error {
							return asyncio.Timeout(time.Second, func() error { return graphAwait(a) })
						})
					}
					return nil
				})
			}
		})
	})
	l := <-loops
	var lookers sync.WaitGroup
	for i := range 3 {
		lookers.Go(func() {
			for n := range 100 {
				switch i {
				case 0:
					if text := mustCaptureLoop(t, l).String(); !strings.Contains(text, "event loop:") {
						t.Error(text)
					}
				case 1:
					for _, a := range l.AllTasks() {
						if g, err := asyncio.CaptureCallGraph(a); err != nil || g.State == "running" {
							t.Error(g, err)
						}
					}
				case 2:
					l.SetDebug(n%2 == 0)
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*time.Microsecond)
					g, err := l.CaptureCallGraph(ctx)
					if g == nil || err != nil && !errors.Is(err, context.DeadlineExceeded) {
						t.Error(g, err)
					}
					cancel()
				}
			}
		})
	}
	lookers.Wait()
	close(stop)
	ended.Wait()
}

// TestGraphWhileLoopsBeginAndEnd looks at loops that run, stop, run again and are closed.
func TestGraphWhileLoopsBeginAndEnd(t *testing.T) {
	for range 30 {
		l := asyncio.NewEventLoop()
		var left graphTask
		asyncio.RunUntilComplete(l, func() (int, error) {
			left = graphGo("left", func() error { return asyncio.Sleep(time.Hour) })
			return 0, asyncio.Sleep(0)
		})
		var lookers sync.WaitGroup
		lookers.Go(func() {
			for range 20 {
				if g, err := asyncio.CaptureCallGraph(left); err != nil && !errors.Is(err, asyncio.ErrLoopClosed) ||
					err == nil && g.State != "waiting" && g.State != "ready" && g.State != "cancelled" {
					t.Error(g, err)
				}
			}
		})
		lookers.Go(func() {
			for range 20 {
				if g, err := l.CaptureCallGraph(t.Context()); g == nil || err != nil &&
					!errors.Is(err, asyncio.ErrLoopStopped) && !errors.Is(err, asyncio.ErrLoopClosed) {
					t.Error(g, err)
				}
			}
		})
		for range 10 {
			if _, err := asyncio.RunUntilComplete(l, func() (int, error) { return 0, asyncio.Sleep(0) }); err != nil {
				t.Error(err)
			}
		}
		l.Close()
		lookers.Wait()
	}
}

func TestGraphOfManyTasks(t *testing.T) {
	n := 20000
	if testing.Short() {
		n = 2000
	}
	runGraph(t, func() {
		l, _ := asyncio.RunningLoop()
		for range n {
			asyncio.Go(func() error { return asyncio.Sleep(time.Hour) })
		}
		asyncio.Sleep(0)
		g := mustCaptureLoop(t, l)
		for _, task := range g.Tasks[1:] {
			if task.In != "Sleep" || len(task.Stack) != 1 {
				t.Fatal(task)
			}
		}
		if len(g.Tasks) != n+1 {
			t.Error(len(g.Tasks))
		}
	})
}
