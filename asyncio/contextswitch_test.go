package asyncio

import (
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

// Contexts that tasks, callbacks, the loop's caller and other goroutines enter in turns.

// isEntered fails unless c is.
func isEntered(t *testing.T, c *contextvars.Context) {
	t.Helper()
	if _, ok := panicOf(func() { c.Run(func() {}) }).(*contextvars.ReentryError); !ok {
		t.Error("the context can be entered")
	}
}

// A task that waits inside Context.Run has the context entered; another one whose context that is waits its turn.
func TestContextRunOverWait(t *testing.T) { // 110
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		var r trail
		holder := Go(func() error {
			c.Run(func() {
				r.add("in Run")
				ctxVar.Set("holder's")
				Sleep(time.Second)
				r.add("in Run still, sees %s", ctxVar.Get())
			})
			r.add("after Run, sees %q", ctxVar.Get())
			return Sleep(time.Second)
		})
		giveWay(t, 1)
		begins := Go(func() error { r.add("begins, sees %s", ctxVar.Get()); ctxVar.Set("set"); return nil }, WithContext(c))
		l.CallSoon(func() { r.add("callback sees %s", ctxVar.Get()) }, WithContext(c))
		giveWay(t, 3)
		r.add("others go on")
		isEntered(t, c)
		begins.Await()
		holder.Await()
		r.is(t, "in Run", "others go on", "in Run still, sees holder's", `after Run, sees ""`,
			"begins, sees holder's", "callback sees set")
	})
}

// The same for one that has begun already, and is woken meanwhile.
func TestContextRunOverWaitOfOneThatHasBegun(t *testing.T) { // 110
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		f := NewFuture[int]()
		task := CreateTask(func() (string, error) {
			ctxVar.Set("task's")
			_, err := f.Await()
			return ctxVar.Get(), err
		}, WithContext(c))
		giveWay(t, 1)
		c.Run(func() {
			isSame(t, "in Run", ctxVar.Get(), "task's")
			ctxVar.Set("mine")
			f.SetResult(1)
			Sleep(time.Second)
			isSame(t, "Done", task.Done(), false)
			task.Cancel("while it waits its turn") // C4: it is runnable
			Sleep(time.Second)
			isSame(t, "Done", task.Done(), false)
		})
		got, err := task.Await()
		isSame(t, "in the task", got, "mine")
		isErr(t, "Await", err, ErrCancelled)
	})
}

// The loop is run inside c.Run, and what runs in c has it lent.
func TestLoopInsideContextRun(t *testing.T) { // 110
	for _, depth := range []int{1, 3} {
		c, l := contextvars.NewContext(), NewEventLoop()
		l.clock = NewVirtualClock()
		var r trail
		inside := func(f func()) { c.Run(f) }
		for range depth - 1 { // others on top
			outer := inside
			inside = func(f func()) { outer(func() { contextvars.CopyContext().Run(f) }) }
		}
		var child *Task[struct{}]
		inside(func() {
			token := ctxVar.Set("caller's")
			_, err := RunUntilComplete(l, func() (int, error) {
				isSame(t, "in main", ctxVar.Get(), "caller's")
				ctxVar.Set("main's")
				l.CallSoon(func() { r.add("callback sees %q", ctxVar.Get()); ctxVar.Set("callback's") }, WithContext(c))
				child = Go(func() error {
					for i := range 3 {
						r.add("task sees %q", ctxVar.Get())
						ctxVar.Set(fmt.Sprint("task's ", i))
						contextvars.NewContext().Run(func() { Sleep(time.Second) })
					}
					return nil
				}, WithContext(c))
				l.CallLater(time.Second, func() { r.add("timer sees %q", ctxVar.Get()) }, WithContext(c))
				isEntered(t, c)
				isSame(t, "main's", ctxVar.Get(), "main's")
				return 0, Sleep(1500 * time.Millisecond)
			})
			isErr(t, "RunUntilComplete", err, nil)
			if depth == 1 {
				isSame(t, "of the caller afterwards", ctxVar.Get(), "task's 1")
				isErr(t, "Reset with a token of the caller's", ctxVar.Reset(token), nil)
				isSame(t, "of the caller afterwards", ctxVar.Get(), "")
				ctxVar.Set("caller's again")
			} else {
				isSame(t, "of the caller's inner context", ctxVar.Get(), "caller's")
			}
			l.CallSoon(func() { r.add("callback of the next run sees %q", ctxVar.Get()); l.Stop() }, WithContext(c))
			isErr(t, "RunForever", l.RunForever(), nil)
		})
		last := map[int]string{1: "caller's again", 3: "task's 1"}[depth]
		first := map[int]string{1: "caller's", 3: ""}[depth]
		r.is(t, fmt.Sprintf("callback sees %q", first), `task sees "callback's"`, `timer sees "task's 0"`,
			`task sees "task's 0"`, fmt.Sprintf("callback of the next run sees %q", last))
		// The task goes on where c is not entered, or is by another goroutine that runs the loop.
		onGoroutine(func() {
			c.Run(func() {
				RunUntilComplete(l, func() (int, error) {
					child.Await()
					return 0, nil
				})
				isSame(t, "of the caller", ctxVar.Get(), "task's 2")
			})
		})
		r.is(t, fmt.Sprintf("task sees %q", last))
		l.Close()
		c.Run(func() {})
	}
}

