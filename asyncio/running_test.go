package asyncio

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

// What the tests of the core share.

// ctxVar is set by nearly all tests of contexts.
var ctxVar = contextvars.New[string]("ctxVar")

func isSame[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func isErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got the error %v, want %v", what, got, want)
	}
}

// panicOf returns what f panics with, nil if it does not.
func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// reportLog is an exception handler that keeps what it was called with.
type reportLog struct {
	lock sync.Mutex
	all  []ErrorContext
}

func (r *reportLog) handle(_ *EventLoop, c ErrorContext) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.all = append(r.all, c)
}

// take returns what was reported since the last call.
func (r *reportLog) take() []ErrorContext {
	r.lock.Lock()
	defer r.lock.Unlock()
	all := r.all
	r.all = nil
	return all
}

// none fails if anything was reported.
func (r *reportLog) none(t *testing.T) {
	t.Helper()
	for _, c := range r.take() {
		t.Errorf("reported: %v", c)
	}
}

// onLoop runs f as the main task of a new loop with a virtual clock, and fails if goroutines are left, or
// anything was reported that f did not take.
func onLoop(t *testing.T, f func(l *EventLoop, log *reportLog)) {
	t.Helper()
	log := new(reportLog)
	l := NewEventLoop()
	l.clock = NewVirtualClock()
	onThisLoop(t, l, log, func() { f(l, log) })
}

// onRealTime is onLoop with the clock that loops have by default.
func onRealTime(t *testing.T, f func(l *EventLoop, log *reportLog)) {
	t.Helper()
	log := new(reportLog)
	l := NewEventLoop()
	onThisLoop(t, l, log, func() { f(l, log) })
}

func onThisLoop(t *testing.T, l *EventLoop, log *reportLog, f func()) {
	t.Helper()
	left := countGoroutines(t)
	l.SetExceptionHandler(log.handle)
	finished := false
	_, err := Run(func() (struct{}, error) {
		f()
		finished = true
		return struct{}{}, nil
	}, WithLoopFactory(func() *EventLoop { return l }))
	if err != nil || !finished {
		t.Errorf("the main task ended with %v", err)
		var p *PanicError
		if errors.As(err, &p) {
			t.Logf("%s", p.Stack)
		}
	}
	log.none(t)
	left()
}

// countGoroutines returns a function that fails if there are more goroutines than there were.
func countGoroutines(t *testing.T) (left func()) {
	before := runtime.NumGoroutine()
	return func() {
		t.Helper()
		for range 2000 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(time.Millisecond)
		}
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines are left:\n%s", runtime.NumGoroutine()-before, stacks[:runtime.Stack(stacks, true)])
	}
}

// trail notes what happens in which order.
type trail struct{ steps []string }

func (r *trail) add(format string, args ...any) {
	r.steps = append(r.steps, fmt.Sprintf(format, args...))
}

func (r *trail) is(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(r.steps, want) {
		t.Errorf("got\n  %q, want\n  %q", r.steps, want)
	}
	r.steps = nil
}

// onGoroutine calls f on another goroutine, which inherits the caller's context as a go statement does, and waits for
// it. It must not be called by a task whose loop f needs.
func onGoroutine(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// giveWay lets everything that is ready go on n times.
func giveWay(t *testing.T, n int) {
	t.Helper()
	for range n {
		if err := Sleep(0); err != nil {
			t.Errorf("Sleep(0): %v", err)
		}
	}
}
