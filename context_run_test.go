package contextvars_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// wantReentry says that f panics because c is entered.
func wantReentry(t *testing.T, c *cv.Context, f func()) {
	t.Helper()
	p := panicOf(f)
	err, _ := p.(error)
	var reentry *cv.ReentryError
	if !errors.As(err, &reentry) {
		t.Errorf("panic: got %v, want a *ReentryError", p)
		return
	}
	want(t, "the error's Context", reentry.Context, c)
	want(t, "the error names the context", strings.Contains(err.Error(), c.String()), true)
}

func TestRun(t *testing.T) { // 50
	v := cv.New[int]("v")
	v.Set(1)
	c := contextWith(func() { v.Set(2) })
	ran := 0
	c.Run(func() {
		ran++
		wantValue(t, v, 2)
	})
	want(t, "calls", ran, 1)
	wantValue(t, v, 1)

	failure := errors.New("failure")
	n, err := cv.Call(c, func() (int, error) { return v.Get() + 1, failure })
	want(t, "Call's result", n, 3)
	want(t, "Call's error", err, failure)
	s, err := cv.Call(c, func() (string, error) { return "x", nil })
	want(t, "Call's result", s, "x")
	want(t, "Call's error", err, nil)
	wantValue(t, v, 1)
}

func TestRunThatPanics(t *testing.T) { // 52
	v := cv.New[int]("v")
	v.Set(1)
	c, d := cv.NewContext(), cv.NewContext()
	want(t, "panic", panicOf(func() {
		c.Run(func() {
			v.Set(2)
			d.Run(func() {
				v.Set(3)
				panic("out")
			})
		})
	}), any("out"))
	wantValue(t, v, 1)
	wantContent(t, c, map[string]any{"v": 2})
	wantContent(t, d, map[string]any{"v": 3})
	want(t, "panic out of Call", panicOf(func() {
		_, _ = cv.Call(c, func() (int, error) { panic("again") })
	}), any("again"))
	c.Run(func() {
		want(t, "panic inside", panicOf(func() { d.Run(func() { panic("in") }) }), any("in"))
		wantValue(t, v, 2)
	})
}

func TestRunThatExits(t *testing.T) { // 52: what a panic may do, runtime.Goexit may do
	v := cv.New[int]("v")
	v.Set(1)
	c, d := cv.NewContext(), cv.NewContext()
	elsewhere(func() {
		defer func() {
			wantValue(t, v, 1)
			c.Run(func() { wantValue(t, v, 2) })
		}()
		c.Run(func() {
			v.Set(2)
			defer func() { wantValue(t, v, 2) }()
			d.Run(func() {
				v.Set(3)
				runtime.Goexit()
			})
			t.Error("runs on after Goexit")
		})
		t.Error("runs on after Goexit")
	})
	wantContent(t, c, map[string]any{"v": 2})
	wantContent(t, d, map[string]any{"v": 3})
	d.Run(func() { wantValue(t, v, 3) })
}

func TestSetsStayInContext(t *testing.T) { // 53
	v, w := cv.New[int]("v"), cv.New[int]("w")
	c := cv.NewContext()
	for i := range 20 {
		c.Run(func() {
			want(t, "value of the last Run", v.GetOr(-1), i-1)
			v.Set(i)
			if i%2 == 0 {
				w.Set(i)
			} else {
				w.Unset()
			}
		})
		wantNothing(t, v)
		got, ok := w.In(c)
		want(t, "w in c", ok, i%2 == 0)
		want(t, "w in c", got, i*(1-i%2))
	}
}

func TestContextsDoNotChain(t *testing.T) { // 54
	v, w := cv.New[int]("v"), cv.New[int]("w")
	v.Set(1)
	w.Set(1)
	c, d := cv.NewContext(), cv.NewContext()
	c.Run(func() {
		wantNothing(t, v)
		v.Set(2)
		d.Run(func() {
			wantNothing(t, v)
			w.Set(3)
			wantContent(t, cv.CopyContext(), map[string]any{"w": 3})
		})
		wantValue(t, v, 2)
		wantNothing(t, w)
	})
	wantValue(t, v, 1)
	wantValue(t, w, 1)
}

