package asyncio_test

import (
	"context"
	"iter"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// isCurrent checks that the calling goroutine is the task; nil: that it is none.
func isCurrent(t *testing.T, where string, task asyncio.Awaitable) {
	t.Helper()
	if got := asyncio.CurrentTask(); got != task {
		t.Errorf("%s the current task is %v, not %v", where, got, task)
	}
	if l, err := asyncio.RunningLoop(); task != nil && (err != nil || l != task.Loop()) {
		t.Errorf("%s the running loop is %v, %v", where, l, err)
	}
}

func isNoTaskOutside(t *testing.T, where string) {
	t.Helper()
	isCurrent(t, where, nil)
	if l, err := asyncio.RunningLoop(); l != nil || err != asyncio.ErrNoRunningLoop {
		t.Errorf("%s the running loop is %v, %v", where, l, err)
	}
}

// foreignLabels is a context.Context that has nothing of contextvars.
var foreignLabels = pprof.WithLabels(context.Background(), pprof.Labels("foreign", "yes"))

func TestCurrentTask(t *testing.T) {
	v := contextvars.New[int]("v")
	isNoTaskOutside(t, "outside")
	runGraph(t, func() {
		me := asyncio.CurrentTask()
		if me == nil {
			t.Fatal("main has no task")
		}
		l, _ := asyncio.RunningLoop()

		contextvars.NewContext().Run(func() { isCurrent(t, "in c.Run", me) })
		contextvars.Detach(func() { isCurrent(t, "in Detach", me) })
		v.With(1, func() { isCurrent(t, "in With", me) })
		contextvars.Bind(func() { isCurrent(t, "in a bound function", me) })()
		for range contextvars.Isolate(func(yield func(int) bool) {
			isCurrent(t, "in a generator", me)
			yield(1)
			isCurrent(t, "in a generator, later", me)
		}) {
			isCurrent(t, "between a generator's steps", me)
		}
		asyncio.Timeout(time.Hour, func() error { isCurrent(t, "in Timeout", me); return nil })
		asyncio.TaskGroup(func(g *asyncio.Group) error {
			isCurrent(t, "in a TaskGroup", me)
			g.Go(func() error {
				if asyncio.CurrentTask() == me {
					t.Error("a task of the group is its parent")
				}
				return nil
			})
			return nil
		})
		isCurrent(t, "after them", me)

		l.CallSoon(func() { isCurrent(t, "in a callback", nil) })
		l.CallLater(0, func() { isCurrent(t, "in a timer", nil) })
		own := asyncio.WithContext(contextvars.NewContext())
		l.CallSoon(func() { isCurrent(t, "in a callback in a context", nil) }, own)
		done := asyncio.Go(func() error { return nil })
		done.AddDoneCallback(func(graphTask) { isCurrent(t, "in a done-callback", nil) })
		asyncio.Sleep(time.Second)
		isCurrent(t, "after a wait", me)

		ended := make(chan bool)
		go func() {
			defer close(ended)
			isNoTaskOutside(t, "in a goroutine")
			v.Set(1)
			isNoTaskOutside(t, "in a goroutine with a context of its own")
			contextvars.CopyContext().Run(func() { isNoTaskOutside(t, "in a goroutine, in c.Run") })
		}()
		<-ended
		asyncio.ToThread(func() (int, error) {
			isNoTaskOutside(t, "in ToThread")
			contextvars.CopyContext().Run(func() { isNoTaskOutside(t, "in ToThread, in c.Run") })
			return 0, nil
		})
		isCurrent(t, "after ToThread", me)
		next, stop := iter.Pull(func(yield func(int) bool) {
			isNoTaskOutside(t, "on a goroutine of iter.Pull")
			yield(1)
		})
		next()
		stop()
		isCurrent(t, "after iter.Pull", me)
	})
	isNoTaskOutside(t, "afterwards")
}

func TestCurrentTaskOfEagerTasks(t *testing.T) { // 134
	runGraph(t, func() {
		me := asyncio.CurrentTask()
		var inside asyncio.Awaitable
		look := func() error { inside = asyncio.CurrentTask(); return nil }
		for name, f := range map[string]func() error{
			"returns": look,
			"waits":   func() error { look(); return asyncio.Sleep(0) },
			"panics":  func() error { look(); panic("p") },
			"exits":   func() error { look(); runtime.Goexit(); return nil },
		} {
			e := asyncio.Go(f, asyncio.Eager())
			if inside != asyncio.Awaitable(e) {
				t.Errorf("%s: it is %v in %v", name, inside, e)
			}
			isCurrent(t, name+": after the first step", me)
			e.Await()
			isCurrent(t, name+": after the task", me)
		}
		l, _ := asyncio.RunningLoop()
		var e graphTask
		l.CallSoon(func() {
			e = asyncio.Go(func() error { look(); return asyncio.Sleep(0) }, asyncio.Eager())
			isCurrent(t, "in a callback that has started one", nil)
		})
		asyncio.Sleep(0)
		if inside != asyncio.Awaitable(e) {
			t.Errorf("it is %v in %v", inside, e)
		}
	})
}

// TestCurrentTaskInForeignLabels: runtime/pprof overwrites where the task is found from.
func TestCurrentTaskInForeignLabels(t *testing.T) { // mechanism.md 6
	run := func(t *testing.T, opts ...asyncio.CallOption) {
		runGraph(t, func() {
			asyncio.Go(func() error {
				me := asyncio.CurrentTask()
				pprof.Do(foreignLabels, pprof.Labels("a", "b"), func(ctx context.Context) {
					isCurrent(t, "in pprof.Do", me)
					asyncio.Sleep(time.Second)
					isCurrent(t, "in pprof.Do, after a wait", me)
					pprof.Do(ctx, pprof.Labels("c", "d"), func(context.Context) {
						isCurrent(t, "in pprof.Do in pprof.Do", me)
						asyncio.Go(func() error {
							if asyncio.CurrentTask() == me {
								t.Error("a task that was created there is its creator")
							}
							return nil
						}).Await()
					})
					contextvars.NewContext().Run(func() { isCurrent(t, "in c.Run in pprof.Do", me) })
					ended := make(chan bool)
					go func() { isNoTaskOutside(t, "in a goroutine of pprof.Do"); close(ended) }()
					<-ended
					g := mustCapture(t, nil)
					if g.Future != me || g.State != "running" {
						t.Error(g)
					}
				})
				isCurrent(t, "after pprof.Do", me)
				pprof.SetGoroutineLabels(foreignLabels)
				isCurrent(t, "after SetGoroutineLabels", me)
				asyncio.Sleep(time.Second)
				isCurrent(t, "after SetGoroutineLabels and a wait", me)
				return nil
			}, opts...).Await()
			isCurrent(t, "afterwards", asyncio.CurrentTask())
			l, _ := asyncio.RunningLoop()
			l.CallSoon(func() {
				pprof.Do(foreignLabels, pprof.Labels("a", "b"), func(context.Context) {
					isCurrent(t, "in pprof.Do in a callback", nil)
					if got, err := asyncio.RunningLoop(); got != l {
						t.Error(got, err)
					}
				})
			})
			asyncio.Sleep(0)
		})
	}
	t.Run("own context", func(t *testing.T) { run(t) })
	t.Run("given context", func(t *testing.T) { run(t, asyncio.WithContext(contextvars.NewContext())) })
	t.Run("eager", func(t *testing.T) { run(t, asyncio.Eager()) })
}
