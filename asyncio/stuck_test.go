package asyncio_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocontextvars/contextvars/asyncio"
)

func stuckWait(f *asyncio.Future[int]) error { _, err := f.Await(); return err }

func TestStuckIsReportedOnce(t *testing.T) {
	for _, c := range []struct {
		name string
		opts []asyncio.RunOption
	}{{"monotonic", nil}, {"virtual", []asyncio.RunOption{asyncio.WithClock(asyncio.NewVirtualClock())}}} {
		t.Run(c.name, func(t *testing.T) {
			r := runDebug(t, func(l *asyncio.EventLoop) {
				f := asyncio.NewFuture[int]()
				a := graphGo("a", func() error { return stuckWait(f) })
				stop := make(chan bool)
				go func() {
					time.Sleep(4 * time.Second)
					// Looking does not count, and neither does a callback, but for the time.
					if _, err := asyncio.CaptureCallGraph(a); err != nil {
						t.Error(err)
					}
					time.Sleep(4 * time.Second)
					l.CaptureCallGraph(context.Background())
					l.CallSoonThreadsafe(func() {})
					time.Sleep(time.Hour)
					f.SetResult(1)
					close(stop)
				}()
				graphAwait(a)
				<-stop
				// Tasks have gone on: that is another time.
				g := asyncio.NewFuture[int]()
				go func() { time.Sleep(4 * time.Second); g.SetResult(1) }()
				g.Await()
				h := asyncio.NewFuture[int]()
				go func() { time.Sleep(6 * time.Second); h.SetResult(1) }()
				h.Await()
			}, c.opts...)
			r.check(t, "nothing has been scheduled for 5s, and 2 tasks wait; only another goroutine can wake them",
				"nothing has been scheduled for 5s, and 1 tasks wait; only another goroutine can wake them")
			text := r.all[0].String()
			for _, part := range []string{
				"event loop: 2 tasks", `* Task(name="a"`, "waiting in Future.Await", "stuckWait()", "* Future(",
			} {
				if !strings.Contains(text, part) {
					t.Errorf("no %s in\n%s", part, text)
				}
			}
			if g := r.all[0].Graph; g == nil || len(g.Tasks) != 2 {
				t.Error(g)
			}
		})
	}
}

// quietListener is one that nobody connects to, until it is closed.
type quietListener chan struct{}

func (l quietListener) Accept() (net.Conn, error) { <-l; return nil, net.ErrClosed }
func (l quietListener) Close() error              { close(l); return nil }
func (l quietListener) Addr() net.Addr            { return &net.UnixAddr{Name: "quiet"} }

func TestStuckIsNot(t *testing.T) {
	t.Run("with a timer", func(t *testing.T) {
		runDebug(t, func(l *asyncio.EventLoop) {
			f := asyncio.NewFuture[int]()
			l.CallLater(time.Hour, func() { f.SetResult(1) })
			f.Await()
		}).check(t)
	})
	t.Run("with a task that sleeps", func(t *testing.T) {
		runDebug(t, func(l *asyncio.EventLoop) { asyncio.Sleep(time.Hour) }).check(t)
	})
	t.Run("with a thread", func(t *testing.T) {
		runDebug(t, func(l *asyncio.EventLoop) {
			asyncio.ToThread(func() (int, error) { time.Sleep(time.Hour); return 0, nil })
		}).check(t)
	})
	t.Run("with a server", func(t *testing.T) {
		runDebug(t, func(l *asyncio.EventLoop) {
			s, err := asyncio.ServeListener(
				func(*asyncio.StreamReader, *asyncio.StreamWriter) error { return nil }, make(quietListener))
			if err != nil {
				t.Error(err)
				return
			}
			go func() { time.Sleep(time.Hour); s.Close() }()
			s.ServeForever()
		}).check(t)
	})
	t.Run("with a callback now and then", func(t *testing.T) {
		runDebug(t, func(l *asyncio.EventLoop) {
			f := asyncio.NewFuture[int]()
			go func() {
				for range 10 {
					time.Sleep(4 * time.Second)
					l.CallSoonThreadsafe(func() {})
				}
				f.SetResult(1)
			}()
			f.Await()
		}).check(t)
	})
	t.Run("for ever", func(t *testing.T) {
		runDebug(t, func(l *asyncio.EventLoop) {
			l.SetStuckDuration(asyncio.NoTimeout)
			f := asyncio.NewFuture[int]()
			go func() { time.Sleep(time.Hour); f.SetResult(1) }()
			f.Await()
		}).check(t)
	})
	t.Run("without tasks", func(t *testing.T) {
		r := new(reports)
		synctest.Test(t, func(t *testing.T) {
			l := asyncio.NewEventLoop()
			defer l.Close()
			l.SetDebug(true)
			r.watch(l)
			go func() { time.Sleep(time.Hour); l.Stop() }()
			l.RunForever()
		})
		r.check(t)
	})
}

func TestStuckDuration(t *testing.T) {
	r := runDebug(t, func(l *asyncio.EventLoop) {
		if d := l.StuckDuration(); d != 5*time.Second {
			t.Error(d)
		}
		l.SetStuckDuration(time.Minute)
		if d := l.StuckDuration(); d != time.Minute {
			t.Error(d)
		}
		for _, d := range []time.Duration{59 * time.Second, 61 * time.Second} {
			f := asyncio.NewFuture[int]()
			go func() { time.Sleep(d); f.SetResult(1) }()
			f.Await()
		}
	})
	r.check(t, "nothing has been scheduled for 1m0s, and 1 tasks wait; only another goroutine can wake them")
}
