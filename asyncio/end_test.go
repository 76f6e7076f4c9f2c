package asyncio

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

// Each way for a task to be in the middle of something when its loop is closed.
var middles = []struct {
	name string
	wait func()
}{
	{"Sleep", func() { Sleep(time.Hour) }},
	{"Sleep without end", func() { Sleep(NoTimeout) }},
	{"Sleep(0) for ever", func() {
		for {
			_ = Sleep(0)
		}
	}},
	{"Await of a future", func() { NewFuture[int]().Await() }},
	{"Await of a task", func() { Go(func() error { return Sleep(time.Hour) }).Await() }},
	{"in Context.Run", func() { contextvars.NewContext().Run(func() { Sleep(time.Hour) }) }},
	{"in With", func() { ctxVar.With("x", func() { Sleep(time.Hour) }) }},
	{"in Detach", func() { contextvars.Detach(func() { Sleep(time.Hour) }) }},
	{"in Lend", func() { contextvars.Lend(func() { Sleep(time.Hour) }) }},
	{"in an Isolate", func() {
		contextvars.Isolate(func(yield func(int) bool) { ctxVar.Set("x"); Sleep(time.Hour) })(func(int) bool { return true })
	}},
	{"in a pulled Isolate", func() {
		next, stop := contextvars.IsolatePull(func(yield func(int) bool) { ctxVar.Set("x"); Sleep(time.Hour) })
		defer stop()
		next()
	}},
	{"swallows panics", func() {
		defer func() { recover() }()
		Sleep(time.Hour)
	}},
	{"cancelled, and waits again", func() {
		CurrentTask().Cancel()
		Sleep(0)
		Sleep(time.Hour)
	}},
	{"asked for its context", func() {
		CurrentTask().(AnyTask).Context()
		Sleep(time.Hour)
	}},
}

func TestCloseUnwindsTasks(t *testing.T) {
	for _, m := range middles {
		t.Run(m.name, func(t *testing.T) {
			left := countGoroutines(t)
			l := NewEventLoop()
			l.clock = NewVirtualClock()
			log := new(reportLog)
			l.SetExceptionHandler(log.handle)
			var r trail
			var task *Task[struct{}]
			_, err := RunUntilComplete(l, func() (int, error) {
				task = Go(func() error {
					token := ctxVar.Set("task's")
					defer func() {
						r.add("deferred first, %q, %v", ctxVar.Get(), ctxVar.Reset(token))
						isSame(t, "CurrentTask", CurrentTask() == Awaitable(task), true)
					}()
					defer func() {
						r.add("a wait does not return")
						Sleep(time.Second)
						t.Error("it returned")
					}()
					defer func() { r.add("deferred last, %q", ctxVar.Get()) }()
					m.wait()
					t.Error("it returned")
					return nil
				})
				giveWay(t, 5)
				return 0, nil
			})
			isErr(t, "RunUntilComplete", err, nil)
			r.is(t)
			isErr(t, "Close", l.Close(), nil)
			r.is(t, `deferred last, "task's"`, "a wait does not return", `deferred first, "task's", <nil>`)
			isSame(t, "IsClosed", l.IsClosed(), true)
			isSame(t, "Done", task.Done() && task.Cancelled(), true)
			isSame(t, "tasks", len(l.AllTasks()), 0)
			log.none(t)
			left()
		})
	}
}

// The same after Run's final cancellation, which they all take no notice of.
func TestRunEndsTasksThatGoOn(t *testing.T) {
	for _, clock := range []string{"virtual", "real"} {
		for _, d := range []time.Duration{0, time.Millisecond, time.Hour, NoTimeout} {
			t.Run(fmt.Sprint(clock, " ", d), func(t *testing.T) {
				left := countGoroutines(t)
				log := new(reportLog)
				opt := WithDebug(false)
				if clock == "virtual" {
					opt = WithClock(NewVirtualClock())
				}
				waits, ended, began := 0, 0, time.Now()
				var task *Task[struct{}]
				_, err := Run(func() (int, error) {
					l, _ := RunningLoop()
					l.SetExceptionHandler(log.handle)
					task = Go(func() error {
						defer func() { ended++ }()
						for {
							_ = Sleep(d)
							waits++
						}
					})
					giveWay(t, 1)
					return 0, nil
				}, opt)
				isErr(t, "Run", err, nil)
				isSame(t, "ended", ended, 1)
				isSame(t, "Cancelled", task.Cancelled(), true)
				isSame(t, "the cancellation was delivered", waits > 0, true)
				if d := time.Since(began); d > 20*graceTime {
					t.Errorf("it took %v", d)
				}
				all := log.take()
				if len(all) != 1 || all[0].Task != AnyTask(task) || !errors.Is(all[0].Err, ErrCancelled) {
					t.Errorf("reported: %v", all)
				}
				left()
			})
		}
	}
}

