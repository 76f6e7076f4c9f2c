package asyncio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

// Each way to come to the exception handler by a task or callback in whose context ctxVar is "inside".
var mishaps = []struct {
	name  string
	cause func(l *EventLoop, opts ...CallOption)
}{
	{"callback panics", func(l *EventLoop, opts ...CallOption) {
		l.CallSoon(func() { ctxVar.Set("inside"); panic("p") }, opts...)
	}},
	{"callback calls Goexit", func(l *EventLoop, opts ...CallOption) {
		l.CallSoon(func() { ctxVar.Set("inside"); runtime.Goexit() }, opts...)
	}},
	{"timer panics", func(l *EventLoop, opts ...CallOption) {
		l.CallLater(time.Second, func() { ctxVar.Set("inside"); panic("p") }, opts...)
	}},
	{"done callback panics", func(l *EventLoop, opts ...CallOption) {
		f := NewFuture[int]()
		f.SetResult(1)
		f.AddDoneCallback(func(*Future[int]) { ctxVar.Set("inside"); panic("p") }, opts...)
	}},
	{"task fails and nobody asks", func(l *EventLoop, opts ...CallOption) {
		Go(func() error { ctxVar.Set("inside"); return errors.New("boom") }, opts...)
	}},
	{"task panics and nobody asks", func(l *EventLoop, opts ...CallOption) {
		Go(func() error { ctxVar.Set("inside"); panic("p") }, opts...)
	}},
	{"task calls Goexit and nobody asks", func(l *EventLoop, opts ...CallOption) {
		Go(func() error { ctxVar.Set("inside"); runtime.Goexit(); return nil }, opts...)
	}},
	{"future fails and nobody asks", func(l *EventLoop, opts ...CallOption) {
		l.CallSoon(func() {
			ctxVar.Set("inside")
			NewFuture[int]().SetError(errors.New("boom"))
		}, opts...)
	}},
	{"task calls CallExceptionHandler", func(l *EventLoop, opts ...CallOption) { // 143: no trouble here
		Go(func() error {
			ctxVar.Set("inside")
			l.CallExceptionHandler(ErrorContext{Message: "m", Task: CurrentTask().(AnyTask)})
			return nil
		}, opts...)
	}},
}

func TestExceptionHandlerRunsWhereItHappened(t *testing.T) { // 109, 142, 143
	for _, m := range mishaps {
		for _, option := range []string{"no option", "WithContext"} {
			t.Run(m.name+", "+option, func(t *testing.T) {
				l := NewEventLoop()
				l.clock = NewVirtualClock()
				var seen []string
				l.SetExceptionHandler(func(of *EventLoop, c ErrorContext) {
					isSame(t, "loop", of == l, true)
					isSame(t, "Message is empty", c.Message == "", false)
					seen = append(seen, ctxVar.Get())
				})
				_, err := Run(func() (int, error) {
					ctxVar.Set("outside")
					var opts []CallOption
					if option == "WithContext" {
						opts = append(opts, WithContext(contextvars.NewContext()))
					}
					m.cause(l, opts...)
					Sleep(time.Minute)
					for range 100 {
						if len(seen) > 0 {
							break
						}
						runtime.GC()
						time.Sleep(time.Millisecond) // for the clean-up of what is garbage
						giveWay(t, 1)
					}
					isSame(t, "outside", ctxVar.Get(), "outside")
					return 0, nil
				}, WithLoopFactory(func() *EventLoop { return l }))
				isErr(t, "Run", err, nil)
				isSame(t, "the handler saw", seen, []string{"inside"})
			})
		}
	}
}

// stderrOf returns what f writes to standard error.
func stderrOf(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stderr
	os.Stderr = w
	text := make(chan []byte)
	go func() {
		b, _ := io.ReadAll(r)
		text <- b
	}()
	defer func() { os.Stderr = old }()
	f()
	w.Close()
	return string(<-text)
}

func TestDefaultExceptionHandler(t *testing.T) {
	for _, m := range mishaps {
		text := stderrOf(t, func() {
			Run(func() (int, error) {
				l, _ := RunningLoop()
				m.cause(l)
				giveWay(t, 2)
				return 0, Sleep(2 * time.Second)
			}, WithClock(NewVirtualClock()))
		})
		if !strings.HasPrefix(text, "asyncio: ") || strings.Count(text, "asyncio: ") > 3 {
			t.Errorf("%s: printed\n%s", m.name, text)
		}
	}
}

