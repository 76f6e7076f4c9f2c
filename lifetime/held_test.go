package lifetime_test

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
	"github.com/gocontextvars/contextvars/lifetime"
)

// started returns a func that starts f on a new goroutine, and returns when that has called ready.
func started(f func(ready func())) {
	ready := make(chan bool)
	go f(func() { close(ready) })
	<-ready
}

func TestGoroutineHolds(t *testing.T) {
	track(t)
	for name, c := range map[string]struct {
		start func(park func())
		holds bool
	}{
		"go": {func(park func()) { started(func(ready func()) { ready(); park() }) }, true},
		"that sets": {func(park func()) {
			started(func(ready func()) { user.Set("bob"); ready(); park() })
		}, true},
		"that sets and restores": {func(park func()) {
			started(func(ready func()) { token := user.Set("bob"); token.Restore(); ready(); park() })
		}, true},
		"of a goroutine": {func(park func()) {
			started(func(ready func()) { go park(); ready() })
		}, true},
		"in a copy": {func(park func()) {
			c := contextvars.CopyContext()
			started(func(ready func()) { c.Run(func() { ready(); park() }) })
		}, true},
		"that runs what was bound": {func(park func()) {
			ready := make(chan bool)
			f := contextvars.Bind(func() { close(ready); park() })
			contextvars.GoDetached(f)
			<-ready
		}, true},
		"Go": {func(park func()) {
			ready := make(chan bool)
			contextvars.Go(func() { close(ready); park() })
			<-ready
		}, true},
		"lent, that sets": {func(park func()) {
			contextvars.Lend(func() { started(func(ready func()) { user.Set("bob"); ready(); park() }) })
		}, true},

		"GoDetached": {func(park func()) { contextvars.GoDetached(park) }, false},
		"Detach":     {func(park func()) { contextvars.Detach(func() { go park() }) }, false},
		"lent":       {func(park func()) { contextvars.Lend(func() { go park() }) }, false},
		"lent, reading": {func(park func()) {
			contextvars.Lend(func() { started(func(ready func()) { user.Get(); ready(); park() }) })
		}, false},
		"of its own work": {func(park func()) {
			started(func(ready func()) { during("job", func() { ready(); park() }) })
		}, false},
		"in another context, a limit": {func(park func()) {
			c := contextvars.NewContext()
			started(func(ready func()) { c.Run(func() { ready(); park() }) })
		}, false},
		"none": {func(park func()) {}, false},
	} {
		t.Run(name, func(t *testing.T) {
			park := parked(t)
			w := during("GET /"+name, func() {
				user.Set("ann")
				c.start(park)
			})
			n := 0
			if c.holds {
				n = 1
			}
			h := wantHeld(t, w, n, 0)
			if !c.holds || len(h.Goroutines) != 1 {
				return
			}
			g := h.Goroutines[0]
			for g.State == "runnable" || g.State == "running" { // it is about to wait
				g = wantHeld(t, w, n, 0).Goroutines[0]
			}
			want(t, "state", g.State, "chan receive")
			if len(g.Stack) == 0 || !strings.Contains(g.Stack[0].Func, "lifetime_test.parked.func") {
				t.Errorf("stack %v, want parked's", g.Stack)
			}
			if g.Created.Line == 0 || g.Creator == 0 {
				t.Errorf("created by %v in goroutine %d, want both known", g.Created, g.Creator)
			}
			if g.ID == 0 && len(g.OneOf) == 0 {
				t.Error("its number is not known")
			}
		})
	}
}

// What goes on is not listed.
func TestNotEnded(t *testing.T) {
	track(t)
	park := parked(t)
	during("outer", func() {
		go park()
		for _, h := range lifetime.Held() {
			if h.Work == lifetime.Current() {
				t.Errorf("listed: %v", h)
			}
		}
	})
}

// A goroutine of the inner work holds that, and not the outer one as well.
func TestInnermostIsHeld(t *testing.T) {
	track(t)
	park := parked(t)
	var inner *lifetime.Work
	outer := during("outer", func() {
		inner = during("inner", func() { go park() })
	})
	wantHeld(t, inner, 1, 0)
	wantHeld(t, outer, 0, 0)
}