// Runner's own context, entered by who uses the runner.
func TestRunnerInsideItsContext(t *testing.T) { // 153
	r := NewRunner()
	defer r.Close()
	c, _ := RunIn(r, func() (*contextvars.Context, error) {
		ctxVar.Set("runner's")
		return CurrentTask().(AnyTask).Context(), nil
	})
	c.Run(func() {
		isSame(t, "outside, in the runner's context", ctxVar.Get(), "runner's")
		got, err := RunIn(r, func() (string, error) {
			ctxVar.Set(ctxVar.Get() + ", changed")
			return ctxVar.Get(), Sleep(0)
		})
		isSame(t, "inside", got, "runner's, changed")
		isErr(t, "RunIn", err, nil)
		isSame(t, "outside", ctxVar.Get(), got)
	})
}

// An eager task whose context somebody of the loop has entered begins at once all the same, or waits its turn;
// and its creator goes on.
func TestEagerTaskWhoseContextIsEntered(t *testing.T) { // 133
	c := contextvars.NewContext()
	var r trail
	body := func() error {
		r.add("begins, sees %q", ctxVar.Get())
		ctxVar.Set("eager's")
		Sleep(0)
		r.add("goes on, sees %q", ctxVar.Get())
		return nil
	}
	create := func() {
		ctxVar.Set("creator's")
		Go(body, WithContext(c), Eager())
		r.add("creator goes on, sees %q", ctxVar.Get())
		ctxVar.Set("creator's again")
	}
	for name, call := range map[string]func(l *EventLoop){
		"task in Context.Run": func(*EventLoop) { Go(func() error { c.Run(create); return nil }).Await() },
		"task in Context.Run twice": func(*EventLoop) {
			Go(func() error {
				c.Run(func() { contextvars.NewContext().Run(func() { contextvars.NewContext().Run(create) }) })
				return nil
			}).Await()
		},
		"callback":                func(l *EventLoop) { l.CallSoon(create, WithContext(c)) },
		"callback in Context.Run": func(l *EventLoop) { l.CallSoon(func() { c.Run(create) }) },
		"task in that context":    func(*EventLoop) { Go(func() error { create(); return nil }, WithContext(c)).Await() },
		"eager task in that context": func(*EventLoop) {
			Go(func() error { create(); return nil }, WithContext(c), Eager()).Await()
		},
		"task in that context, inside of another": func(*EventLoop) {
			Go(func() error { contextvars.CopyContext().Run(create); return nil }, WithContext(c)).Await()
		},
		"another task's Context.Run": func(*EventLoop) {
			other := Go(func() error {
				c.Run(func() { Sleep(time.Second) })
				return nil
			}, Eager())
			create()
			other.Await()
		},
	} {
		t.Run(name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				me := CurrentTask()
				call(l)
				Sleep(time.Minute)
				began, went, creator := 0, 0, 0
				for _, step := range r.steps {
					switch step[:4] {
					case "begi":
						began++
					case "goes":
						went++
					case "crea":
						creator++
					}
				}
				lent := name != "another task's Context.Run"
				if began != 1 || went != 1 || creator != 1 || lent != (r.steps[0][:4] == "begi") {
					t.Errorf("%q", r.steps)
				}
				r.steps = nil
				c.Run(func() { ctxVar.Unset() }) // it was left
				healthy(t, l, me)
			})
		})
	}
}

