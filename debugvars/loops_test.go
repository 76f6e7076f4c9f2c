package debugvars

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// runLoop runs a loop on a goroutine of its own: begin in its main task, which then waits until the end of
// the test. It returns when begin has, and all tasks have come to where they wait.
func runLoop(t *testing.T, begin func(), opts ...asyncio.RunOption) {
	t.Helper()
	begun, end := make(chan bool), asyncio.NewEvent()
	var running sync.WaitGroup
	running.Go(func() {
		asyncio.Run(func() (int, error) {
			begin()
			for range 5 {
				asyncio.Sleep(0)
			}
			close(begun)
			return 0, end.Wait()
		}, opts...)
	})
	t.Cleanup(func() {
		end.Set()
		running.Wait()
	})
	<-begun
}

func goNamed(name string, f func() error) *asyncio.Task[struct{}] {
	return asyncio.Go(f, asyncio.WithName(name))
}

func sleepLong() error { return asyncio.Sleep(time.Hour) }

// with returns the loop that has the task.
func with(t *testing.T, all []*Loop, name string) *Loop {
	t.Helper()
	for _, l := range all {
		if slices.ContainsFunc(l.Tasks, func(n *Task) bool { return n.Name == name }) {
			return l
		}
	}
	t.Fatalf("no loop has the task %s", name)
	return nil
}

func (l *Loop) task(t *testing.T, name string) *Task {
	t.Helper()
	i := slices.IndexFunc(l.Tasks, func(n *Task) bool { return n.Name == name })
	if i < 0 {
		t.Fatalf("no task %s", name)
	}
	return l.Tasks[i]
}

// holdUp has the loop with the task stand still until the test's end, or the returned func is called.
func holdUp(t *testing.T, name string, inTask bool) (release func()) {
	t.Helper()
	end := make(chan bool)
	release = sync.OnceFunc(func() { close(end) })
	held := make(chan bool)
	var l *asyncio.EventLoop
	runLoop(t, func() {
		l, _ = asyncio.RunningLoop()
		goNamed(name, sleepLong)
	})
	l.CallSoonThreadsafe(func() {
		if inTask {
			goNamed(name+" holder", func() error { standStill(held, end); return nil })
			return
		}
		standStill(held, end)
	})
	t.Cleanup(release)
	<-held
	return release
}

func standStill(held, end chan bool) {
	close(held)
	<-end
}

func TestLoopCounts(t *testing.T) {
	entered, end := make(chan bool), make(chan bool)
	defer close(end)
	runLoop(t, func() {
		goNamed("sleeper", sleepLong)
		goNamed("threaded", func() error {
			_, err := asyncio.ToThread(func() (int, error) { close(entered); <-end; return 0, nil })
			return err
		})
	})
	<-entered
	l := with(t, loops(), "sleeper")
	if !l.Running || l.Timers != 1 || l.Operations != 1 || l.Ready != 0 || l.HeldUp != nil || l.Note != "" || len(l.Tasks) != 3 {
		t.Errorf("got %+v", l)
	}
}

func TestLoopsAreNumbered(t *testing.T) {
	runLoop(t, func() { goNamed("of one loop", sleepLong) })
	runLoop(t, func() { goNamed("of another loop", sleepLong) })
	all := loops()
	for i, l := range all {
		if l.Number != i+1 {
			t.Errorf("loop %d has the number %d", i+1, l.Number)
		}
	}
	if with(t, all, "of one loop").Number >= with(t, all, "of another loop").Number {
		t.Error("they are not in the order in which they were made")
	}
}