// Cleaning up may take some time, and no more.
func TestGrace(t *testing.T) {
	var r trail
	var last time.Duration
	log := new(reportLog)
	_, err := Run(func() (int, error) {
		l, _ := RunningLoop()
		l.SetExceptionHandler(log.handle)
		for _, d := range []time.Duration{graceTime / 2, 2 * graceTime} {
			Go(func() error {
				defer func() { last = l.Time() }()
				defer r.add("%v ends", d)
				isErr(t, "Sleep", Sleep(time.Hour), ErrCancelled)
				isErr(t, "cleaning up", Sleep(d), nil)
				r.add("%v has cleaned up", d)
				return nil
			}, WithName(d.String()))
		}
		Go(func() error {
			defer r.add("the one that awaits ends")
			isErr(t, "Sleep", Sleep(time.Hour), ErrCancelled)
			NewFuture[int]().Await()
			t.Error("it returned")
			return nil
		})
		giveWay(t, 1)
		return 0, nil
	}, WithClock(NewVirtualClock()))
	isErr(t, "Run", err, nil)
	r.is(t, "2s ends", "500ms has cleaned up", "500ms ends", "the one that awaits ends")
	isSame(t, "time in the end", last <= graceTime, true)
	isSame(t, "reported", len(log.take()), 2)
}

// Tasks that make tasks, in their deferred functions as well, for ever or to wait for what never comes.
func TestRunEndsWhateverTasksMake(t *testing.T) {
	forever := func() error { _, err := NewFuture[int]().Await(); return err }
	var again func() error
	again = func() error { Go(again); return nil }
	var waiting func() error
	waiting = func() error {
		_ = Sleep(time.Millisecond)
		Go(waiting)
		return nil
	}
	for name, f := range map[string]func() error{
		"one that waits for ever, in a deferred function": func() error {
			defer Go(forever)
			return forever()
		},
		"one that waits for ever, when it is unwound": func() error {
			defer func() { Go(func() error { Sleep(0); return forever() }) }()
			for {
				_ = forever()
			}
		},
		"eager ones when it is unwound": func() error {
			defer func() { Go(forever, Eager()) }()
			for {
				_ = forever()
			}
		},
		"sleepers when it is unwound": func() error {
			for range 100 {
				defer Go(func() error {
					for {
						_ = Sleep(time.Hour)
					}
				}, Eager())
			}
			for {
				_ = Sleep(time.Hour)
			}
		},
		"itself, for ever":               again,
		"itself, for ever, after a wait": waiting,
		"callbacks for ever": func() error {
			l, _ := RunningLoop()
			var f func()
			f = func() { l.CallSoon(f) }
			f()
			return forever()
		},
	} {
		for _, clock := range []string{"virtual", "real"} {
			t.Run(name+", "+clock, func(t *testing.T) {
				left := countGoroutines(t)
				opt := WithDebug(false)
				if clock == "virtual" {
					opt = WithClock(NewVirtualClock())
				}
				_, err := Run(func() (int, error) {
					l, _ := RunningLoop()
					l.SetExceptionHandler(func(*EventLoop, ErrorContext) {})
					Go(f)
					giveWay(t, 2)
					return 0, nil
				}, opt)
				isErr(t, "Run", err, nil)
				left()
			})
		}
	}
}

// The same for Close, which cancels nothing.
func TestCloseEndsWhateverTasksMake(t *testing.T) {
	left := countGoroutines(t)
	l := NewEventLoop()
	var r trail
	RunUntilComplete(l, func() (int, error) {
		Go(func() error {
			defer func() {
				p, _ := panicOf(func() { Go(func() error { t.Error("it runs"); return nil }) }).(error)
				isErr(t, "Go while the loop closes", p, ErrLoopClosed)
				p, _ = panicOf(func() { Go(func() error { t.Error("it runs"); return nil }, Eager()) }).(error)
				isErr(t, "eager Go while the loop closes", p, ErrLoopClosed)
				panicOf(func() { l.CallSoon(func() { t.Error("it is called") }) })
				panicOf(func() { l.CallLater(0, func() { t.Error("it is called") }) })
				isErr(t, "SetResult", NewFuture[int]().SetResult(1), nil)
				isErr(t, "Close", l.Close(), ErrLoopRunning)
				r.add("deferred")
			}()
			return Sleep(time.Hour)
		})
		Go(func() error {
			defer r.add("panics")
			defer func() { panic("while it is unwound") }()
			return Sleep(time.Hour)
		}).AddDoneCallback(func(*Task[struct{}]) { t.Error("it is called") })
		giveWay(t, 1)
		return 0, nil
	})
	l.SetExceptionHandler(func(_ *EventLoop, c ErrorContext) { r.add("reported: %v", c.Err) })
	isErr(t, "Close", l.Close(), nil)
	r.is(t, "deferred", "panics", "reported: asyncio: panic: while it is unwound")
	left()
}