func TestExceptionHandlerThatPanics(t *testing.T) { // 144
	for _, m := range mishaps {
		text := stderrOf(t, func() {
			called, went := 0, false
			_, err := Run(func() (int, error) {
				l, _ := RunningLoop()
				l.SetExceptionHandler(func(*EventLoop, ErrorContext) { called++; panic("the handler's own") })
				m.cause(l)
				Sleep(time.Minute)
				l.CallSoon(func() { went = true })
				giveWay(t, 1)
				return 0, nil
			}, WithClock(NewVirtualClock()))
			isErr(t, m.name, err, nil)
			isSame(t, m.name+": the loop lives on", went, true)
			isSame(t, m.name+": calls of the handler", called, 1)
		})
		if !strings.Contains(text, "the handler's own") || strings.Count(text, "asyncio: ") < 2 {
			t.Errorf("%s: printed\n%s", m.name, text)
		}
	}
}

func TestExceptionHandlerThatCallsGoexit(t *testing.T) { // 144
	for _, m := range mishaps {
		t.Run(m.name, func(t *testing.T) {
			left := countGoroutines(t)
			called, went := 0, 0
			l := NewEventLoop()
			l.clock = NewVirtualClock()
			text := stderrOf(t, func() {
				// What is reported when the loop ends is reported by Run's caller, who then is the one that exits.
				onGoroutine(func() {
					Run(func() (int, error) {
						l.SetExceptionHandler(func(*EventLoop, ErrorContext) { called++; runtime.Goexit() })
						for i := range 3 {
							m.cause(l)
							Sleep(time.Minute)
							task := Go(func() error { went++; return Sleep(time.Second) })
							l.CallSoon(func() { went++ })
							_, err := task.Await()
							isErr(t, "Await", err, nil)
							isSame(t, "the loop lives on", went, 2*i+2)
						}
						return 0, nil
					}, WithLoopFactory(func() *EventLoop { return l }))
				})
			})
			if called < 3 && !strings.Contains(m.name, "nobody asks") {
				t.Errorf("the handler was called %d times", called)
			}
			isSame(t, "steps", went, 6)
			isSame(t, "it is said that it did", strings.Count(text, "handler called runtime.Goexit"), called)
			isSame(t, "closed", l.IsClosed() && !l.IsRunning(), true)
			left()
		})
	}
}

// Handlers that use the loop.
func TestExceptionHandlerThatWaitsAndCreates(t *testing.T) {
	for _, m := range mishaps[:8] {
		t.Run(m.name, func(t *testing.T) {
			var r trail
			l := NewEventLoop()
			l.clock = NewVirtualClock()
			l.SetExceptionHandler(func(l *EventLoop, c ErrorContext) {
				if running, _ := RunningLoop(); running != nil { // else Run has ended
					r.add("%v", Sleep(time.Second) == ErrNotInTask)
					Go(func() error { r.add("task"); return Sleep(0) })
					Go(func() error { r.add("eager task"); return Sleep(0) }, Eager())
					l.CallSoon(func() { r.add("callback") })
				} else {
					r.add("afterwards")
				}
			})
			_, err := Run(func() (int, error) {
				m.cause(l)
				Sleep(time.Minute)
				return 0, nil
			}, WithLoopFactory(func() *EventLoop { return l }))
			isErr(t, "Run", err, nil)
			if len(r.steps) > 1 {
				r.is(t, "true", "eager task", "task", "callback")
			} else {
				r.is(t, "afterwards")
			}
		})
	}
}

// A failed task is reported when it is garbage, at the latest when the loop ends; and not if somebody
// asked.
func TestFailureThatNobodyAskedFor(t *testing.T) {
	boom := errors.New("boom")
	fail := func() error { return boom }
	l := NewEventLoop()
	log := new(reportLog)
	onThisLoop(t, l, log, func() {
		for _, ask := range []func(*Task[struct{}]){
			func(task *Task[struct{}]) { task.Await() },
			func(task *Task[struct{}]) { giveWay(t, 1); task.Result() },
			func(task *Task[struct{}]) { giveWay(t, 1); _ = task.Err() },
			func(task *Task[struct{}]) { onGoroutine(func() { go task.Await() }); giveWay(t, 1); task.Err() },
		} {
			ask(Go(fail))
		}
		runtime.GC()
		giveWay(t, 2)
		log.none(t)

		Go(fail, WithName("forgotten"))
		giveWay(t, 1)
		isCollected(t, "report of a task that is garbage", func() bool {
			giveWay(t, 1)
			for _, c := range log.take() {
				isErr(t, "reported", c.Err, boom)
				isSame(t, "it says which: "+c.Message, strings.Contains(c.Message, "forgotten"), true)
				return true
			}
			return false
		})
	})

	// Held until the end, by somebody who never asks.
	l = NewEventLoop()
	var held *Task[struct{}]
	_, err := Run(func() (int, error) {
		l.SetExceptionHandler(log.handle)
		held = Go(fail, WithName("held"))
		giveWay(t, 1)
		return 0, nil
	}, WithLoopFactory(func() *EventLoop { return l }))
	isErr(t, "Run", err, nil)
	all := log.take()
	if len(all) != 1 || !errors.Is(all[0].Err, boom) {
		t.Errorf("reported: %v", all)
	}
	runtime.KeepAlive(held)
}

