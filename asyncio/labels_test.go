package asyncio

import (
	"context"
	"runtime/pprof"
	"slices"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// A task or callback has the profiler labels that its creator had then, like a go statement.

// labelsNow returns the running goroutine's profiler labels, sorted.
func labelsNow() []string {
	labels := []string{}
	if h := slot.Load(); h != nil {
		for _, l := range h.Labels() {
			if l.Value != "" { // else it is a ticket of ours
				labels = append(labels, l.Key+"="+l.Value)
			}
		}
	}
	slices.Sort(labels)
	return labels
}

func haveLabels(t *testing.T, where string, want ...string) {
	t.Helper()
	if got := labelsNow(); !slices.Equal(got, want) {
		t.Errorf("%s: the labels are %q, want %q", where, got, want)
	}
}

func withLabels(f func(), pairs ...string) {
	pprof.Do(context.Background(), pprof.Labels(pairs...), func(context.Context) { f() })
}

func TestLabelsOfCreator(t *testing.T) {
	for _, name := range []string{"no values", "values"} {
		t.Run(name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				if name == "values" {
					ctxVar.Set("value")
				}
				var tasks []*Task[struct{}]
				c := contextvars.CopyContext()
				calls := 0
				withLabels(func() {
					for _, opts := range [][]CallOption{nil, {Eager()}, {WithContext(c)}, {WithContext(c), Eager()}} {
						tasks = append(tasks, Go(func() error {
							haveLabels(t, "in the task", "k=v")
							Sleep(time.Second)
							haveLabels(t, "in the task after a wait", "k=v")
							isSame(t, "value", ctxVar.Get() == "value", name == "values")
							return nil
						}, opts...))
						haveLabels(t, "in the creator", "k=v")
					}
					for _, s := range schedules {
						for _, opts := range [][]CallOption{nil, {WithContext(c)}} {
							s.call(l, func() {
								calls++
								haveLabels(t, s.name, "k=v")
								isSame(t, "value", ctxVar.Get() == "value", name == "values")
							}, opts...)
						}
					}
				}, "k", "v")
				haveLabels(t, "in main")
				Go(func() error { haveLabels(t, "in another task"); return nil })
				l.CallSoon(func() { haveLabels(t, "in another callback") })
				for _, task := range tasks {
					task.Await()
				}
				isSame(t, "callbacks", calls, 2*len(schedules))
				haveLabels(t, "in main")
			})
		})
	}
}

func TestLabelsSetInTask(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		for _, opts := range [][]CallOption{nil, {WithContext(c)}} {
			var tasks []*Task[struct{}]
			for _, v := range []string{"a", "b"} {
				tasks = append(tasks, Go(func() error {
					withLabels(func() {
						for range 3 {
							Sleep(time.Second)
							ctxVar.Set(v)
							haveLabels(t, "in pprof.Do", "k="+v)
						}
						withLabels(func() {
							Sleep(time.Second)
							ctxVar.Get()
							haveLabels(t, "in pprof.Do twice", "l="+v)
						}, "l", v)
					}, "k", v)
					ctxVar.Get()
					haveLabels(t, "after pprof.Do")
					Sleep(time.Second)
					haveLabels(t, "after pprof.Do and a wait")
					return nil
				}, opts...))
			}
			for _, task := range tasks {
				task.Await()
			}
			haveLabels(t, "in main")
		}
	})
}

// What a callback or task leaves behind goes with it.
func TestLabelsLeftBehind(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		leave := func() {
			ctxVar.Set("left")
			pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("k", "left")))
		}
		c := contextvars.NewContext()
		for _, opts := range [][]CallOption{nil, {WithContext(c)}} {
			l.CallSoon(leave, opts...)
			Go(func() error { leave(); return nil }, opts...)
			l.CallSoon(func() {
				haveLabels(t, "in the next callback")
				isSame(t, "value in the next callback", ctxVar.Get(), "")
			})
			Go(func() error {
				haveLabels(t, "in the next task")
				isSame(t, "value in the next task", ctxVar.Get(), "")
				return nil
			})
			l.CallSoon(func() { haveLabels(t, "in the next callback in that context") }, opts...)
			giveWay(t, 2)
		}
	})
}

func TestLabelVariables(t *testing.T) {
	v := contextvars.New[string]("v", contextvars.Label())
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		c.Run(func() { v.Set("c's") })
		v.Set("main's")
		haveLabels(t, "in main", "v=main's")
		task := Go(func() error {
			haveLabels(t, "in the task", "v=main's")
			v.Set("task's")
			Sleep(time.Second)
			haveLabels(t, "in the task", "v=task's")
			withLabels(func() {
				Sleep(time.Second)
				isSame(t, "value in pprof.Do", v.Get(), "task's")
				haveLabels(t, "in pprof.Do", "k=1", "v=task's")
			}, "k", "1")
			v.Get()
			haveLabels(t, "after pprof.Do", "v=task's")
			return nil
		})
		given := Go(func() error {
			haveLabels(t, "in the task with a given context", "v=c's")
			Sleep(time.Second)
			haveLabels(t, "in the task with a given context", "v=changed")
			return nil
		}, WithContext(c))
		l.CallSoon(func() { haveLabels(t, "in a callback", "v=main's"); v.Set("callback's") })
		l.CallSoon(func() { haveLabels(t, "in the next callback", "v=main's") })
		l.CallSoon(func() { haveLabels(t, "in a callback with a given context", "v=c's"); v.Set("changed") }, WithContext(c))
		task.Await()
		given.Await()
		haveLabels(t, "in main", "v=main's")
		v.Unset()
		Go(func() error { haveLabels(t, "after Unset"); return nil }).Await()
	})
}

// The loop's caller keeps its labels, and gives them to main.
func TestLabelsOfCaller(t *testing.T) {
	for _, name := range []string{"no values", "values"} {
		onGoroutine(func() { // a new one, on which nothing was set yet
			if name == "values" {
				defer ctxVar.Set("value").Restore()
			}
			withLabels(func() {
				r := NewRunner()
				for range 2 {
					RunIn(r, func() (int, error) {
						haveLabels(t, "in main", "k=v")
						isSame(t, "value in main", ctxVar.Get() == "value", name == "values")
						pprof.SetGoroutineLabels(context.Background())
						return 0, Sleep(0)
					})
					haveLabels(t, "of the caller", "k=v")
				}
				l := r.Loop()
				done := make(chan bool)
				go func() {
					l.CallSoonThreadsafe(func() { haveLabels(t, "in a callback", "k=v"); l.Stop(); close(done) })
				}()
				l.RunForever()
				<-done
				r.Close()
				haveLabels(t, "of the caller", "k=v")
			}, "k", "v")
			haveLabels(t, "of the caller afterwards")
			isSame(t, "value afterwards", ctxVar.Get() == "value", name == "values")
		})
	}
}