func TestOldestEndFirst(t *testing.T) {
	track(t)
	park := parked(t)
	var works []*lifetime.Work
	for i := range 3 {
		works = append(works, during(fmt.Sprint(i), func() { go park() }))
	}
	wantHeld(t, works[2], 1, 0)
	var got []*lifetime.Work
	for _, h := range lifetime.Held() {
		for _, w := range works {
			if h.Work == w {
				got = append(got, w)
			}
		}
	}
	want(t, "order", fmt.Sprint(got), fmt.Sprint(works))
}

// A task that goes on after the work that created it holds that.
func TestTaskHolds(t *testing.T) {
	track(t)
	ended, until, done := make(chan *lifetime.Work), make(chan bool), make(chan error)
	go func() {
		_, err := asyncio.Run(func() (int, error) {
			var task *asyncio.Task[int]
			w := during("w", func() {
				task = asyncio.CreateTask(func() (int, error) {
					user.Set("ann")
					w := lifetime.Current()
					err := asyncio.Sleep(time.Millisecond)
					want(t, "work after a wait", lifetime.Current(), w)
					if err != nil {
						return 0, err
					}
					return asyncio.ToThread(func() (int, error) { <-until; return 0, nil })
				})
			})
			if err := asyncio.Sleep(10 * time.Millisecond); err != nil {
				return 0, err
			}
			ended <- w
			return task.Await()
		})
		done <- err
	}()
	w := <-ended
	wantHeld(t, w, 2, 0) // the task, and its thread
	close(until)
	want(t, "error", <-done, nil)
	wantHeld(t, w, 0, 0)
}

func TestHoldingText(t *testing.T) {
	track(t)
	park := parked(t)
	var timer *time.Timer
	w := during("GET /orders", func() {
		for range 3 {
			go park()
		}
		timer = contextvars.AfterFunc(time.Hour, func() {})
	})
	h := wantHeld(t, w, 3, 1)
	for strings.Contains(h.String(), "[run") { // they are about to wait
		h = wantHeld(t, w, 3, 1)
	}
	text := regexp.MustCompile(`\S*/lifetime/`).ReplaceAllString(h.String(), "/lifetime/")
	text = regexp.MustCompile(`:\d+`).ReplaceAllString(text, ":N")
	text = regexp.MustCompile(`ended \S+ ago, after \S+>`).ReplaceAllString(text, "ended D ago, after D>")
	t.Log(text)
	for _, part := range []string{
		fmt.Sprintf("<Work %d \"GET /orders\" ended D ago, after D> is held by 3 goroutines and 1 timer or bound function\n", w.ID()),
		"3 × goroutine [chan receive]\n\t",
		"\tcreated by github.com/gocontextvars/contextvars/lifetime_test.TestHoldingText.func",
		"\n1 × function of AfterFunc, created by\n\tgithub.com/gocontextvars/contextvars/lifetime_test.TestHoldingText.func",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in\n%s", part, text)
		}
	}
	want(t, "text of nobody", lifetime.Holding{Work: w}.String(), w.String()+": nobody")
	runtime.KeepAlive(timer)
}

// Nobody tracks any more: what was begun is known, but not its timers.
func TestHeldAfterTracking(t *testing.T) {
	stop := lifetime.Track()
	park := parked(t)
	var timer *time.Timer
	w := during("w", func() {
		go park()
		timer = contextvars.AfterFunc(time.Hour, func() {})
	})
	wantHeld(t, w, 1, 1)
	stop()
	wantHeld(t, w, 1, 0)
	runtime.KeepAlive(timer)
}

// The time of a bubble says nothing about garbage collections.
func TestTimersInABubble(t *testing.T) {
	track(t)
	synctest.Test(t, func(t *testing.T) {
		var w *lifetime.Work
		lifetime.Run(contextvars.NewContext(), "in a bubble", func() {
			w = lifetime.Current()
			contextvars.Bind(func() {})
		})
		for _, h := range lifetime.Held() {
			if h.Work == w {
				t.Errorf("%v", h)
			}
		}
	})
}
