package contextvars_test

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"weak"

	cv "github.com/gocontextvars/contextvars"
)

// doneContexts are the ways in which context.AfterFunc waits: as a child of a ctx of the
// standard library, with a method of the ctx, and with a goroutine of its own.
var doneContexts = map[string]func() (context.Context, func()){
	"cancelCtx": func() (context.Context, func()) { return context.WithCancel(context.Background()) },
	"AfterFunc": func() (context.Context, func()) { c := newHookedCtx(); return c, c.cancel },
	"foreign": func() (context.Context, func()) {
		ctx, cancel := context.WithCancel(context.Background())
		return foreignCtx{ctx}, cancel
	},
}

// foreignCtx is a ctx of which package context knows nothing.
type foreignCtx struct{ ctx context.Context }

func (c foreignCtx) Deadline() (time.Time, bool) { return time.Time{}, false }
func (c foreignCtx) Done() <-chan struct{}       { return c.ctx.Done() }
func (c foreignCtx) Err() error                  { return c.ctx.Err() }
func (c foreignCtx) Value(any) any               { return nil }

// hookedCtx calls functions by itself when it is done, on the goroutine that cancels it.
type hookedCtx struct {
	foreignCtx
	done  func()
	mu    sync.Mutex
	hooks map[*func()]bool
}

func newHookedCtx() *hookedCtx {
	ctx, cancel := context.WithCancel(context.Background())
	return &hookedCtx{foreignCtx: foreignCtx{ctx}, done: cancel, hooks: map[*func()]bool{}}
}

func (c *hookedCtx) AfterFunc(f func()) func() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hooks[&f] = true
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		waiting := c.hooks[&f]
		delete(c.hooks, &f)
		return waiting
	}
}

func (c *hookedCtx) cancel() {
	c.done()
	c.mu.Lock()
	hooks := c.hooks
	c.hooks = nil
	c.mu.Unlock()
	for f := range hooks {
		(*f)()
	}
}

func TestAfterDone(t *testing.T) {
	for name, make := range doneContexts {
		t.Run(name, func(t *testing.T) {
			v, w := cv.New[int]("v"), cv.New[int]("w")
			ctx, cancel := make()
			v.Set(1)
			finished := goAndWait(func(end func()) {
				cv.AfterDone(ctx, func() {
					defer end()
					wantValue(t, v, 1)
					wantNothing(t, w)
					elsewhere(func() { wantValue(t, v, 1); wantNothing(t, w) })
					v.Set(5) // is seen by nobody else
				})
			})
			v.Set(2)
			elsewhere(func() {
				v.Set(3)
				w.Set(3)
				cancel()
				wantValue(t, v, 3)
			})
			finished()
			wantValue(t, v, 2)
		})
	}
}

// goAndWait calls start, and returns a function that waits until end is called.
func goAndWait(start func(end func())) (wait func()) {
	ended := make(chan bool)
	start(func() { close(ended) })
	return func() { <-ended }
}

func TestAfterDoneOfDoneContext(t *testing.T) {
	v := cv.New[int]("v")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	v.Set(1)
	got := make(chan int)
	stop := cv.AfterDone(ctx, func() { got <- v.Get() })
	v.Set(2)
	want(t, "value", <-got, 1)
	want(t, "stop after the call", stop(), false)
}

// Each call has a copy of its own of what was in force when it was registered.
func TestAfterDoneOfMany(t *testing.T) {
	v := cv.New[int]("v")
	ctx, cancel := context.WithCancel(context.Background())
	const n = 20
	var group sync.WaitGroup
	group.Add(n)
	for i := range n {
		v.Set(i)
		cv.AfterDone(ctx, func() {
			defer group.Done()
			for j := range 10 {
				wantValue(t, v, i+j)
				v.Set(i + j + 1)
				runtime.Gosched()
			}
		})
	}
	cancel()
	group.Wait()
	wantValue(t, v, n-1)
}

func TestAfterDoneStop(t *testing.T) {
	for name, make := range doneContexts {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := make()
			stop := cv.AfterDone(ctx, func() { t.Error("is called though it was stopped") })
			want(t, "stop", stop(), true)
			want(t, "stop again", stop(), false)
			cancel()
			want(t, "stop after cancel", stop(), false)
		})
	}
}

// Whoever is first, f is called or stop returns true, and never both.
func TestAfterDoneStopAtOnce(t *testing.T) {
	for range 200 {
		ctx, cancel := context.WithCancel(context.Background())
		called := make(chan bool, 1)
		stop := cv.AfterDone(ctx, func() { called <- true })
		stopped := make(chan bool, 2)
		go cancel()
		for range 2 {
			go func() { stopped <- stop() }()
		}
		first, second := <-stopped, <-stopped
		switch {
		case first && second:
			t.Fatal("stop returned true twice")
		case !first && !second:
			<-called
		default:
			select {
			case <-called:
				t.Fatal("f was called though stop returned true")
			default:
			}
		}
	}
}

func TestAfterDoneGoexit(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	goAndWait(func(end func()) {
		cv.AfterDone(ctx, func() { defer end(); runtime.Goexit() })
		cancel()
	})()
}

func TestAfterDoneBadInput(t *testing.T) {
	for text, call := range map[string]func(){
		"nil context.Context": func() { cv.AfterDone(nil, func() {}) }, //lint:ignore SA1012 that is the test
		"AfterDone":           func() { cv.AfterDone(context.Background(), nil) },
	} {
		p, _ := panicOf(call).(string)
		if !strings.HasPrefix(p, "contextvars: ") || !strings.Contains(p, text) {
			t.Errorf("panics with %q, want %q in it", p, text)
		}
	}
}

func TestAfterDoneHoldsNothing(t *testing.T) {
	for name, make := range doneContexts {
		t.Run(name, func(t *testing.T) {
			token, w := setMade()
			ctx, cancel := make()
			stop := cv.AfterDone(ctx, func() {})
			token.Restore()
			wantHeld(t, "waiting", w)
			stop()
			wantFree(t, "stopped", w)
			runtime.KeepAlive(stop)

			token, w = setMade()
			finished := goAndWait(func(end func()) { stop = cv.AfterDone(ctx, end) })
			token.Restore()
			cancel()
			finished()
			wantFree(t, "called", w)
			runtime.KeepAlive(stop)
			runtime.KeepAlive(ctx)
		})
	}
}

// A call that takes long holds its own context's values, and not the canceller's.
func TestAfterDoneHoldsNothingOfTheCanceller(t *testing.T) {
	for name, make := range doneContexts {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := make()
			var w weak.Pointer[thing]
			end := lingering(func(f func()) {
				cv.AfterDone(ctx, f)
				w = cancelWith(cancel)
			})
			defer end()
			wantFree(t, "the canceller's", w)
		})
	}
}

// cancelWith cancels where held is set to a thing that nobody else holds.
func cancelWith(cancel func()) weak.Pointer[thing] {
	token, w := setMade()
	defer token.Restore()
	cancel()
	return w
}