// An eager task enters its creator's context, by Run, over its first wait.
func TestEagerTaskKeepsItsCreatorsContext(t *testing.T) { // 133
	for _, whole := range []bool{false, true} {
		onLoop(t, func(l *EventLoop, _ *reportLog) {
			task := Go(func() error {
				mine := CurrentTask().(AnyTask).Context()
				_, err := Go(func() error { isEntered(t, mine); return nil }, Eager()).Await()
				return err
			})
			if whole {
				task.Context()
			}
			_, err := task.Await()
			isErr(t, "Await", err, nil)
		})
	}
}

// Other goroutines enter a context at the time of its task's steps and of callbacks.
func TestForeignGoroutineEntersContext(t *testing.T) { // 110
	for _, how := range []string{"given", "asked by another", "asked by itself"} {
		t.Run(how, func(t *testing.T) {
			onRealTime(t, func(l *EventLoop, _ *reportLog) {
				v := contextvars.New[int]("v")
				c := contextvars.NewContext()
				const steps = 300
				task := func(opts ...CallOption) *Task[int] {
					return CreateTask(func() (int, error) {
						if how == "asked by itself" {
							CurrentTask().(AnyTask).Context()
						}
						for i := range steps {
							v.Set(v.Get() + 1)
							if err := Sleep(time.Duration(i%5) * time.Microsecond); err != nil {
								return 0, err
							}
						}
						return v.Get(), nil
					}, opts...)
				}
				var tasks []*Task[int]
				if how == "given" {
					tasks = append(tasks, task(WithContext(c)), task(WithContext(c)))
				} else {
					tasks = append(tasks, task())
					giveWay(t, 1)
					c = tasks[0].Context()
				}
				var wg sync.WaitGroup
				entered := 0
				for range 2 {
					wg.Go(func() {
						for range steps {
							func() {
								defer func() {
									p := recover()
									if _, ok := p.(*contextvars.ReentryError); p != nil && !ok {
										panic(p)
									}
								}()
								c.Run(func() { v.Set(v.Get() + 1); entered++; runtime.Gosched() })
							}()
							runtime.Gosched()
						}
					})
				}
				called := 0
				for range steps {
					l.CallSoon(func() { v.Set(v.Get() + 1); called++ }, WithContext(c))
					giveWay(t, 1)
				}
				for _, task := range tasks {
					_, err := task.Await()
					isErr(t, "Await", err, nil)
				}
				end := NewFuture[int]()
				go func() { wg.Wait(); end.SetResult(1) }()
				end.Await()
				for range 1000 {
					if called == steps {
						break
					}
					giveWay(t, 1)
				}
				isSame(t, "callbacks", called, steps)
				total, _ := v.In(c)
				isSame(t, "sum of all who had it", total, len(tasks)*steps+entered+called)
			})
		})
	}
}

// Context of a task in each of its states, which then is entered.
func TestContextOfTaskInEachState(t *testing.T) { // 131
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("creator's")
		set := func(c *contextvars.Context, value string) (before string) {
			c.Run(func() { before = ctxVar.Get(); ctxVar.Set(value) })
			return before
		}
		var inStep *contextvars.Context
		task := CreateTask(func() (string, error) {
			got := ctxVar.Get()
			token := ctxVar.Set("first step's")
			Sleep(time.Second)
			got += ", " + ctxVar.Get()
			isErr(t, "Reset with a token of the task's", ctxVar.Reset(token), nil)
			got += ", " + ctxVar.Get()
			inStep = CurrentTask().(AnyTask).Context()
			ctxVar.Set("second step's")
			return got, nil
		})
		c := task.Context()
		isSame(t, "not begun", set(c, "before it begins"), "creator's")
		giveWay(t, 1)
		isSame(t, "waits", set(task.Context(), "while it waits"), "first step's")
		got, _ := task.Await()
		isSame(t, "in the task", got, "before it begins, while it waits, before it begins")
		isSame(t, "one context at all times", task.Context() == c && inStep == c, true)
		isSame(t, "finished", set(c, "afterwards"), "second step's")

		// Asked for the first time while it waits; while it runs; when it has ended.
		task = CreateTask(func() (string, error) {
			ctxVar.Set("first step's")
			Sleep(time.Second)
			return ctxVar.Get(), nil
		})
		giveWay(t, 1)
		c = task.Context()
		isSame(t, "waits", set(c, "while it waits"), "first step's")
		got, _ = task.Await()
		isSame(t, "in the task", got, "while it waits")
		isSame(t, "asked again", task.Context() == c, true)

		task = CreateTask(func() (string, error) {
			ctxVar.Set("first step's")
			c = CurrentTask().(AnyTask).Context()
			isEntered(t, c)
			value, _ := ctxVar.In(c)
			isSame(t, "value", value, "first step's")
			ctxVar.Set("first step's last")
			Sleep(time.Second)
			return ctxVar.Get(), nil
		})
		giveWay(t, 1)
		isSame(t, "waits", set(c, "while it waits"), "first step's last")
		got, _ = task.Await()
		isSame(t, "in the task", got, "while it waits")

		task = CreateTask(func() (string, error) { return "", nil })
		task.Await()
		isSame(t, "asked when it has ended", task.Context(), nil)

		// What it has entered on top stays there.
		other := contextvars.NewContext()
		task = CreateTask(func() (got string, err error) {
			ctxVar.Set("below")
			other.Run(func() {
				ctxVar.Set("on top")
				Sleep(time.Second)
				got = ctxVar.Get()
			})
			return got + ", " + ctxVar.Get(), nil
		})
		giveWay(t, 1)
		isSame(t, "waits", set(task.Context(), "changed below"), "below")
		got, _ = task.Await()
		isSame(t, "in the task", got, "on top, changed below")
	})
}

