package contextvars_test

import (
	"context"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
	"time"
	"weak"

	cv "github.com/gocontextvars/contextvars"
)

// What is let go, and what is held: docs/python.md, 174-179.

// thing is large enough not to share an allocation with anything.
type thing struct{ _ [128]*int }

var held = cv.New[*thing]("held")

// made returns a new thing and a weak pointer to it.
//
//go:noinline
func made() (*thing, weak.Pointer[thing]) {
	p := new(thing)
	return p, weak.Make(p)
}

// setMade sets held to a new thing that nobody else holds.
//
//go:noinline
func setMade() (cv.Token[*thing], weak.Pointer[thing]) {
	p, w := made()
	return held.Set(p), w
}

// wantFree fails unless w's thing is let go. What a goroutine had that has ended is free after
// two collections; finalizers run in between, on goroutines of their own, which
// have to be waited for.
func wantFree(t *testing.T, what string, w weak.Pointer[thing]) {
	t.Helper()
	for range 200 {
		runtime.GC()
		if w.Value() == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%s: the value is still held", what)
}

func wantHeld(t *testing.T, what string, w weak.Pointer[thing]) {
	t.Helper()
	for range 3 {
		runtime.GC()
	}
	if w.Value() == nil {
		t.Errorf("%s: the value is gone", what)
	}
}

// A goroutine that lives on while values are to be let go.
func lingering(start func(f func())) (end func()) {
	var wg sync.WaitGroup
	ready, quit := make(chan bool), make(chan bool)
	wg.Add(1)
	start(func() {
		defer wg.Done()
		close(ready)
		<-quit
	})
	<-ready
	return func() { close(quit); wg.Wait() }
}

func plainGo(f func()) { go f() }

func TestResetValueIsFree(t *testing.T) { // 177
	token, w := setMade()
	wantHeld(t, "set", w)
	token.Restore()
	wantFree(t, "restored", w)

	_, w = setMade()
	_, w2 := setMade()
	wantFree(t, "replaced", w)
	held.Unset()
	wantFree(t, "unset", w2)

	// Newer frames must not hold older ones.
	_, w = setMade()
	for range 100 {
		other.Set("x")
	}
	setMany(100)
	held.Unset()
	wantFree(t, "unset among many", w)
}

func TestTokenHoldsOldValue(t *testing.T) { // 36
	token, w := setMade()
	token.Restore()
	wantHeld(t, "the token's own value", w)
	runtime.KeepAlive(token)
	_, w = setMade()
	token = held.Set(nil)
	wantHeld(t, "the token's old value", w)
	old, _ := token.OldValue()
	want(t, "OldValue", old, w.Value())
	wantFree(t, "without the token", w)
}

func TestContextHoldsValues(t *testing.T) { // 174
	var w weak.Pointer[thing]
	c := cv.NewContext()
	c.Run(func() { _, w = setMade() })
	wantHeld(t, "after Run", w)
	c2 := c.Copy()
	c.Run(func() { held.Unset() })
	wantHeld(t, "in a copy", w)
	runtime.KeepAlive(c2)
	wantFree(t, "without the copy", w)
	runtime.KeepAlive(c)
}

func TestVariableMadeInFunctionIsFree(t *testing.T) { // 174
	w := func() weak.Pointer[cv.ContextVar[int]] {
		v := cv.New[int]("local")
		defer v.Set(1).Restore()
		c := cv.CopyContext()
		want(t, "Len", c.Contains(v), true)
		return weak.Make(v)
	}()
	runtime.GC()
	runtime.GC()
	if w.Value() != nil {
		t.Error("a variable is held though no context has it")
	}
}

func TestEndedGoroutineHoldsNothing(t *testing.T) {
	w := inChild(func() weak.Pointer[thing] { _, w := setMade(); return w })
	wantFree(t, "ended", w)

	// Its child holds what it inherited, and only that.
	var first, second weak.Pointer[thing]
	end := inChild(func() func() {
		_, first = setMade()
		end := lingering(plainGo)
		_, second = setMade()
		return end
	})
	wantFree(t, "set after the child was started", second)
	wantHeld(t, "inherited by the child", first)
	end()
	wantFree(t, "inherited by a child that has ended", first)

	// A goroutine that pprof has robbed is remembered in the table.
	w = inChild(func() weak.Pointer[thing] {
		_, w := setMade()
		pprof.SetGoroutineLabels(context.Background())
		runtime.GC()
		want(t, "robbed", held.Get(), w.Value())
		pprof.SetGoroutineLabels(context.Background())
		return w
	})
	wantFree(t, "ended, robbed", w)
}

func TestEndedRunHoldsNothing(t *testing.T) {
	run := map[string]func(f func()){
		"Run":    func(f func()) { cv.NewContext().Run(f) },
		"Bind":   func(f func()) { cv.Bind(f)() },
		"Detach": cv.Detach,
	}
	for name, run := range run {
		var first, second weak.Pointer[thing]
		var end func()
		run(func() {
			_, first = setMade()
			end = lingering(plainGo)
			_, second = setMade()
		})
		wantFree(t, name+": set after the child was started", second)
		wantHeld(t, name+": inherited by the child", first)
		end()
		wantFree(t, name+": inherited by a child that has ended", first)
	}
}

func TestDetachedHoldsNothing(t *testing.T) {
	token, w := setMade()
	defer lingering(cv.GoDetached)()
	var ends []func()
	cv.Detach(func() { ends = append(ends, lingering(plainGo)) })
	cv.Lend(func() { ends = append(ends, lingering(plainGo), lingering(cv.GoDetached)) })
	// Detached by a parent that has profiler labels of its own.
	pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) {
		held.Get()
		ends = append(ends, lingering(cv.GoDetached))
	})
	held.Get()
	token.Restore()
	wantFree(t, "detached", w)
	for _, end := range ends {
		end()
	}
}