func TestHeldUpLoop(t *testing.T) {
	for _, inTask := range []bool{true, false} {
		t.Run(fmt.Sprint("task ", inTask), func(t *testing.T) {
			before := runtime.NumGoroutine()
			t.Cleanup(func() { checkGoroutines(t, before) })
			runLoop(t, func() { goNamed("free", sleepLong) })
			release := holdUp(t, "held", inTask)

			all := loops()
			l := with(t, all, "held")
			if len(l.HeldUp) == 0 || !strings.HasSuffix(l.HeldUp[0].Func, "debugvars.standStill") || l.HeldUp[0].Line == 0 {
				t.Errorf("held up by %v", l.HeldUp)
			}
			if !l.Running || !strings.Contains(l.Note, "not answered in time") {
				t.Errorf("got %+v", l)
			}
			if n := l.task(t, "held"); n.State != "waiting" || n.In != "Sleep" || n.Goroutine == 0 || len(n.Stack) == 0 {
				t.Errorf("got %+v", n)
			}
			if inTask {
				if n := l.task(t, "held holder"); n.State != "running" || len(n.Stack) == 0 {
					t.Errorf("got %+v", n)
				}
			}
			if l := with(t, all, "free"); l.Note != "" || l.task(t, "free").In != "Sleep" {
				t.Errorf("a loop that is not held up: %+v", l)
			}

			release()
			for with(t, loops(), "held").Note != "" { // until it has come back
				runtime.Gosched()
			}
		})
	}
}

// checkGoroutines is for a cleanup that is registered before those that end goroutines. Nothing says when a loop's last
// ones have ended, so it asks again and again.
func checkGoroutines(t *testing.T, before int) {
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
	}
}

// However many clients ask, a loop is asked once for each look.
func TestLoopsAreAskedOnceForALook(t *testing.T) {
	runLoop(t, func() { goNamed("asked once", sleepLong) })
	l := taken()
	first := with(t, l.answer(Query{View: ViewLoops}).Loops, "asked once")
	if again := with(t, l.answer(Query{View: ViewLoops}).Loops, "asked once"); again != first {
		t.Error("the second answer has a loop of its own")
	}
}

func TestStoppedLoop(t *testing.T) {
	l := asyncio.NewEventLoop()
	asyncio.RunUntilComplete(l, func() (int, error) {
		goNamed("left", sleepLong)
		return 0, asyncio.Sleep(0)
	})
	shown := with(t, loops(), "left")
	if shown.Running || shown.HeldUp != nil || !strings.Contains(shown.Note, "does not run") {
		t.Errorf("got %+v", shown)
	}
	if n := shown.task(t, "left"); n.State != "waiting" || n.In != "Sleep" || len(n.Stack) == 0 {
		t.Errorf("got %+v", n)
	}
	n := len(loops())
	l.Close()
	if got := len(loops()); got != n-1 {
		t.Errorf("%d loops, and %d when one is closed", n, got)
	}
}

func TestLoopThatHasNotRun(t *testing.T) {
	before := len(loops())
	l := asyncio.NewEventLoop()
	defer l.Close()
	all := loops()
	if len(all) != before+1 {
		t.Fatalf("%d loops, should be %d", len(all), before+1)
	}
	if l := all[before]; l.Running || l.Tasks != nil || l.HeldUp != nil || !strings.Contains(l.Note, "does not run") {
		t.Errorf("got %+v", l)
	}
}

func TestLoopsThatEndMeanwhile(t *testing.T) {
	before := len(loops())
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for ctx.Err() == nil {
				asyncio.Run(func() (int, error) {
					a, b := goNamed("a", func() error { return asyncio.Sleep(0) }), goNamed("b", func() error { return asyncio.Sleep(0) })
					_, err := asyncio.Gather(a, b)
					return 0, err
				})
			}
		})
	}
	for range 100 {
		for _, l := range loops() {
			if len(l.Tasks) > 3 {
				t.Errorf("%d tasks", len(l.Tasks))
			}
		}
		tasks()
	}
	cancel()
	running.Wait()
	if n := len(loops()); n != before {
		t.Errorf("%d loops, and %d when four have ended", before, n)
	}
}

// A look is no reason for a virtual clock to jump, or for tasks to go on in another order.
func TestLooksChangeNothing(t *testing.T) {
	program := func(when *[]time.Duration) {
		asyncio.Run(func() (int, error) {
			l, _ := asyncio.RunningLoop()
			for i := range 3 {
				asyncio.Go(func() error {
					for range 300 {
						asyncio.Sleep(time.Duration(i+1) * time.Hour)
						*when = append(*when, l.Time(), time.Duration(i))
					}
					return nil
				})
			}
			for len(l.AllTasks()) > 1 {
				asyncio.Sleep(time.Hour)
			}
			return 0, nil
		}, asyncio.WithClock(asyncio.NewVirtualClock()))
	}
	var want, got []time.Duration
	program(&want)
	done := make(chan bool)
	go func() {
		program(&got)
		close(done)
	}()
	for {
		select {
		case <-done:
			if !slices.Equal(want, got) {
				t.Error("tasks went on at other times, or in another order")
			}
			return
		default:
			loops()
		}
	}
}