func TestTokensOfSharedContext(t *testing.T) { // 32
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		var token contextvars.Token[string]
		set := func() error { token = ctxVar.Set("set"); return nil }
		reset := func() error { return ctxVar.Reset(token) }
		in := []CallOption{WithContext(c)}
		Go(set, in...).Await()
		_, err := Go(reset).Await()
		isErr(t, "Reset by a task with another context", err, contextvars.ErrTokenContext)
		_, err = Go(reset, in...).Await()
		isErr(t, "Reset by another task with the same context", err, nil)
		l.CallSoon(func() { set() }, in...)
		giveWay(t, 1)
		_, err = Go(reset, in...).Await()
		isErr(t, "Reset of a callback's token by a task", err, nil)
		Go(set, in...).Await()
		c.Run(func() { isErr(t, "Reset in Context.Run", reset(), nil) })
		isSame(t, "Len", c.Len(), 0)

		// A token of a context that nobody can name.
		a := Go(func() error { set(); return Sleep(time.Second) })
		giveWay(t, 1)
		_, err = Go(reset).Await()
		isErr(t, "Reset of another task's token", err, contextvars.ErrTokenContext)
		_, err = Go(reset, WithContext(a.Context())).Await()
		isErr(t, "Reset in that task's context", err, nil)
		a.Await()
	})
}

func TestLocalVariables(t *testing.T) {
	local := contextvars.New[string]("local", contextvars.Local())
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		local.Set("main's")
		c := contextvars.NewContext()
		for _, opts := range [][]CallOption{nil, {Eager()}, {WithContext(c)}} {
			task := CreateTask(func() (string, error) {
				got := local.Get()
				local.Set("task's")
				Sleep(time.Second)
				return got + local.Get(), nil
			}, opts...)
			got, _ := task.Await()
			isSame(t, "in the task", got, "task's")
		}
		l.CallSoon(func() { isSame(t, "in a callback", local.Get(), ""); local.Set("callback's") })
		l.CallSoon(func() { isSame(t, "in a callback", local.Get(), "") })
		l.CallSoon(func() { isSame(t, "in a callback with the same context", local.Get(), "task's") }, WithContext(c))
		giveWay(t, 1)
		isSame(t, "in main", local.Get(), "main's")
		me := CurrentTask().(AnyTask).Context()
		CreateTask(func() (int, error) {
			isSame(t, "in a task with main's context", local.Get(), "main's")
			return 0, nil
		}, WithContext(me)).Await()
	})
}