// Failures whose tasks are collected just before the loop ends are reported, each once.
func TestFailuresAreNotLostAtClose(t *testing.T) {
	for round := range 20 {
		l := NewEventLoop()
		log := new(reportLog)
		l.SetExceptionHandler(log.handle)
		_, err := Run(func() (int, error) {
			for i := range 50 {
				Go(func() error { return fmt.Errorf("boom %d", i) })
			}
			giveWay(t, 1)
			runtime.GC()
			time.Sleep(time.Duration(round) * 50 * time.Microsecond) // while the loop does nothing, and so reports nothing
			return 0, nil
		}, WithLoopFactory(func() *EventLoop { return l }))
		isErr(t, "Run", err, nil)
		seen := map[string]int{}
		for _, c := range log.take() {
			seen[c.Err.Error()]++
		}
		for i := range 50 {
			if n := seen[fmt.Sprintf("boom %d", i)]; n != 1 {
				t.Fatalf("round %d: boom %d was reported %d times", round, i, n)
			}
		}
	}
}

// rude is an error whose methods misbehave.
type rude struct{ how string }

func (e rude) Error() string { return e.misbehave("Error") }

func (e rude) Unwrap() error { e.misbehave("Unwrap"); return nil }

func (e rude) misbehave(method string) string {
	switch e.how {
	case method + " panics":
		panic(e.how)
	case method + " exits":
		runtime.Goexit()
	}
	return "rude"
}

func TestErrorsThatMisbehave(t *testing.T) {
	for _, how := range []string{"Error panics", "Error exits", "Unwrap panics"} {
		for _, nobody := range []bool{false, true} {
			t.Run(fmt.Sprint(how, ", nobody asks: ", nobody), func(t *testing.T) {
				left := countGoroutines(t)
				finished := false
				stderrOf(t, func() {
					onGoroutine(func() {
						_, err := Run(func() (int, error) {
							l, _ := RunningLoop()
							task := Go(func() error { return rude{how} })
							f := NewFuture[int]()
							f.SetError(rude{how})
							l.CallSoon(func() { panic(rude{how}) })
							g := Go(func() error { panic(rude{how}) })
							if nobody {
								giveWay(t, 3)
							} else {
								_, err := task.Await()
								isSame(t, "Await", err, error(rude{how}))
								f.Await()
								g.Await()
							}
							finished = true
							return 0, nil
						}, WithClock(NewVirtualClock()))
						isErr(t, "Run", err, nil)
					})
				})
				isSame(t, "it came to its end", finished, true)
				left()
			})
		}
	}
}

func TestErrorContextString(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		task := Go(func() error { return nil }, WithName("n"))
		f := NewFuture[int]()
		c := ErrorContext{Message: "m", Err: ErrTimeout, Task: task, Future: f, Stack: []byte("stack")}
		isSame(t, "String", c.String(), "asyncio: m: timeout\n  Task(n, pending)\n  Future(pending)\nstack")
		isSame(t, "String of little", ErrorContext{Message: "m"}.String(), "asyncio: m")
		var b bytes.Buffer
		fmt.Fprint(&b, c)
		isSame(t, "printed", b.String(), c.String())
		task.Await()
	})
}

// A future that another goroutine has made fail, and that nobody asks: the handler sees what that goroutine saw.
func TestFailureFromElsewhere(t *testing.T) { // 142
	for _, how := range []string{"garbage", "held to the end"} {
		l := NewEventLoop()
		var seen []string
		var held *Future[int]
		_, err := Run(func() (int, error) {
			l.SetExceptionHandler(func(*EventLoop, ErrorContext) { seen = append(seen, ctxVar.Get()) })
			ctxVar.Set("waiting task's")
			func() {
				f := NewFuture[int]()
				if how != "garbage" {
					held = f
				}
				onGoroutine(func() {
					ctxVar.Set("setter's")
					isErr(t, "SetError", f.SetError(errors.New("boom")), nil)
				})
			}()
			giveWay(t, 2)
			if how == "garbage" {
				isCollected(t, "report", func() bool { giveWay(t, 1); return len(seen) > 0 })
			}
			return 0, nil
		}, WithLoopFactory(func() *EventLoop { return l }))
		isErr(t, "Run", err, nil)
		isSame(t, how+": the handler saw", seen, []string{"setter's"})
		runtime.KeepAlive(held)
	}
}
