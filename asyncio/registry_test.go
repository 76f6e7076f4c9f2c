package asyncio_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/asyncio"
)

func taskNames(all []asyncio.Awaitable) (names []string) {
	for _, a := range all {
		names = append(names, a.(asyncio.AnyTask).Name())
	}
	return names
}

func TestAllTasks(t *testing.T) {
	if all := asyncio.AllTasks(); all != nil {
		t.Error("outside:", all)
	}
	var l *asyncio.EventLoop
	runGraph(t, func() {
		l, _ = asyncio.RunningLoop()
		check := func(what string, want ...string) {
			t.Helper()
			for _, all := range [][]asyncio.Awaitable{asyncio.AllTasks(), l.AllTasks()} {
				if got := taskNames(all[1:]); all[0] != asyncio.CurrentTask() || !slices.Equal(got, want) {
					t.Errorf("%s: got %v, want %v", what, got, want)
				}
			}
		}
		check("at first")
		a := graphGo("a", func() error { return asyncio.Sleep(time.Hour) })
		graphGo("b", func() error { return asyncio.Sleep(time.Second) })
		check("two that have not begun", "a", "b")
		asyncio.Sleep(0)
		c := graphGo("c", func() error { panic("c") })
		asyncio.Go(func() error { return nil }, asyncio.Eager(), asyncio.WithName("done at once"))
		asyncio.Go(func() error { return asyncio.Sleep(time.Hour) }, asyncio.Eager(), asyncio.WithName("e"))
		check("and two more", "a", "b", "c", "e")
		asyncio.Sleep(0)
		c.Err()
		check("one has failed", "a", "b", "e")
		asyncio.Sleep(2 * time.Second)
		check("another one is done", "a", "e")
		a.Cancel()
		check("one is to be cancelled", "a", "e")
		asyncio.Sleep(0)
		check("one was cancelled", "e")
		ended := make(chan bool)
		go func() {
			defer close(ended)
			if all := asyncio.AllTasks(); all != nil {
				t.Error("in a goroutine:", all)
			}
			if all := l.AllTasks(); len(all) != 2 {
				t.Error("in a goroutine, of the loop:", all)
			}
		}()
		<-ended
		l.CallSoon(func() {
			if all := asyncio.AllTasks(); len(all) != 2 {
				t.Error("in a callback:", all)
			}
		})
		asyncio.Sleep(0)
	})
	if all := l.AllTasks(); len(all) != 0 {
		t.Error("of a closed loop:", all)
	}
}

func TestAllTasksWhileTheyChange(t *testing.T) {
	runGraph(t, func() {
		l, _ := asyncio.RunningLoop()
		stop, stopped := make(chan bool), make(chan bool)
		go func() {
			defer close(stopped)
			for {
				select {
				case <-stop:
					return
				default:
				}
				for _, a := range l.AllTasks() {
					_, _ = a.String(), a.Done()
				}
			}
		}()
		for range 200 {
			for range 10 {
				graphGo("", func() error { return asyncio.Sleep(0) })
			}
			asyncio.Sleep(0)
		}
		close(stop)
		<-stopped
	})
}

func TestLoops(t *testing.T) {
	known := asyncio.Loops() // of other tests
	isKnown := func(l *asyncio.EventLoop) bool { return slices.Contains(known, l) }
	mine := func() []*asyncio.EventLoop { return slices.DeleteFunc(asyncio.Loops(), isKnown) }

	a, b := asyncio.NewEventLoop(), asyncio.NewEventLoop()
	if got := mine(); !slices.Equal(got, []*asyncio.EventLoop{a, b}) {
		t.Errorf("got %v, want %v", got, []*asyncio.EventLoop{a, b})
	}
	var c *asyncio.EventLoop
	runGraph(t, func() {
		c, _ = asyncio.RunningLoop()
		if got := mine(); !slices.Equal(got, []*asyncio.EventLoop{a, b, c}) {
			t.Error("in a loop:", got)
		}
		ended := make(chan bool)
		go func() {
			defer close(ended)
			if got := mine(); len(got) != 3 {
				t.Error("in a goroutine:", got)
			}
		}()
		<-ended
	})
	if _, err := asyncio.RunUntilComplete(a, func() (int, error) { return 0, nil }); err != nil {
		t.Error(err)
	}
	if got := mine(); !slices.Equal(got, []*asyncio.EventLoop{a, b}) {
		t.Error("after one was closed:", got)
	}
	a.Close()
	b.Close()
	if got := mine(); len(got) != 0 {
		t.Error("after all were closed:", got)
	}
}

// TestLoopsAreHeldWeakly: one that was dropped without Close is forgotten.
func TestLoopsAreHeldWeakly(t *testing.T) {
	collected := make(chan bool, 1)
	func() {
		l := asyncio.NewEventLoop()
		runtime.AddCleanup(l, func(int) { collected <- true }, 0)
		asyncio.RunUntilComplete(l, func() (int, error) { return 0, asyncio.Sleep(time.Millisecond) })
		if !slices.Contains(asyncio.Loops(), l) {
			t.Error("it is not listed")
		}
	}()
	for range 100 {
		runtime.GC()
		select {
		case <-collected:
			for _, l := range asyncio.Loops() {
				if l == nil {
					t.Error("a loop that is gone is listed")
				}
			}
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("the loop was not collected")
}
