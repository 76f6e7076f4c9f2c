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

// panicsClearly fails unless f panics with a text of this package's that has all of words.
func panicsClearly(t *testing.T, what string, f func(), words ...string) {
	t.Helper()
	text := fmt.Sprint(panicOf(f))
	ok := strings.HasPrefix(text, "asyncio: ")
	for _, w := range words {
		ok = ok && strings.Contains(text, w)
	}
	if !ok {
		t.Errorf("%s: panicked with %q; that has to begin with asyncio: and to contain %q", what, text, words)
	}
}

func TestNilArguments(t *testing.T) {
	var f func() (int, error)
	other := NewEventLoop()
	defer other.Close()
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		future, task := NewFuture[int](), Go(func() error { return nil })
		r := NewRunner()
		for name, call := range map[string]func(){
			"CreateTask":         func() { CreateTask(f) },
			"Go":                 func() { Go(nil) },
			"CallSoon":           func() { l.CallSoon(nil) },
			"CallSoonThreadsafe": func() { l.CallSoonThreadsafe(nil) },
			"CallLater":          func() { l.CallLater(time.Second, nil) },
			"CallAt":             func() { l.CallAt(time.Second, nil) },
			"AddDoneCallback":    func() { future.AddDoneCallback(nil) },
			"AddDoneCallback ":   func() { task.AddDoneCallback(nil) },
			"Run":                func() { Run(f) },
			"RunIn":              func() { RunIn(r, f) },
			"RunUntilComplete":   func() { RunUntilComplete(other, f) },
			"WithLoopFactory":    func() { WithLoopFactory(nil) },
			"WithClock":          func() { WithClock(nil) },
			"WithContext":        func() { WithContext(nil) },
			"SetError":           func() { future.SetError(nil) },
		} {
			panicsClearly(t, name, call, strings.TrimSpace(name), "nil")
			onGoroutine(func() { panicsClearly(t, name+" elsewhere", call, strings.TrimSpace(name), "nil") })
		}
		isSame(t, "Done", future.Done(), false)
		l.SetExceptionHandler(nil)
		l.SetTaskFactory(nil)
		task.Await()
	})
	main := func() (int, error) { t.Error("it runs"); return 0, nil }
	panicsClearly(t, "RunUntilComplete", func() { RunUntilComplete(nil, main) }, "RunUntilComplete", "nil")
	panicsClearly(t, "RunIn", func() { RunIn(nil, main) }, "RunIn", "nil")
	panicsClearly(t, "zero RunOption", func() { NewRunner(RunOption{}) }, "RunOption")
	panicsClearly(t, "zero RunOption", func() { Run(main, RunOption{}) }, "RunOption")
}

// The zero CallOption says nothing.
func TestZeroCallOption(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("mine")
		got, err := CreateTask(func() (string, error) { return ctxVar.Get(), nil }, CallOption{}, CallOption{}).Await()
		isSame(t, "in the task", got, "mine")
		isErr(t, "Await", err, nil)
	})
}

func TestWithoutLoop(t *testing.T) {
	for name, call := range map[string]func(){
		"CreateTask": func() { CreateTask(func() (int, error) { return 0, nil }) },
		"Go":         func() { Go(func() error { return nil }) },
		"NewFuture":  func() { NewFuture[int]() },
	} {
		err, _ := panicOf(call).(error)
		isErr(t, name, err, ErrNoRunningLoop)
		isSame(t, "the message names the call: "+fmt.Sprint(err), strings.Contains(fmt.Sprint(err), name), true)
	}
	isSame(t, "CurrentTask", CurrentTask(), nil)
	isSame(t, "AllTasks", AllTasks(), nil)
	isErr(t, "Sleep", Sleep(time.Microsecond), nil)
}