func TestLoopWithManyTasks(t *testing.T) {
	v := contextvars.New[int]("many")
	const n = 10_000
	runLoop(t, func() {
		for i := range n {
			goNamed(fmt.Sprint("many ", i), func() error { v.Set(i); return sleepLong() })
		}
	})
	l := with(t, loops(), "many 0")
	if len(l.Tasks) != maxTasks {
		t.Errorf("%d tasks are shown", len(l.Tasks))
	}
	if want := fmt.Sprintf("%d more tasks", n+1-maxTasks); !strings.Contains(l.Note, want) || !strings.Contains(l.Note, "Stacks are not shown") {
		t.Errorf("the note is %q", l.Note)
	}
	if n := l.task(t, "many 7"); n.State != "waiting" || n.Stack != nil || len(n.Variables) != 1 || n.Variables[0].Value != "7" {
		t.Errorf("got %+v", n)
	}
	if l.Timers != n {
		t.Errorf("%d timers", l.Timers)
	}
}

func TestLoopWithTooManyTasks(t *testing.T) {
	runLoop(t, func() {
		for i := range maxAsked {
			goNamed(fmt.Sprint("crowd ", i), func() error { return nil })
		}
		// They have not begun, and are no goroutines yet.
		look := make(chan []*Loop)
		go func() { look <- loops() }()
		l := with(t, <-look, "crowd 0")
		if len(l.Tasks) != maxTasks || l.HeldUp != nil || !strings.Contains(l.Note, "was not asked") ||
			!strings.Contains(l.Note, "19001 more tasks") {
			t.Errorf("%d tasks, note %q", len(l.Tasks), l.Note)
		}
		if n := l.task(t, "crowd 7"); n.State != "created" || n.ID == 0 {
			t.Errorf("got %+v", n)
		}
	})
}

func TestLoopsFromATask(t *testing.T) {
	runLoop(t, func() { goNamed("elsewhere", sleepLong) })
	runLoop(t, func() {
		goNamed("here", sleepLong)
		asyncio.Sleep(0)
		all := loops()
		for _, name := range []string{"here", "elsewhere"} {
			if l := with(t, all, name); l.Note != "" || l.HeldUp != nil || l.task(t, name).In != "Sleep" {
				t.Errorf("%s: %+v", name, l)
			}
		}
	})
}

func TestTasksByGoroutine(t *testing.T) {
	runLoop(t, func() { goNamed("by goroutine", sleepLong) })
	holdUp(t, "by goroutine, held", true)
	all := loops()
	byGoroutine := tasks()
	for _, name := range []string{"by goroutine", "by goroutine, held", "by goroutine, held holder"} {
		n := with(t, all, name).task(t, name)
		if got := byGoroutine[n.Goroutine]; got.Name != name || got.ID != n.ID {
			t.Errorf("goroutine %d is %+v, should be %s", n.Goroutine, got, name)
		}
	}
	if _, ok := byGoroutine[0]; ok {
		t.Error("a task that has not begun has a goroutine")
	}
}

// Run with -race.
func TestLoopsWhileTasksGoOn(t *testing.T) {
	v := contextvars.New[int]("going on")
	done := make(chan bool)
	go func() {
		defer close(done)
		asyncio.Run(func() (int, error) {
			for i := range 200 {
				asyncio.TaskGroup(func(g *asyncio.Group) error {
					for range 20 {
						g.Go(func() error { v.Set(i); asyncio.Sleep(time.Millisecond); v.Set(-i); return asyncio.Sleep(0) })
					}
					return nil
				})
			}
			return 0, nil
		}, asyncio.WithClock(asyncio.NewVirtualClock()))
	}()
	for {
		select {
		case <-done:
			return
		default:
			loops()
			tasks()
		}
	}
}
