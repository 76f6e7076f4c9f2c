package asyncio

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocontextvars/contextvars"
)

func TestVirtualClock(t *testing.T) {
	var c VirtualClock
	isSame(t, "zero value", c.Now(), 0)
	c.Wait(time.Hour, false, nil)
	isSame(t, "after a jump", c.Now(), time.Hour)
	c.Wait(time.Minute, false, nil)
	isSame(t, "it never goes back", c.Now(), time.Hour)
	wake := make(chan struct{}, 1)
	wake <- struct{}{}
	c.Wait(2*time.Hour, true, wake)
	isSame(t, "it does not jump while something runs", c.Now(), time.Hour)
	isSame(t, "what woke it was taken out", len(wake), 0)
}

func TestVirtualTimeIsExact(t *testing.T) {
	clock := NewVirtualClock()
	var r trail
	start := time.Now()
	_, err := Run(func() (int, error) {
		l, _ := RunningLoop()
		for _, d := range []time.Duration{3, 1, 2, 1} {
			Go(func() error {
				for range 2 {
					Sleep(d * 24 * time.Hour)
					r.add("%d at %d", d, l.Time()/24/time.Hour)
				}
				return nil
			})
		}
		l.CallLater(2*24*time.Hour, func() { r.add("callback at %d", l.Time()/24/time.Hour) })
		Sleep(1000 * 24 * time.Hour)
		return 0, nil
	}, WithClock(clock))
	isErr(t, "Run", err, nil)
	// Of one instant, whose timer was made first.
	r.is(t, "1 at 1", "1 at 1", "callback at 2", "2 at 2", "1 at 2", "1 at 2", "3 at 3", "2 at 4", "3 at 6")
	isSame(t, "the clock", clock.Now(), 1000*24*time.Hour)
	if d := time.Since(start); d > time.Minute {
		t.Errorf("it took %v", d)
	}
}

// As long as something is ready the clock stands still.
func TestVirtualClockStandsWhileReady(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		l.CallLater(1, func() {})
		giveWay(t, 1000)
		isSame(t, "time", l.Time(), 0)
	})
}

// While an operation runs outside the clock does not jump, however long that takes.
func TestVirtualClockWaitsForOperations(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		outside, done := make(chan bool), NewFuture[time.Duration]()
		l.operations += 2
		for range 2 {
			go func() {
				<-outside
				l.post(letter{do: func() { l.operations-- }})
			}()
		}
		l.CallLater(time.Hour, func() { done.SetResult(l.Time()) })
		var r trail
		l.CallSoonThreadsafe(func() { r.add("at %v", l.Time()); close(outside) })
		got, _ := done.Await()
		isSame(t, "time of the timer", got, time.Hour)
		r.is(t, "at 0s")
		isSame(t, "operations", l.operations, 0)
	})
}

func TestVirtualClockSharedByLoops(t *testing.T) {
	clock := NewVirtualClock()
	var wg sync.WaitGroup
	var lock sync.Mutex
	last := time.Duration(0)
	for range 4 {
		wg.Go(func() {
			_, err := Run(func() (int, error) {
				l, _ := RunningLoop()
				for range 200 {
					before := l.Time()
					Sleep(time.Second)
					now := l.Time()
					if now < before+time.Second {
						t.Errorf("slept from %v to %v", before, now)
					}
					lock.Lock()
					if last = max(last, now); last < now {
						t.Errorf("the clock went back from %v to %v", last, now)
					}
					lock.Unlock()
				}
				return 0, nil
			}, WithClock(clock))
			isErr(t, "Run", err, nil)
		})
	}
	wg.Wait()
}

// restless is a clock that returns from Wait too early most of the time, and takes out what
// woke it.
type restless struct {
	VirtualClock
	calls int
}

func (c *restless) Wait(until time.Duration, busy bool, wake <-chan struct{}) {
	if c.calls++; c.calls%10 != 0 {
		select {
		case <-wake:
		default:
		}
		return
	}
	c.VirtualClock.Wait(until, busy, wake)
}

func TestClockThatReturnsTooEarly(t *testing.T) {
	clock := new(restless)
	_, err := Run(func() (int, error) {
		l, _ := RunningLoop()
		for i := range 100 {
			Sleep(time.Second)
			isSame(t, "time", l.Time(), time.Duration(i+1)*time.Second)
		}
		return 0, nil
	}, WithClock(clock))
	isErr(t, "Run", err, nil)
}

// counting counts how often a loop waits.
type counting struct {
	Clock
	waits atomic.Int32
}

func (c *counting) Wait(until time.Duration, busy bool, wake <-chan struct{}) {
	c.waits.Add(1)
	c.Clock.Wait(until, busy, wake)
}

// A loop at rest does nothing at all.
func TestLoopAtRest(t *testing.T) {
	clock := &counting{Clock: &monotonic{start: time.Now()}}
	waits := func() (n int32) {
		n = clock.waits.Load()
		time.Sleep(50 * time.Millisecond) // it would wait again and again
		return clock.waits.Load() - n
	}
	_, err := Run(func() (int, error) {
		l, _ := RunningLoop()
		l.CallLater(time.Hour, func() {})
		f := NewFuture[int32]()
		go func() { f.SetResult(waits()) }()
		n, err := f.Await()
		if n > 1 {
			t.Errorf("it waited %d times", n)
		}
		return 0, err
	}, WithClock(clock))
	isErr(t, "Run", err, nil)
}

