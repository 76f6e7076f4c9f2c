package asyncio

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

// Calls by goroutines that the loop does not run; all of this under the race detector, too.

func TestForeignCallsEverything(t *testing.T) {
	onRealTime(t, func(l *EventLoop, log *reportLog) {
		boom := errors.New("boom")
		const goroutines, rounds = 8, 200
		var called, done atomic.Int32
		var wg sync.WaitGroup
		shared := NewFuture[int]()
		forever := Go(func() error { return Sleep(time.Hour) }, WithName("forever"))
		for g := range goroutines {
			futures := make(chan *Future[int], rounds)
			tasks := make(chan *Task[int], rounds)
			for range rounds {
				f := NewFuture[int]()
				futures <- f
				tasks <- CreateTask(f.Await)
			}
			close(futures)
			close(tasks)
			r := rand.New(rand.NewPCG(uint64(g), 3))
			wg.Go(func() {
				for f := range futures {
					task := <-tasks
					how := r.IntN(3)
					var set func()
					switch how {
					case 0:
						set = func() { isErr(t, "SetResult", f.SetResult(7), nil) }
					case 1:
						set = func() { isErr(t, "SetError", f.SetError(boom), nil) }
					case 2:
						if r.IntN(2) == 0 {
							set = func() { isSame(t, "Cancel", task.Cancel("msg"), true) }
						} else {
							set = func() { isSame(t, "Cancel", f.Cancel("msg"), true) }
						}
					}
					if r.IntN(2) == 0 {
						// Await first, then what it waits for.
						wg.Go(set)
					} else {
						set()
					}
					if r.IntN(4) == 0 {
						f.AddDoneCallback(func(*Future[int]) { done.Add(1) })
					} else {
						done.Add(1)
					}
					n, err := task.Await()
					switch how {
					case 0:
						isSame(t, "result", n, 7)
						isErr(t, "Await", err, nil)
					case 1:
						isErr(t, "Await", err, boom)
					case 2:
						isErr(t, "Await", err, ErrCancelled)
						isSame(t, "Cancelled", task.Cancelled() && task.Done(), true)
					}
					isErr(t, "Err", task.Err(), err)
					_, again := task.Result()
					isErr(t, "Result", again, err)
					if how == 2 {
						f.Cancel() // a task that is cancelled before it begins has not passed that on
						err = ErrCancelled
					}
					_, again = f.Await()
					isErr(t, "Await of the future", again, err)
					_ = task.String() + f.String() + task.Name() + forever.String()
					isSame(t, "Loop", task.Loop() == l && f.Loop() == l, true)
					isSame(t, "IsRunning", l.IsRunning() && !l.IsClosed(), true)
					isSame(t, "Time", l.Time() > 0, true)
					for _, a := range l.AllTasks() {
						a.Done()
						a.Cancelled()
					}
					isSame(t, "CurrentTask", CurrentTask(), nil)
					_, err = shared.Result()
					isErr(t, "Result of a pending one", err, ErrInvalidState)
					switch r.IntN(4) {
					case 0:
						l.CallSoon(func() { called.Add(1) })
					case 1:
						l.CallSoonThreadsafe(func() { called.Add(1) })
					case 2:
						l.CallLater(time.Millisecond, func() { called.Add(1) })
					case 3:
						l.CallAt(l.Time(), func() { called.Add(1) })
					}
				}
			})
		}
		all := NewFuture[int]()
		go func() { wg.Wait(); all.SetResult(1) }()
		all.Await()
		Sleep(5 * time.Millisecond)
		isSame(t, "callbacks", called.Load(), goroutines*rounds)
		isSame(t, "done callbacks and others", done.Load(), goroutines*rounds)
		log.none(t)
	})
}

func TestForeignTimerIsCancelled(t *testing.T) {
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		onGoroutine(func() {
			for range 100 {
				l.CallLater(time.Millisecond, func() { t.Error("called") }).Cancel()
			}
		})
		Sleep(3 * time.Millisecond)
		isSame(t, "timers", l.timers.len(), 0)
	})
}

