package lifetime_test

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
	"github.com/gocontextvars/contextvars/lifetime"
)

func TestTimerHolds(t *testing.T) {
	track(t)
	var kept []any
	keep := func(x any) { kept = append(kept, x) }
	for name, c := range map[string]struct {
		start func()
		kind  string // empty: it does not hold
	}{
		"AfterFunc":               {func() { contextvars.AfterFunc(time.Hour, func() {}) }, "AfterFunc"},
		"AfterFunc stopped":       {func() { contextvars.AfterFunc(time.Hour, func() {}).Stop() }, ""},
		"AfterFunc stopped, kept": {func() { timer := contextvars.AfterFunc(time.Hour, func() {}); timer.Stop(); keep(timer) }, "AfterFunc"},
		"AfterFunc fired":         {func() { done := make(chan bool); contextvars.AfterFunc(0, func() { close(done) }); <-done }, ""},
		"AfterFunc fired, kept": {func() {
			done := make(chan bool)
			keep(contextvars.AfterFunc(0, func() { close(done) }))
			<-done
		}, "AfterFunc"},
		"Bind":         {func() { contextvars.Bind(func() {}) }, ""},
		"Bind, kept":   {func() { keep(contextvars.Bind(func() {})) }, "Bind"},
		"Bind, called": {func() { contextvars.Bind(func() {})() }, ""},
		"Bind1, kept":  {func() { keep(contextvars.Bind1(func(int) {})) }, "Bind1"},
		"BindResult, kept": {func() {
			keep(contextvars.BindResult(func(int) int { return 0 }))
		}, "BindResult"},
		"AfterDone": {func() {
			ctx, cancel := context.WithCancel(context.Background())
			keep(cancel)
			contextvars.AfterDone(ctx, func() {})
		}, "AfterDone"},
		"AfterDone done": {func() {
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan bool)
			keep(contextvars.AfterDone(ctx, func() { close(done) }))
			cancel()
			<-done
		}, ""},
		"AfterDone stopped": {func() {
			ctx, cancel := context.WithCancel(context.Background())
			keep(cancel)
			stop := contextvars.AfterDone(ctx, func() {})
			keep(stop)
			stop()
		}, ""},
		"detached": {func() { contextvars.Detach(func() { keep(contextvars.Bind(func() {})) }) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			before := time.Now()
			w := during(name, c.start)
			n := 0
			if c.kind != "" {
				n = 1
			}
			h := wantHeld(t, w, 0, n)
			if n == 0 || len(h.Timers) != n {
				return
			}
			timer := h.Timers[0]
			want(t, "kind", timer.Kind, c.kind)
			if len(timer.Created) == 0 || !strings.HasSuffix(timer.Created[0].File, "timer_test.go") {
				t.Errorf("created at %v, want here", timer.Created)
			}
			if last := timer.Created[len(timer.Created)-1]; !strings.Contains(last.Func, "lifetime_test.") {
				t.Errorf("created at %v, want nothing around the work", timer.Created)
			}
			if timer.Kind == "AfterFunc" {
				want(t, "due is known", !timer.Due.Before(before), true)
			} else {
				want(t, "due is zero", timer.Due.IsZero(), true)
			}
		})
	}
	runtime.KeepAlive(kept)
}

// It may not have been collected yet, so nobody knows whether something still leads to it.
func TestTimerBeforeCollection(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	track(t)
	var kept func()
	w := during("w", func() { kept = contextvars.Bind(func() {}) })
	for collections := range 3 {
		listed := false
		for _, h := range lifetime.Held() {
			listed = listed || h.Work == w
		}
		want(t, fmt.Sprint("listed after ", collections, " collections"), listed, collections >= 2)
		runtime.GC()
	}
	runtime.KeepAlive(kept)
}

func TestHandlesOfALoopHold(t *testing.T) {
	track(t)
	until := make(chan bool)
	ended := make(chan *lifetime.Work)
	done := make(chan error)
	go func() {
		_, err := asyncio.Run(func() (int, error) {
			loop, _ := asyncio.RunningLoop()
			var later, at *asyncio.TimerHandle
			w := during("w", func() {
				later = loop.CallLater(time.Hour, func() {})
				at = loop.CallAt(loop.Time()+time.Hour, func() {})
				loop.CallLater(time.Hour, func() {}).Cancel()
			})
			ended <- w
			err := asyncio.Sleep(time.Millisecond)
			<-until
			later.Cancel()
			at.Cancel()
			ended <- w
			<-until
			runtime.KeepAlive(loop)
			return 0, err
		})
		done <- err
	}()
	w := <-ended
	h := wantHeld(t, w, 0, 2)
	for _, timer := range h.Timers {
		if !regexp.MustCompile(`timer_test\.go:\d+\)$`).MatchString(timer.Created[0].String()) {
			t.Errorf("%s was created at %v, want here", timer.Kind, timer.Created)
		}
	}
	until <- true
	<-ended
	wantHeld(t, w, 0, 0)
	until <- true
	want(t, "error", <-done, nil)
}