func TestRealTime(t *testing.T) {
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		start, before := time.Now(), l.Time()
		for range 3 {
			Sleep(2 * time.Millisecond)
		}
		if d := time.Since(start); d < 6*time.Millisecond || l.Time()-before < 6*time.Millisecond {
			t.Errorf("slept %v, %v on the loop's clock", d, l.Time()-before)
		}
	})
}

func TestLoopInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		cleaned := false
		got, err := Run(func() (string, error) {
			l, _ := RunningLoop()
			ctxVar.Set("main's")
			Go(func() error {
				defer func() { cleaned = true }()
				return Sleep(1000 * time.Hour)
			})
			var ticks []*Task[int]
			for i := range 10 {
				ticks = append(ticks, CreateTask(func() (int, error) {
					err := Sleep(time.Duration(10-i) * time.Hour)
					return int(time.Since(start) / time.Hour), err
				}))
			}
			for i, tick := range ticks {
				hours, err := tick.Await()
				isSame(t, fmt.Sprint("hours that task ", i, " has slept"), hours, 10-i)
				isErr(t, "Await", err, nil)
			}
			f := NewFuture[string]()
			go func() {
				time.Sleep(time.Hour)
				v := ctxVar.Get()
				l.CallSoonThreadsafe(func() { f.SetResult(v) })
			}()
			g := Go(func() error { runtime.Goexit(); return nil })
			_, err := g.Await()
			isErr(t, "Goexit in the bubble", err, ErrGoexit)
			return f.Await()
		})
		isSame(t, "result", got, "main's")
		isErr(t, "Run", err, nil)
		isSame(t, "slept", time.Since(start), 11*time.Hour)
		isSame(t, "the rest was cancelled", cleaned, true)
	})
}

func TestLoopsInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var loops [4]*EventLoop
		var started, wg sync.WaitGroup
		started.Add(len(loops))
		for i := range loops {
			wg.Go(func() {
				_, err := Run(func() (int, error) {
					loops[i], _ = RunningLoop()
					started.Done()
					started.Wait() // for all of them to be there
					f := NewFuture[int]()
					next := loops[(i+1)%len(loops)]
					// Each loop's future is set by the next one.
					next.CallSoonThreadsafe(func() {
						next.CallLater(time.Duration(i+1)*time.Minute, func() { f.SetResult(i) })
					})
					if n, err := f.Await(); n != i || err != nil {
						t.Error(n, err)
					}
					if d := time.Since(start); d != time.Duration(i+1)*time.Minute {
						t.Errorf("loop %d: %v have passed", i, d)
					}
					return 0, Sleep(time.Hour)
				})
				isErr(t, "Run", err, nil)
			})
		}
		wg.Wait()
		isSame(t, "passed", time.Since(start), time.Hour+4*time.Minute)
	})
}

// A goroutine of the bubble that waits for a task, and one that waits when the loop closes.
func TestForeignAwaitInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewEventLoop()
		made := make(chan *Future[int], 1)
		var wg sync.WaitGroup
		wg.Go(func() {
			f := <-made
			n, err := f.Await()
			isSame(t, "result", n, 7)
			isErr(t, "Await", err, nil)
			made <- nil
		})
		var never *Future[int]
		_, err := RunUntilComplete(l, func() (int, error) {
			never = NewFuture[int]()
			f := NewFuture[int]()
			made <- f
			Sleep(time.Hour)
			f.SetResult(7)
			Sleep(time.Hour)
			return 0, nil
		})
		isErr(t, "RunUntilComplete", err, nil)
		wg.Go(func() {
			_, err := never.Await()
			isErr(t, "Await when the loop closes", err, ErrLoopClosed)
		})
		synctest.Wait()
		l.Close()
		wg.Wait()
	})
}

func TestVirtualClockInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		v := contextvars.New[int]("v")
		n, err := Run(func() (int, error) {
			v.Set(3)
			Sleep(time.Hour)
			return v.Get(), nil
		}, WithClock(NewVirtualClock()))
		if n != 3 || err != nil || time.Since(start) != 0 {
			t.Error(n, err, time.Since(start))
		}
	})
}

// What is left when a loop in a bubble is closed ends with it, however it waits.
func TestCloseInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewEventLoop()
		cleaned := 0
		_, err := RunUntilComplete(l, func() (int, error) {
			for i := range 100 {
				Go(func() error {
					defer func() { cleaned++ }()
					if i%2 == 0 {
						_, err := NewFuture[int]().Await()
						return err
					}
					return Sleep(time.Hour)
				})
			}
			giveWay(t, 2)
			return 0, errors.ErrUnsupported
		})
		isErr(t, "RunUntilComplete", err, errors.ErrUnsupported)
		l.Close()
		isSame(t, "cleaned", cleaned, 100)
	})
}