func TestRunOfEnteredContext(t *testing.T) { // 55
	c, d := cv.NewContext(), cv.NewContext()
	never := func() { t.Error("f was called") }
	call := func() { _, _ = cv.Call(c, func() (int, error) { never(); return 0, nil }) }
	c.Run(func() {
		wantReentry(t, c, func() { c.Run(never) })
		wantReentry(t, c, call)
		d.Run(func() { wantReentry(t, c, func() { c.Run(never) }) })
		elsewhere(func() {
			wantReentry(t, c, func() { c.Run(never) })
			d.Run(func() { wantReentry(t, c, func() { c.Run(never) }) })
		})
		cv.Bind(func() { wantReentry(t, c, func() { c.Run(never) }) })()
		cv.Detach(func() { wantReentry(t, c, func() { c.Run(never) }) })
		c.Copy().Run(func() {})
	})
}

func TestRunAgain(t *testing.T) { // 56
	v := cv.New[int]("v")
	c := cv.NewContext()
	for i := range 10 {
		run := func() {
			c.Run(func() {
				want(t, "the last one's value", v.Get(), i)
				v.Set(i + 1)
			})
		}
		if i%3 == 0 {
			run()
		} else {
			elsewhere(run)
		}
	}
}

func TestFailedRunChangesNothing(t *testing.T) { // 57
	v := cv.New[int]("v")
	c, d := cv.NewContext(), cv.NewContext()
	v.Set(1)
	outside := v.Set(2)
	c.Run(func() {
		inC := v.Set(3)
		d.Run(func() {
			inD := v.Set(4)
			wantReentry(t, c, func() { c.Run(func() {}) })
			wantValue(t, v, 4)
			wantReset(t, v, inC, cv.ErrTokenContext)
			wantReset(t, v, inD, nil)
			elsewhere(func() { wantReentry(t, d, func() { d.Run(func() {}) }) })
			v.Set(5)
			wantReentry(t, d, func() { d.Run(func() {}) })
			wantValue(t, v, 5)
		})
		wantReentry(t, c, func() { c.Run(func() {}) })
		wantReset(t, v, inC, nil)
		wantNothing(t, v)
		v.Set(6)
	})
	wantReset(t, v, outside, nil)
	wantValue(t, v, 1)
	wantContent(t, c, map[string]any{"v": 6})
	wantContent(t, d, map[string]any{"v": 5})
	c.Run(func() { d.Run(func() {}) })
}

// One goroutine at a time gets in, and those that do not are told so.
func TestRunAtOnce(t *testing.T) { // 55, 100
	v := cv.New[int]("v")
	c := contextWith(func() { v.Set(0) })
	var inside, entered atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				p := panicOf(func() {
					c.Run(func() {
						want(t, "goroutines inside", inside.Add(1), 1)
						token := v.Set(v.Get() + 1)
						runtime.Gosched()
						want(t, "Used", token.Used(), false)
						entered.Add(1)
						inside.Add(-1)
					})
				})
				if _, ok := p.(*cv.ReentryError); p != nil && !ok {
					t.Errorf("panic: %v", p)
				}
				wantNothing(t, v)
			}
		})
	}
	all.Wait()
	wantContent(t, c, map[string]any{"v": int(entered.Load())})
}

// Two goroutines may be the first to run in a Context.
func TestFirstRunAtOnce(t *testing.T) {
	v := cv.New[int]("v")
	for range 200 {
		c := cv.NewContext()
		var entered atomic.Int64
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				p := panicOf(func() {
					c.Run(func() {
						entered.Add(1)
						v.Set(v.Get() + 1)
					})
				})
				if _, ok := p.(*cv.ReentryError); p != nil && !ok {
					t.Errorf("panic: %v", p)
				}
			})
		}
		both.Wait()
		wantContent(t, c, map[string]any{"v": int(entered.Load())})
	}
}

func TestDeepRuns(t *testing.T) {
	v := cv.New[int]("v")
	var in func(depth int)
	in = func(depth int) {
		token := v.Set(depth)
		if depth < 200 {
			fresh := cv.NewContext()
			if depth%2 == 0 {
				fresh = cv.CopyContext()
			}
			fresh.Run(func() {
				want(t, fmt.Sprint("inherited at ", depth), v.GetOr(-1), depth-depth%2*(depth+1))
				in(depth + 1)
			})
		}
		wantValue(t, v, depth)
		want(t, "Restore", token.Restore(), true)
	}
	in(0)
	wantNothing(t, v)
}