// What others want of the loop is done in the order in which they wanted it.
func TestForeignOrder(t *testing.T) {
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		const n = 5000
		var got []int
		end := NewFuture[int]()
		go func() {
			for i := range n {
				l.CallSoonThreadsafe(func() { got = append(got, i) })
			}
			end.SetResult(1)
		}()
		end.Await()
		giveWay(t, 1)
		for i := range got {
			if got[i] != i {
				t.Fatalf("call %d comes at place %d", got[i], i)
			}
		}
		isSame(t, "calls", len(got), n)
	})
}

// Many who post, and a loop that falls asleep between any two letters: no wake is lost.
func TestForeignWakes(t *testing.T) {
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		pings, pongs := make(chan *Future[int]), make(chan bool)
		go func() {
			for f := range pings {
				f.SetResult(1)
				pongs <- true
			}
		}()
		for i := range 2000 {
			f := NewFuture[int]()
			if i%3 == 0 { // with a timer beside
				l.CallLater(time.Hour, func() {}).Cancel()
				h := l.CallLater(time.Microsecond*time.Duration(i%50), func() {})
				defer h.Cancel()
			}
			pings <- f
			_, err := f.Await()
			isErr(t, "Await", err, nil)
			<-pongs
		}
		close(pings)
	})
}

func TestForeignStop(t *testing.T) {
	l := NewEventLoop()
	for range 200 {
		started := make(chan bool)
		l.CallSoon(func() { close(started) })
		go func() { <-started; l.Stop() }()
		isErr(t, "RunForever", l.RunForever(), nil)
	}
	// While it is not known whether it runs.
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				l.Stop()
				l.CallSoonThreadsafe(func() {})
			}
		})
	}
	for range 20 {
		l.Stop()
		isErr(t, "RunForever", l.RunForever(), nil)
	}
	wg.Wait()
	isErr(t, "Close", l.Close(), nil)
}

func TestForeignAwaitWhenLoopCloses(t *testing.T) {
	left := countGoroutines(t)
	for range 50 {
		var f *Future[int]
		l := NewEventLoop()
		RunUntilComplete(l, func() (int, error) { f = NewFuture[int](); return 0, nil })
		errs := make(chan error, 4)
		for range 4 {
			go func() {
				_, err := f.Await()
				errs <- err
			}()
		}
		isErr(t, "Close", l.Close(), nil)
		for range 4 {
			isErr(t, "Await", <-errs, ErrLoopClosed)
		}
		_, err := f.Await()
		isErr(t, "Await afterwards", err, ErrLoopClosed)
		isErr(t, "SetResult afterwards", f.SetResult(1), ErrLoopClosed)
		isErr(t, "SetError afterwards", f.SetError(ErrTimeout), ErrLoopClosed)
		isSame(t, "Cancel afterwards", f.Cancel(), false)
		err, _ = panicOf(func() { f.AddDoneCallback(func(*Future[int]) {}) }).(error)
		isErr(t, "AddDoneCallback afterwards", err, ErrLoopClosed)
	}
	left()
}

// Letters that come while the loop closes are done or refused; nobody waits for ever.
func TestForeignCallsWhileLoopCloses(t *testing.T) {
	left := countGoroutines(t)
	for round := range 200 {
		l := NewEventLoop()
		l.SetExceptionHandler(func(*EventLoop, ErrorContext) {})
		var f *Future[int]
		var task *Task[struct{}]
		RunUntilComplete(l, func() (int, error) {
			f, task = NewFuture[int](), Go(func() error { return Sleep(time.Hour) })
			return 0, Sleep(0)
		})
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				switch _, err := f.Await(); {
				case err == nil || errors.Is(err, ErrLoopClosed):
				default:
					t.Errorf("Await of the future: %v", err)
				}
			})
			wg.Go(func() {
				if _, err := task.Await(); !errors.Is(err, ErrCancelled) && !errors.Is(err, ErrLoopClosed) {
					t.Errorf("Await of the task: %v", err)
				}
			})
			wg.Go(func() {
				if err := f.SetResult(1); err != nil && !errors.Is(err, ErrLoopClosed) && !errors.Is(err, ErrInvalidState) {
					t.Errorf("SetResult: %v", err)
				}
			})
			wg.Go(func() {
				task.Cancel()
				l.Stop()
				l.AllTasks()
				err, _ := panicOf(func() { l.CallSoonThreadsafe(func() {}) }).(error)
				if err != nil && !errors.Is(err, ErrLoopClosed) {
					t.Errorf("CallSoonThreadsafe: %v", err)
				}
			})
		}
		if round%2 == 0 {
			isErr(t, "Close", l.Close(), nil)
		}
		wg.Go(func() { l.Close() })
		wg.Wait()
		for !l.IsClosed() {
			l.Close()
		}
	}
	left()
}