func TestTimerHoldsNothing(t *testing.T) { // 175
	token, w := setMade()
	timer := cv.AfterFunc(time.Hour, func() {})
	token.Restore()
	wantHeld(t, "pending", w)
	timer.Stop()
	runtime.KeepAlive(timer)
	wantFree(t, "stopped", w)

	token, w = setMade()
	fired := make(chan bool)
	cv.AfterFunc(0, func() { close(fired) })
	token.Restore()
	<-fired
	wantFree(t, "fired", w)
}

func TestBoundFuncHoldsWhatItWasBoundTo(t *testing.T) {
	token, w := setMade()
	bound := cv.Bind(func() {})
	ctx := cv.WithContext(context.Background(), cv.CopyContext())
	token.Restore()
	wantHeld(t, "bound", w)
	bound()
	runtime.KeepAlive(ctx)
	wantHeld(t, "without the ctx", w)
	runtime.KeepAlive(bound)
	wantFree(t, "without the func", w)
}

func TestLabelSetThatCarriesHolds(t *testing.T) {
	token, w := setMade()
	ctx := pprof.WithLabels(cv.WithContext(context.Background(), cv.NewContext()), pprof.Labels("k", "v"))
	token.Restore()
	wantHeld(t, "a derived ctx", w)
	got := inChild(func() *thing { pprof.SetGoroutineLabels(ctx); return held.Get() })
	want(t, "through the ctx", got, w.Value())
	runtime.KeepAlive(ctx)
	wantFree(t, "without the ctx", w)
}

// keptAfter returns the bytes that are in use after n goroutines have run f, a
// thousand at a time, more than before.
func keptAfter(n int, f func()) int64 {
	var before, after runtime.MemStats
	settle := func(m *runtime.MemStats) {
		for range 8 {
			runtime.GC()
			time.Sleep(5 * time.Millisecond) // for finalizers and the sweep
		}
		runtime.ReadMemStats(m)
	}
	settle(&before)
	var wg sync.WaitGroup
	for range n / 1000 {
		for range 1000 {
			wg.Go(f)
		}
		wg.Wait()
	}
	settle(&after)
	for range 20 { // on a busy machine finalizers and the sweep may take longer
		if after.HeapAlloc > before.HeapAlloc+maxKept {
			settle(&after)
		}
	}
	return int64(after.HeapAlloc) - int64(before.HeapAlloc)
}

const maxKept = 64 << 10

func TestMillionGoroutinesLeaveNothing(t *testing.T) {
	n := 1_000_000
	if testing.Short() || raceEnabled {
		n = 100_000
	}
	p := new(thing)
	set := func() {
		held.Set(p)
		user.With("alice", func() { cv.NewContext().Run(func() { other.Set("x") }) })
	}
	// The runtime keeps a g for each goroutine that there was at a time, for ever, and makes a new one where its other
	// processors have the free ones: so it takes as many rounds as below until there are enough.
	keptAfter(n, func() { runtime.Gosched() })
	// And what the first goroutines need stays, too: sync.Pools, the table's first cells.
	keptAfter(10_000, set)
	if kept := keptAfter(n, set); kept > maxKept {
		t.Errorf("%d bytes are kept after %d goroutines", kept, n)
	}
}