// Waits in whatever a task may be in.
func TestWaitInside(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		other := contextvars.New[string]("other")
		c := contextvars.NewContext()
		for name, inside := range map[string]func(f func()){
			"With":        func(f func()) { other.With("x", f) },
			"Detach":      contextvars.Detach,
			"Lend":        contextvars.Lend,
			"Context.Run": func(f func()) { contextvars.NewContext().Run(f) },
			"Call": func(f func()) {
				contextvars.Call(contextvars.CopyContext(), func() (int, error) { f(); return 0, nil })
			},
			"Bind":     func(f func()) { contextvars.Bind(f)() },
			"pprof.Do": func(f func()) { withLabels(f, "k", "v") },
			"pprof.Do twice": func(f func()) {
				pprof.Do(context.Background(), pprof.Labels("k", "v"), func(ctx context.Context) {
					other.With("y", func() { pprof.Do(ctx, pprof.Labels("l", "w"), func(context.Context) { f() }) })
				})
			},
			"pprof.Do of ours": func(f func()) {
				ctx := contextvars.WithContext(context.Background(), contextvars.CopyContext())
				pprof.Do(ctx, pprof.Labels("k", "v"), func(context.Context) { f() })
			},
			"Isolate": func(f func()) {
				for range contextvars.Isolate(func(yield func(int) bool) { f(); yield(1); f() }) {
					f()
				}
			},
			"a generator's consumer": func(f func()) {
				for range contextvars.Isolate(func(yield func(int) bool) { other.Set("z"); yield(1); yield(2) }) {
					f()
				}
			},
		} {
			for _, opts := range [][]CallOption{nil, {WithContext(c)}, {Eager()}, {WithContext(c), Eager()}} {
				func() {
					run := func(i int) *Task[struct{}] {
						me := fmt.Sprint("task ", i)
						return Go(func() error {
							self := CurrentTask()
							token := other.Set(me)
							inside(func() {
								token := ctxVar.Set(me)
								for range 3 {
									isErr(t, "Sleep", Sleep(time.Duration(1+i)*time.Second), nil)
									isSame(t, "CurrentTask", CurrentTask() == self, true)
									if len(opts) == 0 || name == "Detach" || name == "Context.Run" || name == "Call" || name == "Bind" {
										isSame(t, "value", ctxVar.Get(), me)
									}
								}
								Go(func() error { return nil }).Await()
								if len(opts) == 0 {
									isErr(t, "Reset", ctxVar.Reset(token), nil)
								}
							})
							isSame(t, "CurrentTask", CurrentTask() == self, true)
							if len(opts) == 0 {
								isErr(t, "Reset", other.Reset(token), nil)
							}
							return nil
						}, opts...)
					}
					for _, task := range []*Task[struct{}]{run(0), run(1), run(2)} {
						_, err := task.Await()
						isErr(t, "Await", err, nil)
					}
					healthy(t, l, CurrentTask())
				}()
				if t.Failed() {
					t.Fatalf("%s, %d options", name, len(opts))
				}
			}
		}
		c.Run(func() {})
	})
}

// A pulled generator waits in its consumer's task, and stays in its own context.
func TestWaitInPulledGenerator(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		other := contextvars.New[string]("other")
		for _, opts := range [][]CallOption{nil, {WithContext(contextvars.NewContext())}} {
			_, err := Go(func() error {
				me := CurrentTask()
				ctxVar.Set("consumer's")
				if len(opts) > 0 { // others have their turns in the context, and are seen
					mine := me.(AnyTask).Context()
					defer func() { isSame(t, "what others set", other.Get(), "others'") }()
					Go(func() error { Sleep(500 * time.Millisecond); other.Set("others'"); return nil }, WithContext(mine))
				}
				next, stop := contextvars.IsolatePull(func(yield func(int) bool) {
					isSame(t, "at first", ctxVar.Get(), "consumer's")
					token := ctxVar.Set("generator's")
					for i := range 3 {
						isErr(t, "Sleep", Sleep(time.Second), nil)
						isSame(t, "after a wait", ctxVar.Get(), "generator's")
						isSame(t, "CurrentTask", CurrentTask() == me, true)
						if !yield(i) {
							return
						}
					}
					isErr(t, "Reset", ctxVar.Reset(token), nil)
					Go(func() error { return Sleep(time.Second) }).Await()
					isSame(t, "after Reset and a wait", ctxVar.Get(), "consumer's 2")
				})
				defer stop()
				for i := range 3 {
					n, ok := next()
					isSame(t, "value", n, i)
					isSame(t, "ok", ok, true)
					isSame(t, "CurrentTask", CurrentTask() == me, true)
					want := "consumer's"
					if i > 0 {
						want = fmt.Sprint("consumer's ", i-1)
					}
					isSame(t, "consumer's value", ctxVar.Get(), want)
					isSame(t, "what others set", other.Get() != "", len(opts) > 0)
					ctxVar.Set(fmt.Sprint("consumer's ", i))
					Sleep(time.Second)
				}
				_, ok := next()
				isSame(t, "ok at the end", ok, false)
				isSame(t, "consumer's value", ctxVar.Get(), "consumer's 2")
				return nil
			}, opts...).Await()
			isErr(t, "Await", err, nil)
		}
	})
}
