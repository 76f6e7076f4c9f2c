package asyncio

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestToThreadReturns(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		v, err := ToThread(func() (string, error) { return "v", errStructured })
		isErr(t, "error", err, errStructured)
		isSame(t, "value", v, "v")
		_, err = ToThread(func() (int, error) { panic(errStructured) })
		isErr(t, "of a panic", err, errStructured)
		p, ok := errors.AsType[*PanicError](err)
		isSame(t, "PanicError", ok && len(p.Stack) > 0, true)
		_, err = ToThread(func() (int, error) { runtime.Goexit(); return 1, nil })
		isErr(t, "of Goexit", err, ErrGoexit)
		isSame(t, "operations", l.operations, 0)
	})
}

func TestToThreadContext(t *testing.T) { // 158
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("task's")
		seen, err := ToThread(func() (string, error) {
			seen := ctxVar.Get()
			ctxVar.Set("goroutine's")
			isSame(t, "task", CurrentTask(), nil)
			_, err := RunningLoop()
			isErr(t, "loop", err, ErrNoRunningLoop)
			return seen, nil
		})
		isErr(t, "error", err, nil)
		isSame(t, "seen on the goroutine", seen, "task's")
		isSame(t, "seen afterwards", ctxVar.Get(), "task's")
	})
}

// The loop goes on meanwhile, and a virtual clock stands still.
func TestToThreadLetsTheLoopGoOn(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		Go(func() error { return Sleep(time.Hour) })
		release := make(chan time.Duration)
		Go(func() error {
			giveWay(t, 10)
			release <- l.Time()
			return nil
		})
		at, err := ToThread(func() (time.Duration, error) { return <-release, nil })
		isErr(t, "error", err, nil)
		isSame(t, "time when released", at, 0)
		isSame(t, "time", l.Time(), 0)
	})
}

func TestToThreadCancelled(t *testing.T) { // C3
	for _, x := range []struct {
		name    string
		f       func()
		reports int
	}{
		{"returns", func() {}, 0},
		{"panics", func() { panic(errStructured) }, 1},
		{"exits", runtime.Goexit, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			onRealTime(t, func(l *EventLoop, log *reportLog) {
				release := make(chan bool)
				var returned atomic.Bool
				c := Go(func() error {
					ctxVar.Set("task's")
					_, err := ToThread(func() (int, error) {
						<-release
						defer returned.Store(true)
						x.f()
						return 1, nil
					})
					return err
				})
				giveWay(t, 1)
				c.Cancel()
				_, err := c.Await()
				isErr(t, "error", err, ErrCancelled)
				isSame(t, "returned", returned.Load(), false)
				isSame(t, "operations", l.operations, 1)
				close(release)
				for l.operations > 0 {
					Sleep(time.Millisecond)
				}
				giveWay(t, 1)
				reports := log.take()
				isSame(t, "reports", len(reports), x.reports)
				for _, r := range reports {
					isErr(t, "report", r.Err, errStructured)
				}
			})
		})
	}
}

// It panics when the loop has stopped for good, or just before: that is not lost.
func TestToThreadPanicsWhenTheLoopEnds(t *testing.T) {
	for turns := range 4 {
		log := new(reportLog)
		l := NewEventLoop()
		l.SetExceptionHandler(log.handle)
		release := make(chan bool)
		RunUntilComplete(l, func() (int, error) {
			c := Go(func() error {
				_, err := ToThread(func() (int, error) { <-release; panic(errStructured) })
				return err
			})
			giveWay(t, 1)
			if turns > 0 { // else Close unwinds it
				c.Cancel()
				giveWay(t, 1)
				close(release)
				for !l.inbox.filled.Load() {
					runtime.Gosched()
				}
				giveWay(t, turns-1)
			} else {
				time.AfterFunc(time.Millisecond, func() { close(release) })
			}
			return 0, nil
		})
		isErr(t, "Close", l.Close(), nil)
		reports := log.take()
		if len(reports) != 1 || !errors.Is(reports[0].Err, errStructured) || len(reports[0].Stack) == 0 {
			t.Errorf("%d turns: reported: %v", turns, reports)
		}
	}
}

// It has panicked, and its task is cancelled before it can go on.
func TestToThreadCancelledWhenItHasPanicked(t *testing.T) { // C4
	onRealTime(t, func(l *EventLoop, log *reportLog) {
		c := Go(func() error {
			_, err := ToThread(func() (int, error) { panic(errStructured) })
			return err
		})
		giveWay(t, 1)
		for l.operations > 0 { // as long as nothing else runs, c cannot go on
			l.empty()
			runtime.Gosched()
		}
		c.Cancel()
		_, err := c.Await()
		isErr(t, "error", err, ErrCancelled)
		giveWay(t, 1)
		reports := log.take()
		isSame(t, "reports", len(reports), 1)
	})
}