func TestResultsAtTheWrongTime(t *testing.T) {
	onLoop(t, func(l *EventLoop, log *reportLog) {
		f, task := NewFuture[int](), CreateTask(func() (int, error) { return 3, Sleep(0) })
		_, err := f.Result()
		isErr(t, "Result of a pending future", err, ErrInvalidState)
		_, err = task.Result()
		isErr(t, "Result of a pending task", err, ErrInvalidState)
		isSame(t, "it says of which: "+err.Error(), strings.Contains(err.Error(), task.Name()), true)
		isErr(t, "SetResult", f.SetResult(1), nil)
		isErr(t, "SetResult again", f.SetResult(2), ErrInvalidState)
		isErr(t, "SetError afterwards", f.SetError(ErrTimeout), ErrInvalidState)
		isSame(t, "Cancel afterwards", f.Cancel(), false)
		n, err := f.Await()
		isSame(t, "the first one counts", n, 1)
		isErr(t, "Await", err, nil)
		task.Await()

		// Of two goroutines one is first; the other is told, or if it is too late for that, the handler.
		g := NewFuture[int]()
		errs := make(chan error, 2)
		for i := range 2 {
			go func() { errs <- g.SetResult(i) }()
		}
		late := 0
		for range 2 {
			if err := <-errs; err != nil {
				isErr(t, "SetResult", err, ErrInvalidState)
				late++
			}
		}
		g.Await()
		giveWay(t, 2)
		for _, c := range log.take() {
			isErr(t, "reported", c.Err, ErrInvalidState)
			isSame(t, "reported of", c.Future, Awaitable(g))
			late++
		}
		isSame(t, "late ones", late, 1)
	})
}

// Rings of tasks that wait for one another are found when the last one closes them.
func TestRingOfTasks(t *testing.T) {
	for _, n := range []int{1, 2, 3, 100} {
		onLoop(t, func(l *EventLoop, _ *reportLog) {
			tasks := make([]*Task[int], n)
			found := 0
			for i := range tasks {
				tasks[i] = CreateTask(func() (int, error) {
					m, err := tasks[(i+1)%n].Await()
					if errors.Is(err, ErrAwaitCycle) {
						isErr(t, "the ring", err, ErrInvalidState)
						isSame(t, "who closes it", i, n-1)
						found++
						return 1, nil
					}
					return m + 1, err
				})
			}
			m, err := tasks[0].Await()
			isSame(t, "sum", m, n)
			isErr(t, "Await", err, nil)
			isSame(t, "found", found, 1)
		})
	}
}

// healthy fails unless the loop does all it has to.
func healthy(t *testing.T, l *EventLoop, me Awaitable) {
	t.Helper()
	before := l.Time()
	var r trail
	task := CreateTask(func() (int, error) { r.add("task"); return 1, Sleep(time.Second) })
	l.CallSoon(func() { r.add("callback") })
	l.CallLater(time.Second, func() { r.add("timer") })
	Go(func() error { r.add("eager"); return nil }, Eager())
	task.AddDoneCallback(func(*Task[int]) { r.add("done callback") })
	n, err := task.Await()
	giveWay(t, 1)
	isSame(t, "result", n, 1)
	isErr(t, "Await", err, nil)
	isSame(t, "time", l.Time()-before, time.Second)
	r.is(t, "eager", "task", "callback", "timer", "done callback")
	isSame(t, "CurrentTask", CurrentTask() == me, true)
	isSame(t, "tasks", len(l.AllTasks()), 1)
}