// Tasks that have not begun never do; what is scheduled is not called.
func TestCloseDropsWhatIsScheduled(t *testing.T) {
	left := countGoroutines(t)
	l := NewEventLoop()
	log := new(reportLog)
	l.SetExceptionHandler(log.handle)
	var task *Task[struct{}]
	c := contextvars.NewContext()
	RunUntilComplete(l, func() (int, error) {
		task = Go(func() error { t.Error("it begins"); return nil }, WithContext(c))
		f := NewFuture[int]()
		f.SetResult(1)
		f.AddDoneCallback(func(*Future[int]) { t.Error("it is called") })
		l.CallSoon(func() { t.Error("it is called") })
		l.CallLater(0, func() { t.Error("it is called") })
		return 0, nil
	})
	l.CallSoonThreadsafe(func() { t.Error("it is called") })
	isErr(t, "Close", l.Close(), nil)
	isSame(t, "Cancelled", task.Cancelled(), true)
	log.none(t)
	c.Run(func() {})
	left()
}

func TestCloseTwice(t *testing.T) {
	l := NewEventLoop()
	isErr(t, "Close of one that never ran", l.Close(), nil)
	isErr(t, "Close again", l.Close(), nil)
	isSame(t, "IsClosed", l.IsClosed(), true)
	isSame(t, "Time", l.Time() >= 0, true)
	l.Stop()
	l.SetExceptionHandler(nil)
	isErr(t, "RunForever", l.RunForever(), ErrLoopClosed)
	_, err := RunUntilComplete(l, func() (int, error) { return 0, nil })
	isErr(t, "RunUntilComplete", err, ErrLoopClosed)

	for range 100 {
		l := NewEventLoop()
		RunUntilComplete(l, func() (int, error) {
			Go(func() error { return Sleep(time.Hour) })
			return 0, Sleep(0)
		})
		results := make(chan error, 2)
		for range 2 {
			go func() { results <- l.Close() }()
		}
		for range 2 {
			if err := <-results; err != nil && !errors.Is(err, ErrLoopRunning) {
				t.Errorf("Close of one that another goroutine closes: %v", err)
			}
		}
		isSame(t, "IsClosed", l.IsClosed(), true)
	}
}

// The tasks' context is entered by who closes the loop, and by others.
func TestCloseWhereContextIsEntered(t *testing.T) { // 110
	for _, how := range []string{"before", "by asking", "by asking itself", "before the first step"} {
		for _, who := range []string{"same", "another"} {
			t.Run(how+", "+who, func(t *testing.T) {
				left := countGoroutines(t)
				l := NewEventLoop()
				c := contextvars.NewContext()
				var task *Task[struct{}]
				var r trail
				RunUntilComplete(l, func() (int, error) {
					body := func() error {
						ctxVar.Set("task's")
						defer func() { r.add("deferred, %s", ctxVar.Get()) }()
						if how == "by asking itself" {
							CurrentTask().(AnyTask).Context()
						}
						return Sleep(time.Hour)
					}
					if how == "before" {
						task = Go(body, WithContext(c))
					} else {
						task = Go(body)
					}
					if how == "before the first step" {
						task.Context()
					}
					giveWay(t, 1)
					return 0, nil
				})
				c = task.Context()
				end := func() {
					c.Run(func() {
						isSame(t, "in the task's context", ctxVar.Get(), "task's")
						isErr(t, "Close", l.Close(), nil)
						ctxVar.Set("closer's")
					})
				}
				if who == "same" {
					end()
				} else {
					onGoroutine(end)
				}
				r.is(t, "deferred, task's")
				isSame(t, "Cancelled", task.Cancelled(), true)
				value, _ := ctxVar.In(c)
				isSame(t, "in the end", value, "closer's")
				left()
			})
		}
	}
}

