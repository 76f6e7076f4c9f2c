package asyncio_test

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// reports collects what the exception handler is called with.
type reports struct {
	lock sync.Mutex
	all  []asyncio.ErrorContext
}

func (r *reports) watch(l *asyncio.EventLoop) {
	l.SetExceptionHandler(func(_ *asyncio.EventLoop, c asyncio.ErrorContext) {
		r.lock.Lock()
		r.all = append(r.all, c)
		r.lock.Unlock()
	})
}

func (r *reports) messages() (all []string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	for _, c := range r.all {
		all = append(all, regexp.MustCompile(`(goroutine |\.go:)\d+`).ReplaceAllString(c.Message, "$1"))
	}
	return all
}

func (r *reports) check(t *testing.T, want ...string) {
	t.Helper()
	if got := r.messages(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// runDebug runs f in debug mode, in a bubble whose time moves only when all stand still.
func runDebug(t *testing.T, f func(l *asyncio.EventLoop), opts ...asyncio.RunOption) *reports {
	t.Helper()
	r := new(reports)
	synctest.Test(t, func(t *testing.T) {
		_, err := asyncio.Run(func() (int, error) {
			l, _ := asyncio.RunningLoop()
			r.watch(l)
			f(l)
			return 0, nil
		}, append([]asyncio.RunOption{asyncio.WithDebug(true)}, opts...)...)
		if err != nil {
			t.Error(err)
		}
	})
	return r
}

func debugSlow()       { time.Sleep(100 * time.Millisecond) }
func debugNotSlow()    { time.Sleep(100*time.Millisecond - 1) }
func debugWait() error { return asyncio.Sleep(time.Second) }

func TestDebugSlowCallback(t *testing.T) { // 116
	r := runDebug(t, func(l *asyncio.EventLoop) {
		l.CallSoon(debugSlow)
		l.CallSoon(debugNotSlow)
		l.CallLater(time.Millisecond, debugSlow, asyncio.WithContext(contextvars.NewContext()))
		asyncio.Sleep(time.Second)
		l.SetSlowCallbackDuration(time.Minute)
		l.CallSoon(debugSlow)
		asyncio.Sleep(time.Second)
		if d := l.SlowCallbackDuration(); d != time.Minute {
			t.Error(d)
		}
		l.SetSlowCallbackDuration(asyncio.NoTimeout)
		l.CallSoon(func() { time.Sleep(time.Hour) })
		asyncio.Sleep(time.Second)
		l.SetSlowCallbackDuration(0)
		if d := l.SlowCallbackDuration(); d != asyncio.SlowCallback {
			t.Error(d)
		}
		l.CallSoon(debugNotSlow)
		asyncio.Sleep(time.Second)
		l.SetDebug(false)
		l.CallSoon(debugSlow)
		asyncio.Sleep(time.Second)
	})
	want := "the callback asyncio_test.debugSlow (debug_test.go:) took 100ms"
	r.check(t, want, want)
	for _, c := range r.all {
		if c.Handle == nil || len(c.Created) == 0 || !strings.Contains(c.Created[0].Function, "TestDebugSlowCallback") {
			t.Errorf("got %+v", c)
		}
		_, place, _ := strings.Cut(c.String(), "\n  created at\n    ")
		if !strings.Contains(place, "debug_test.go:") {
			t.Error(c)
		}
	}
}

func TestDebugSlowStep(t *testing.T) { // 116
	r := runDebug(t, func(l *asyncio.EventLoop) {
		graphGo("at a wait", func() error { debugSlow(); return debugWait() })
		graphGo("not slow", func() error {
			for range 3 {
				debugNotSlow()
				debugWait()
			}
			debugNotSlow()
			return nil
		})
		graphGo("after a wait", func() error { debugWait(); debugSlow(); return asyncio.Sleep(0) })
		graphGo("at the end", func() error { debugWait(); debugSlow(); return nil })
		graphGo("without a wait", func() error { debugSlow(); return nil })
		graphGo("waiting", func() error { return asyncio.Sleep(time.Hour) })
		asyncio.Sleep(2 * time.Hour)
	})
	slow := map[string]string{}
	for i, m := range r.messages() {
		c := r.all[i]
		slow[c.Task.Name()] += m
		if len(c.Created) < 2 || !strings.HasSuffix(c.Created[0].Function, ".graphGo") {
			t.Errorf("%s: created at %v", c.Task.Name(), c.Created)
		}
	}
	for name, want := range map[string]string{
		"at a wait": "before it waited in Sleep, called by asyncio_test.debugWait (debug_test.go:)",
		"after a wait": "before it waited in Sleep, " +
			"called by asyncio_test.TestDebugSlowStep.func1.3 (debug_test.go:)",
		"at the end":     "before it ended",
		"without a wait": "before it ended",
	} {
		if got := slow[name]; got != "a task took 100ms "+want {
			t.Errorf("%s: %s", name, got)
		}
		delete(slow, name)
	}
	if len(slow) != 0 {
		t.Error(slow)
	}
}

// TestDebugSlowStepReport: the report is made in the task's context (142), and the handler may do what it wants.
func TestDebugSlowStepReport(t *testing.T) {
	user := contextvars.New[string]("user")
	var seen []string
	runDebug(t, func(l *asyncio.EventLoop) {
		l.SetExceptionHandler(func(_ *asyncio.EventLoop, c asyncio.ErrorContext) {
			err := asyncio.Sleep(0)
			seen = append(seen, fmt.Sprint(user.Get(), " ", err == nil || errors.Is(err, asyncio.ErrNotInTask)))
			user.Set("the handler's")
		})
		user.Set("main")
		ctx := contextvars.NewContext()
		a := asyncio.Go(func() error {
			user.Set("a")
			debugSlow()
			debugWait()
			if user.Get() != "a" {
				t.Error(user.Get())
			}
			user.Set("b")
			debugSlow()
			return nil
		}, asyncio.WithContext(ctx))
		a.Await()
	})
	if got := strings.Join(seen, ", "); got != "a true, b true" {
		t.Error(got)
	}
}

func TestDebugEagerTaskIsPartOfItsCallersStep(t *testing.T) { // 134
	r := runDebug(t, func(l *asyncio.EventLoop) {
		graphGo("caller", func() error {
			asyncio.Go(func() error { debugSlow(); return debugWait() }, asyncio.Eager(), asyncio.WithName("eager"))
			return debugWait()
		})
		asyncio.Sleep(time.Hour)
	})
	if len(r.all) != 2 || r.all[0].Task.Name() != "eager" || r.all[1].Task.Name() != "caller" {
		t.Error(r.messages())
	}
}

func TestDebugTurnedOnLater(t *testing.T) {
	r := new(reports)
	synctest.Test(t, func(t *testing.T) {
		asyncio.Run(func() (int, error) {
			l, _ := asyncio.RunningLoop()
			r.watch(l)
			debugSlow()
			if l.Debug() {
				t.Error("it is on")
			}
			l.SetDebug(true)
			debugWait() // nobody knows when the step began
			debugSlow()
			debugWait()
			l.SetDebug(false)
			debugSlow()
			debugWait()
			return 0, nil
		})
	})
	if len(r.all) != 1 {
		t.Error(r.messages())
	}
}

func debugCaller(f func()) { f() }

func TestDebugForeignCalls(t *testing.T) { // 116
	user := contextvars.New[string]("user")
	var users []string
	r := new(reports)
	synctest.Test(t, func(t *testing.T) {
		asyncio.Run(func() (int, error) {
			l, _ := asyncio.RunningLoop()
			l.SetExceptionHandler(func(_ *asyncio.EventLoop, c asyncio.ErrorContext) {
				users = append(users, user.Get())
				r.all = append(r.all, c)
			})
			timer := l.CallLater(time.Hour, func() {})
			calls := []func(){
				func() { l.CallSoon(func() {}) },
				func() { l.CallLater(0, func() {}) },
				func() { l.CallAt(0, func() {}) },
				func() { timer.Cancel() },
				func() { l.CallSoonThreadsafe(func() {}) }, // this one is for them
				func() { l.AllTasks(); l.Time(); l.IsRunning(); l.Debug(); l.SetDebug(true) },
			}
			for _, f := range calls {
				var done sync.WaitGroup
				done.Go(func() {
					defer user.Set("foreign").Restore()
					debugCaller(f)
				})
				done.Wait()
			}
			asyncio.Sleep(time.Second)
			for _, f := range calls {
				f() // here they are fine
			}
			return 0, nil
		}, asyncio.WithDebug(true))
	})
	by := " was called by goroutine  in asyncio_test.TestDebugForeignCalls.func1.1.%d (debug_test.go:), " +
		"which is not the loop's; use CallSoonThreadsafe"
	want := []string{
		fmt.Sprintf("CallSoon"+by, 3),
		fmt.Sprintf("CallLater"+by+", and call it there", 4),
		fmt.Sprintf("CallAt"+by+", and call it there", 5),
		fmt.Sprintf("TimerHandle.Cancel"+by+", and call it there", 6),
	}
	r.check(t, want...)
	if got := strings.Join(users, " "); got != "foreign foreign foreign foreign" {
		t.Error(got)
	}
}

func TestDebugOffReportsNothing(t *testing.T) {
	r := new(reports)
	synctest.Test(t, func(t *testing.T) {
		asyncio.Run(func() (int, error) {
			l, _ := asyncio.RunningLoop()
			r.watch(l)
			l.CallSoon(debugSlow)
			graphGo("slow", func() error { debugSlow(); debugWait(); debugSlow(); return nil })
			f := asyncio.NewFuture[int]()
			go func() {
				l.CallSoon(func() {})
				time.Sleep(time.Hour) // nothing is scheduled meanwhile
				f.SetResult(1)
			}()
			debugWait()
			f.Await()
			return 0, nil
		})
	})
	r.check(t)
}

func debugFail() error { return errors.New("failed") }

func TestDebugTellsWhereItWasCreated(t *testing.T) {
	r := runDebug(t, func(l *asyncio.EventLoop) {
		l.CallSoon(func() { panic("p") })
		graphGo("x", debugFail)
		asyncio.Sleep(0)
		asyncio.Sleep(0)
		asyncio.TaskGroup(func(g *asyncio.Group) error {
			g.Go(func() error {
				me := asyncio.CurrentTask()
				created := mustCapture(t, me).Created
				if len(created) < 1 || !strings.Contains(created[0].Function, "TestDebugTellsWhereItWasCreated") {
					t.Error(created)
				}
				if text, _ := asyncio.FormatCallGraph(me); !strings.Contains(text, "  + Created at:\n  |   ") {
					t.Error(text)
				}
				return nil
			})
			return nil
		})
		for range 2 {
			runtime.GC() // x is collected, or reported in the end
		}
	})
	if m := r.messages(); len(m) != 2 || m[0] != "a callback panicked" || !strings.HasPrefix(m[1], "task x failed") {
		t.Fatal(m)
	}
	if c := r.all[0].Created; len(c) == 0 || !strings.Contains(c[0].Function, "TestDebugTellsWhereItWasCreated") {
		t.Error(c)
	}
	if c := r.all[1].Created; len(c) < 2 || !strings.HasSuffix(c[0].Function, ".graphGo") {
		t.Error(c)
	}
	for _, c := range r.all {
		if !strings.Contains(c.String(), "\n  created at\n    ") {
			t.Error(c)
		}
	}
}