// A panic or Goexit, with or without a wait before, in whatever the loop calls.
func TestPanicAndGoexitEverywhere(t *testing.T) {
	ways := map[string]func(){
		"panic":           func() { panic("p") },
		"panic(nil)":      func() { panic(nil) },
		"runtime error":   func() { var none []int; _ = none[len(none)] },
		"Goexit":          runtime.Goexit,
		"panic in Goexit": func() { defer func() { panic("p") }(); runtime.Goexit() },
		"panic in Goexit, recovered": func() {
			defer func() {
				defer func() { recover() }()
				panic("p")
			}()
			runtime.Goexit()
		},
		"Goexit in panic":  func() { defer runtime.Goexit(); panic("p") },
		"panic in panic":   func() { defer func() { panic("q") }(); panic("p") },
		"Goexit in Goexit": func() { defer runtime.Goexit(); runtime.Goexit() },
		"in Context.Run":   func() { contextvars.NewContext().Run(func() { panic("p") }) },
		"in an iterator":   func() { func(yield func(int) bool) { yield(1) }(func(int) bool { panic("p") }) },
		"in an eager task": func() { Go(func() error { defer runtime.Goexit(); panic("p") }, Eager()); panic("p") },
		"after a wait":     func() { Sleep(time.Second); panic("p") },
		"Goexit after a wait, and another in a deferred function": func() {
			defer Sleep(time.Second)
			Sleep(time.Second)
			runtime.Goexit()
		},
	}
	places := map[string]func(l *EventLoop, way func(), opts ...CallOption){
		"task": func(_ *EventLoop, way func(), opts ...CallOption) { Go(func() error { way(); return nil }, opts...) },
		"eager task": func(_ *EventLoop, way func(), opts ...CallOption) {
			Go(func() error { way(); return nil }, append(opts, Eager())...)
		},
		"callback": func(l *EventLoop, way func(), opts ...CallOption) { l.CallSoon(way, opts...) },
		"timer":    func(l *EventLoop, way func(), opts ...CallOption) { l.CallLater(time.Second, way, opts...) },
		"done callback": func(_ *EventLoop, way func(), opts ...CallOption) {
			f := NewFuture[int]()
			f.AddDoneCallback(func(*Future[int]) { way() }, opts...)
			f.SetResult(1)
		},
		"exception handler": func(l *EventLoop, way func(), opts ...CallOption) {
			l.CallSoon(func() {
				handler := l.handler.Load()
				l.SetExceptionHandler(func(*EventLoop, ErrorContext) {
					l.handler.Store(handler)
					way()
				})
				panic("for the handler")
			}, opts...)
		},
		"task factory": func(l *EventLoop, way func(), opts ...CallOption) {
			l.CallSoon(func() {
				l.SetTaskFactory(func(_ *EventLoop, opts []CallOption, create func(...CallOption) AnyTask) {
					l.SetTaskFactory(nil)
					create(opts...)
					way()
				})
				Go(func() error { return nil })
			}, opts...)
		},
		"task factory in a task": func(l *EventLoop, way func(), opts ...CallOption) {
			Go(func() error {
				l.SetTaskFactory(func(_ *EventLoop, opts []CallOption, create func(...CallOption) AnyTask) {
					l.SetTaskFactory(nil)
					way()
					create(opts...)
				})
				Go(func() error { return nil })
				return nil
			}, opts...)
		},
	}
	for place, put := range places {
		t.Run(place, func(t *testing.T) {
			stderrOf(t, func() {
				onLoop(t, func(l *EventLoop, log *reportLog) {
					me := CurrentTask()
					mine := me.(AnyTask).Context()
					// What nobody asks about is reported in the end.
					defer l.SetExceptionHandler(func(*EventLoop, ErrorContext) {})
					for how, way := range ways {
						for _, opts := range [][]CallOption{nil, {WithContext(contextvars.NewContext())}, {WithContext(mine)}} {
							ctxVar.Set("mine")
							func() {
								defer func() { recover() }()
								put(l, way, opts...)
							}()
							Sleep(time.Minute)
							if ctxVar.Get() != "mine" {
								t.Errorf("%s: in main's context there is %q", how, ctxVar.Get())
							}
							healthy(t, l, me)
							if t.Failed() {
								t.Fatalf("after %s", how)
							}
							log.take()
						}
					}
				})
			})
		})
	}
}

// Panics that are recovered, while Goexit goes on, change nothing.
func TestRecoveredPanicInGoexit(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var r trail
		for _, wait := range []bool{false, true} {
			task := Go(func() error {
				defer r.add("last")
				defer func() { r.add("recovered %v", recover()) }()
				defer func() {
					if wait {
						Sleep(time.Second)
					}
					panic("p")
				}()
				runtime.Goexit()
				return nil
			})
			_, err := task.Await()
			isErr(t, "Await", err, ErrGoexit)
			r.is(t, "recovered p", "last")
		}
	})
}