// A task of one loop, and a future of another.
func TestForeignLoop(t *testing.T) {
	other := NewEventLoop()
	var wg sync.WaitGroup
	made := make(chan *Future[string], 2)
	wg.Go(func() {
		RunUntilComplete(other, func() (int, error) {
			f, g := NewFuture[string](), NewFuture[string]()
			made <- f
			made <- g
			ctxVar.Set("other's")
			got, err := f.Await()
			isSame(t, "result", got, "from task")
			isErr(t, "Await", err, nil)
			_, err = g.Await()
			isErr(t, "Await", err, ErrCancelled)
			isSame(t, "in the task", ctxVar.Get(), "other's")
			return 0, nil
		})
		other.Close()
	})
	f, g := <-made, <-made
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("mine")
		_, err := f.Await()
		isErr(t, "Await", err, ErrOtherLoop)
		told := make(chan string, 1)
		f.AddDoneCallback(func(f *Future[string]) { told <- ctxVar.Get() })
		isErr(t, "SetResult", f.SetResult("from task"), nil)
		isSame(t, "in the done callback", <-told, "mine")
		c := contextvars.NewContext()
		h := NewFuture[int]()
		other.CallSoonThreadsafe(func() { h.SetResult(len(ctxVar.Get())) }, WithContext(c))
		n, err := h.Await()
		isSame(t, "set by the other loop", n, 0)
		isErr(t, "Await", err, nil)
		isSame(t, "Cancel", g.Cancel(), true) // that one ends now
	})
	wg.Wait()
}

// A result that comes too late is reported by a callback of its own, in the context of who has set it.
func TestForeignResultTooLate(t *testing.T) {
	for name, handler := range map[string]func(){
		"waits":   func() { isErr(t, "Sleep in the handler", Sleep(time.Second), ErrNotInTask) },
		"panics":  func() { panic("p") },
		"exits":   runtime.Goexit,
		"creates": func() { Go(func() error { return nil }, Eager()) },
	} {
		stderrOf(t, func() {
			onRealTime(t, func(l *EventLoop, _ *reportLog) {
				handler := handler
				reported := 0
				l.SetExceptionHandler(func(_ *EventLoop, c ErrorContext) {
					if errors.Is(c.Err, ErrGoexit) {
						return // the callback that has called the handler
					}
					reported++
					isErr(t, "reported", c.Err, ErrInvalidState)
					isSame(t, name+": CurrentTask", CurrentTask(), nil)
					isSame(t, name+": value", ctxVar.Get(), "setter's")
					handler()
				})
				f := NewFuture[int]()
				onGoroutine(func() {
					ctxVar.Set("setter's")
					isErr(t, "SetResult", f.SetResult(1), nil)
					isErr(t, "SetResult again, before the loop looks", f.SetResult(2), nil)
					isErr(t, "SetError", f.SetError(ErrTimeout), nil)
				})
				calls := 0
				onGoroutine(func() { l.CallSoonThreadsafe(func() { calls++ }) })
				n, err := f.Await()
				isSame(t, "result", n, 1)
				isErr(t, "Await", err, nil)
				giveWay(t, 3)
				isSame(t, name+": letters behind it", calls, 1)
				isSame(t, name+": reported", reported, 2)
			})
		})
	}
}

// Who asks a loop that is about to stop is answered, though it may never run again.
func TestForeignQuestionWhenLoopStops(t *testing.T) {
	for range 300 {
		l := NewEventLoop()
		h := l.CallLater(time.Hour, func() {})
		var enough atomic.Bool
		asking, asked := make(chan bool), make(chan bool)
		go func() {
			close(asking)
			for !enough.Load() {
				isSame(t, "Cancelled", h.Cancelled(), false)
			}
			close(asked)
		}()
		<-asking
		for range 50 {
			l.Stop()
			isErr(t, "RunForever", l.RunForever(), nil)
		}
		enough.Store(true)
		select {
		case <-asked:
		case <-time.After(10 * time.Second):
			t.Fatal("it was not answered")
		}
		l.Close()
	}
}