func TestToThreadIsWaitedFor(t *testing.T) {
	for _, panics := range []bool{false, true} {
		var returned atomic.Bool
		release := make(chan bool)
		log := new(reportLog)
		l := NewEventLoop()
		l.SetExceptionHandler(log.handle)
		go func() {
			for !l.closedInbox() { // until Run waits for nothing else
				runtime.Gosched()
			}
			close(release)
		}()
		_, err := Run(func() (int, error) {
			Go(func() error {
				_, err := ToThread(func() (int, error) {
					<-release
					returned.Store(true)
					if panics {
						panic(errStructured)
					}
					return 1, nil
				})
				return err
			})
			giveWay(t, 1)
			return 0, nil
		}, WithLoopFactory(func() *EventLoop { return l }))
		isErr(t, "of Run", err, nil)
		isSame(t, "returned", returned.Load(), true)
		reports := log.take()
		if panics {
			isSame(t, "reports", len(reports), 1)
			isErr(t, "report", reports[0].Err, errStructured)
		} else {
			isSame(t, "reports", len(reports), 0)
		}
	}
}

func (l *EventLoop) closedInbox() bool {
	l.inbox.lock.Lock()
	defer l.inbox.lock.Unlock()
	return l.inbox.closed
}

func TestToThreadUnwound(t *testing.T) {
	left := countGoroutines(t)
	l := NewEventLoop()
	release := make(chan bool)
	ended := false
	RunUntilComplete(l, func() (int, error) {
		Go(func() error {
			defer func() { ended = true; close(release) }()
			ToThread(func() (int, error) { <-release; return 1, nil })
			t.Error("ToThread has returned")
			return nil
		})
		giveWay(t, 1)
		return 0, nil
	})
	isErr(t, "Close", l.Close(), nil)
	isSame(t, "deferred functions ran", ended, true)
	left()
}

func TestToThreadOutsideOfATask(t *testing.T) {
	onGoroutine(func() {
		ctxVar.Set("goroutine's")
		//contextvars:ignore token the body of a task
		v, err := ToThread(func() (string, error) { defer ctxVar.Set("inside"); return ctxVar.Get(), errStructured })
		isErr(t, "error", err, errStructured)
		isSame(t, "seen", v, "goroutine's")
		isSame(t, "seen afterwards", ctxVar.Get(), "goroutine's")
		_, err = ToThread(func() (int, error) { runtime.Goexit(); return 1, nil })
		isErr(t, "of Goexit", err, ErrGoexit)
		_, err = ToThread(func() (int, error) { panic(errStructured) })
		isErr(t, "of a panic", err, errStructured)
	})
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		l.CallSoon(func() {
			_, err := ToThread(func() (int, error) { t.Error("it was called"); return 0, nil })
			isErr(t, "callback", err, ErrNotInTask)
		})
		giveWay(t, 1)
	})
}

func TestToThreadInATimeout(t *testing.T) {
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		release := make(chan bool)
		err := Timeout(time.Millisecond, func() error {
			_, err := ToThread(func() (int, error) { <-release; return 1, nil })
			return err
		})
		isErr(t, "error", err, ErrTimeout)
		close(release)
	})
}

func TestToThreadInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		v, err := Run(func() (int, error) {
			return ToThread(func() (int, error) { time.Sleep(time.Hour); return 1, nil })
		})
		isErr(t, "error", err, nil)
		isSame(t, "value", v, 1)
		isSame(t, "time", time.Since(start), time.Hour)
	})
}

func TestToThreadMany(t *testing.T) {
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		const n = 100
		var all sync.WaitGroup
		all.Add(n)
		tasks := make([]*Task[int], n)
		for i := range tasks {
			tasks[i] = CreateTask(func() (int, error) {
				return ToThread(func() (int, error) {
					all.Done()
					all.Wait() // each has a goroutine of its own
					return i, nil
				})
			})
		}
		values, err := Gather(tasks...)
		isErr(t, "error", err, nil)
		for i, v := range values {
			isSame(t, "value", v, i)
		}
		isSame(t, "operations", l.operations, 0)
	})
}

func BenchmarkToThread(b *testing.B) {
	Run(func() (int, error) {
		b.ReportAllocs()
		for range b.N {
			ToThread(func() (int, error) { return 1, nil })
		}
		return 0, nil
	})
}
