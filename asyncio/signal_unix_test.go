//go:build unix

package asyncio

import (
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"testing"

	"github.com/gocontextvars/contextvars"
)

// The goroutine that os/signal starts for good must not be taken for one that a test has left.
func init() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR1)
	signal.Stop(c)
}

func netKill(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), sig); err != nil {
		t.Fatal(err)
	}
}

// 113: the handler has one copy of the context as of its registration, for all its calls.
func TestSignalHandlerContext(t *testing.T) {
	v, count := contextvars.New[string]("v"), contextvars.New[int]("count")
	netRun(t, func() error {
		l, _ := RunningLoop()
		v.Set("registered")
		calls := NewQueue[int](0)
		err := l.AddSignalHandler(syscall.SIGUSR1, func() {
			if v.Get() != "registered" {
				t.Error(v.Get())
			}
			count.Set(count.Get() + 1)
			calls.PutNowait(count.Get())
		})
		if err != nil {
			return err
		}
		v.Set("later")
		for want := 1; want <= 3; want++ {
			netKill(t, syscall.SIGUSR1)
			if n, err := calls.Get(); n != want || err != nil {
				t.Error(n, err)
			}
		}
		if count.Get() != 0 || v.Get() != "later" {
			t.Error(count.Get(), v.Get())
		}
		// A new registration replaces function and context.
		err = l.AddSignalHandler(syscall.SIGUSR1, func() {
			if v.Get() != "later" || count.Get() != 0 {
				t.Error(v.Get(), count.Get())
			}
			calls.PutNowait(-1)
		})
		netKill(t, syscall.SIGUSR1)
		if n, _ := calls.Get(); n != -1 || err != nil {
			t.Error(n, err)
		}
		return nil
	})
}

// 114: RemoveSignalHandler tells whether there was one.
func TestRemoveSignalHandler(t *testing.T) {
	other := make(chan os.Signal, 1) // or SIGUSR2 would end the program
	signal.Notify(other, syscall.SIGUSR2)
	defer signal.Stop(other)
	netRun(t, func() error {
		l, _ := RunningLoop()
		if l.RemoveSignalHandler(syscall.SIGUSR2) {
			t.Error("there was none")
		}
		l.AddSignalHandler(syscall.SIGUSR2, func() { t.Error("it was removed") })
		goroutines := runtime.NumGoroutine()
		if !l.RemoveSignalHandler(syscall.SIGUSR2) || l.RemoveSignalHandler(syscall.SIGUSR2) {
			t.Error("there was one, once")
		}
		netSettled(t, goroutines-1)
		netKill(t, syscall.SIGUSR2)
		<-other
		return Sleep(0)
	})
}

// A handler may be added before the loop runs, and by another goroutine; a panic in it does no harm; the
// signals of two loops are each loop's.
func TestSignalHandlersOfTwoLoops(t *testing.T) {
	before := runtime.NumGoroutine()
	a, b := NewEventLoop(), NewEventLoop()
	called := 0
	reported := 0
	a.SetExceptionHandler(func(*EventLoop, ErrorContext) { reported++; a.Stop() })
	if err := a.AddSignalHandler(syscall.SIGUSR1, func() { called++; panic("oops") }); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := b.AddSignalHandler(syscall.SIGUSR1, func() { b.Stop() }); err != nil {
			t.Error(err)
		}
		netKill(t, syscall.SIGUSR1)
		b.RunForever()
		b.Close()
	}()
	a.RunForever()
	<-done
	if called != 1 || reported != 1 {
		t.Error(called, reported)
	}
	a.Close()
	netSettled(t, before)
}

// A signal that arrives while the loop is being closed, and after, does nothing.
func TestSignalHandlerIsRemovedByClose(t *testing.T) {
	other := make(chan os.Signal, 1)
	signal.Notify(other, syscall.SIGUSR2)
	defer signal.Stop(other)
	netRun(t, func() error {
		l, _ := RunningLoop()
		return l.AddSignalHandler(syscall.SIGUSR2, func() { t.Error("the loop was closed") })
	})
	netKill(t, syscall.SIGUSR2)
	<-other
}