// A goroutine that never leaves the context does not keep the loop from ending, unless the task has something open
// in it.
func TestCloseWhereContextIsEnteredElsewhere(t *testing.T) { // 110
	for name, in := range map[string]func(f func()){
		"":               func(f func()) { f() },
		"in With":        func(f func()) { ctxVar.With("x", f) },
		"in pprof.Do":    func(f func()) { withLabels(f, "k", "v") },
		"in Context.Run": func(f func()) { contextvars.NewContext().Run(f) },
		"in Lend":        contextvars.Lend,
		"in Detach":      contextvars.Detach,
		"in an Isolate": func(f func()) {
			contextvars.Isolate(func(yield func(int) bool) { f() })(func(int) bool { return true })
		},
	} {
		t.Run(name, func(t *testing.T) {
			left := countGoroutines(t)
			l := NewEventLoop()
			c := contextvars.NewContext()
			entered, leave, gone := make(chan bool), make(chan bool), make(chan bool)
			var r trail
			var tasks []*Task[struct{}]
			RunUntilComplete(l, func() (int, error) {
				tasks = append(tasks, Go(func() error {
					ctxVar.Set("task's")
					defer func() {
						r.add("deferred")
						isSame(t, "CurrentTask", CurrentTask() == Awaitable(tasks[0]), true)
						defer ctxVar.Set("set in a deferred function").Restore()
						defer r.add("deferred again")
						Sleep(time.Hour)
					}()
					in(func() { Sleep(0) })
					return nil
				}, WithContext(c)))
				giveWay(t, 1)
				tasks = append(tasks, Go(func() error { r.add("it begins"); return nil }, WithContext(c)))
				go func() {
					c.Run(func() { close(entered); <-leave; isSame(t, "elsewhere", ctxVar.Get() == "", false) })
					close(gone)
				}()
				<-entered
				giveWay(t, 2)
				return 0, nil
			})
			r.is(t)
			open := strings.Contains("in Context.Run in Lend in Detach in an Isolate", name) && name != ""
			if open {
				l.CallSoonThreadsafe(func() {}) // it is not called
				time.AfterFunc(time.Millisecond, func() { close(leave) })
			}
			isErr(t, "Close", l.Close(), nil)
			r.is(t, "deferred", "deferred again")
			for _, task := range tasks {
				isSame(t, "Cancelled", task.Cancelled(), true)
			}
			if !open {
				close(leave)
			}
			<-gone
			c.Run(func() {})
			left()
		})
	}
}

// Goroutines that wait for something of the loop get to know that it is closed.
func TestCloseTellsThoseWhoWait(t *testing.T) {
	left := countGoroutines(t)
	l := NewEventLoop()
	var f *Future[int]
	var task *Task[struct{}]
	RunUntilComplete(l, func() (int, error) {
		f, task = NewFuture[int](), Go(func() error { return Sleep(time.Hour) })
		return 0, nil
	})
	results := make(chan error, 20)
	for range 10 {
		go func() { _, err := f.Await(); results <- err }()
		go func() { _, err := task.Await(); results <- err }()
	}
	for len(results) == 0 && !l.inbox.filled.Load() {
		runtime.Gosched()
	}
	l.Close()
	closed, cancelled := 0, 0
	for range 20 {
		switch err := <-results; {
		case errors.Is(err, ErrLoopClosed):
			closed++
		case errors.Is(err, ErrCancelled):
			cancelled++
		default:
			t.Errorf("Await: %v", err)
		}
	}
	if closed < 10 || closed+cancelled != 20 {
		t.Errorf("%d were told that the loop is closed, %d that the task was cancelled", closed, cancelled)
	}
	left()
}

// runtime.Goexit in all the places where there is somebody to be woken.
func TestGoexitEverywhere(t *testing.T) {
	onLoop(t, func(l *EventLoop, log *reportLog) {
		for round := range 50 {
			task := Go(func() error {
				switch round % 5 {
				case 0:
					Sleep(0)
				case 1:
					Sleep(time.Second)
				case 2:
					defer Sleep(time.Second)
				case 3:
					defer func() {
						defer func() { recover() }()
						panic("recovered")
					}()
				case 4:
					Go(func() error { runtime.Goexit(); return nil }, Eager()).Err()
				}
				runtime.Goexit()
				return nil
			})
			waiter := Go(func() error { _, err := task.Await(); return err })
			l.CallLater(time.Second, func() { runtime.Goexit() })
			_, err := waiter.Await()
			isErr(t, fmt.Sprint(round), err, ErrGoexit)
		}
		Sleep(time.Minute)
		isSame(t, "reported", len(log.take()), 50)
		isSame(t, "tasks", len(l.AllTasks()), 1)
		if n := l.workers; n > 3 {
			t.Errorf("there are %d workers", n)
		}
	})
}

// A panic in a deferred function after Goexit: the task has that error, whether waits were in between.
func TestPanicWhileUnwinding(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		task := Go(func() error {
			defer func() { Sleep(time.Second); panic("later") }()
			runtime.Goexit()
			return nil
		})
		_, err := task.Await()
		var p *PanicError
		isSame(t, "a PanicError: "+fmt.Sprint(err), errors.As(err, &p) && p.Value == "later", true)
		isSame(t, "the stack leads here", strings.Contains(string(p.Stack), "TestPanicWhileUnwinding"), true)
	})
}
