package thirdparty_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dop251/goja"
	"github.com/dop251/goja_nodejs/eventloop"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

// onJS calls schedule where user is set to "the scheduler's", with a running loop whose starter has it set to
// "the loop starter's".
func onJS(t *testing.T, schedule func(loop *eventloop.EventLoop)) {
	t.Helper()
	loop := eventloop.NewEventLoop()
	user.With("the loop starter's", loop.Start)
	defer loop.Terminate()
	user.With("the scheduler's", func() { schedule(loop) })
}

// jsSeen is seen for what a loop calls, more than once if need be.
func jsSeen() (job func(*goja.Runtime), got chan string) {
	got = make(chan string, 1)
	return func(*goja.Runtime) {
		select {
		case got <- user.Get():
		default: // one is enough
		}
		user.Set("leftover")
	}, got
}

// three are the ways in which a loop is given a function to call. stop ends what repeats.
var three = map[string]func(loop *eventloop.EventLoop, job func(*goja.Runtime)) (stop func()){
	"RunOnLoop": func(loop *eventloop.EventLoop, job func(*goja.Runtime)) func() {
		loop.RunOnLoop(job)
		return func() {}
	},
	"SetTimeout": func(loop *eventloop.EventLoop, job func(*goja.Runtime)) func() {
		loop.SetTimeout(job, time.Millisecond)
		return func() {}
	},
	"SetInterval": func(loop *eventloop.EventLoop, job func(*goja.Runtime)) func() {
		i := loop.SetInterval(job, time.Millisecond)
		return func() { loop.ClearInterval(i) }
	},
}

func TestLoopJSWithoutHelp(t *testing.T) {
	for name, give := range three {
		t.Run(name, func(t *testing.T) {
			onJS(t, func(loop *eventloop.EventLoop) {
				for _, sees := range []string{"the loop starter's", "leftover"} {
					job, got := jsSeen()
					stop := give(loop, job)
					want(t, "the job sees", <-got, sees)
					stop()
				}
			})
		})
	}
}

func TestLoopJSWithBind(t *testing.T) {
	for name, give := range three {
		t.Run(name, func(t *testing.T) {
			onJS(t, func(loop *eventloop.EventLoop) {
				var sees []string
				var stop func()
				got := make(chan []string)
				last := 2 // firings of an interval
				if name != "SetInterval" {
					last = 1
				}
				job := cv.Bind1(func(*goja.Runtime) {
					sees = append(sees, user.Get())
					user.Set("leftover")
					if len(sees) == last {
						got <- sees
					}
				})
				stop = give(loop, job)
				for _, s := range <-got {
					want(t, "the job sees", s, "the scheduler's")
				}
				stop()
				unbound, left := jsSeen()
				loop.RunOnLoop(unbound)
				want(t, "nothing is left: an unbound job sees", <-left, "the loop starter's")
			})
		})
	}
}

// Several goroutines, each with a value of its own, schedule at the same time on two loops.
func TestLoopJSFromOtherGoroutines(t *testing.T) {
	loops := []*eventloop.EventLoop{eventloop.NewEventLoop(), eventloop.NewEventLoop()}
	for _, loop := range loops {
		loop.Start()
		defer loop.Terminate()
	}
	var goroutines, jobs sync.WaitGroup
	for i := range 20 {
		goroutines.Go(func() {
			name := fmt.Sprint("user ", i)
			defer user.Set(name).Restore()
			for n := range 50 {
				jobs.Add(1)
				job := cv.Bind1(func(*goja.Runtime) {
					defer jobs.Done()
					if got := user.Get(); got != name {
						t.Errorf("a job of %s sees %q", name, got)
					}
					user.Set("leftover")
				})
				if n%2 == 0 {
					loops[i%2].RunOnLoop(job)
				} else {
					loops[i%2].SetTimeout(job, time.Duration(n)*time.Microsecond)
				}
			}
		})
	}
	goroutines.Wait()
	jobs.Wait()
}

// download is a JavaScript program that waits for promises, which Go functions resolve: download(user) starts
// a goroutine, report says what it sees.
const download = `
	async function visit(user) {
		report(user, "before");
		const page = await download(user);
		report(user, "after " + page);
		await download(user).then(page => report(user, "then " + page));
		report(user, "done");
	}
`

// JavaScript has one stack for all. What a promise's reactions see is the context of the job that resolves it,
// which is bound on the goroutine that has the answer.
func TestLoopJSPromises(t *testing.T) {
	onJS(t, func(loop *eventloop.EventLoop) {
		var reports []string
		done := make(chan error, 1)
		names := []string{"alice", "bob", "carol"}
		loop.RunOnLoop(func(vm *goja.Runtime) {
			_ = vm.Set("download", func(name string) *goja.Promise {
				promise, resolve, reject := vm.NewPromise()
				who := user.Get()
				go func() { // has the context that download was called in
					loop.RunOnLoop(cv.Bind1(func(*goja.Runtime) {
						if user.Get() != who {
							_ = reject("lost")
						}
						_ = resolve("page of " + user.Get())
					}))
				}()
				return promise
			})
			_ = vm.Set("report", func(name, what string) {
				reports = append(reports, fmt.Sprintf("%s, %s: %s", name, what, user.Get()))
				if what == "done" && len(reports) == 4*len(names) {
					done <- nil
				}
			})
			if _, err := vm.RunString(download); err != nil {
				done <- err
			}
		})
		for _, name := range names {
			user.With(name, func() {
				loop.RunOnLoop(cv.Bind1(func(vm *goja.Runtime) {
					visit, _ := goja.AssertFunction(vm.Get("visit"))
					if _, err := visit(nil, vm.ToValue(name)); err != nil {
						done <- err
					}
				}))
			})
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the promises are not resolved")
		}
		for _, name := range names {
			for _, what := range []string{"before", "after page of " + name, "then page of " + name, "done"} {
				if line := fmt.Sprintf("%s, %s: %s", name, what, name); !slices.Contains(reports, line) {
					t.Errorf("there is no %q in %q", line, reports)
				}
			}
		}
	})
}

// earlyLoop runs before there is any variable: it is started while the package is initialised, and neither has
// heard of the other.
var earlyLoop = func() *eventloop.EventLoop {
	loop := eventloop.NewEventLoop()
	loop.Start()
	return loop
}()

func TestLoopJSStartedBeforeTheVariableWasMade(t *testing.T) {
	late := cv.New[int]("late")
	defer late.Set(1).Restore()
	got := make(chan int)
	earlyLoop.RunOnLoop(cv.Bind1(func(*goja.Runtime) { got <- late.Get() }))
	want(t, "the job sees", <-got, 1)
	earlyLoop.SetTimeout(cv.Bind1(func(*goja.Runtime) { got <- late.Get() }), 0)
	want(t, "the timer sees", <-got, 1)
}

// A task of an asyncio loop waits for what a JavaScript loop does. Each has its own context all the time.
func TestLoopJSAndAsyncio(t *testing.T) {
	onJS(t, func(loop *eventloop.EventLoop) {
		var tasks []*asyncio.Task[string]
		answers, err := asyncio.Run(func() ([]string, error) {
			for i := range 10 {
				tasks = append(tasks, asyncio.CreateTask(func() (string, error) {
					name := fmt.Sprint("task ", i)
					user.Set(name)
					answer := asyncio.NewFuture[string]()
					loop.RunOnLoop(cv.Bind1(func(*goja.Runtime) {
						_ = answer.SetResult(user.Get())
						user.Set("leftover")
					}))
					got, err := answer.Await()
					want(t, "the task sees afterwards", user.Get(), name)
					return got, err
				}))
			}
			return asyncio.Gather(tasks...)
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range answers {
			want(t, "the job sees", got, fmt.Sprint("task ", i))
		}
	})
}

// jsBind is contextvars.Bind1, or no help.
type jsBind = func(func(*goja.Runtime)) func(*goja.Runtime)

// jsSecond returns what the second of two jobs sees that are given to a loop in the same way.
func jsSecond(t *testing.T, name string, first func(), bind jsBind) (saw string) {
	onJS(t, func(loop *eventloop.EventLoop) {
		give := func(f func() string) string {
			got := make(chan string, 1)
			stop := three[name](loop, bind(func(*goja.Runtime) {
				saw := f()
				select {
				case got <- saw:
				default: // an interval, once more
				}
			}))
			defer stop()
			return <-got
		}
		give(func() string { first(); return "" })
		saw = give(sees)
	})
	return saw
}

// jsReaction returns what JavaScript sees behind an await of a promise, which a goroutine resolves
// that has the answer.
func jsReaction(t *testing.T, bind jsBind) (saw string) {
	onJS(t, func(loop *eventloop.EventLoop) {
		got := make(chan string, 1)
		resolvers := make(chan func(any) error, 1)
		loop.RunOnLoop(func(vm *goja.Runtime) {
			promise, resolve, _ := vm.NewPromise()
			noError(t, vm.Set("answer", promise))
			noError(t, vm.Set("report", func() { got <- sees() }))
			_, err := vm.RunString("(async () => { await answer; report() })()")
			noError(t, err)
			resolvers <- resolve
		})
		resolve := <-resolvers
		user.With("the answerer's", func() {
			loop.RunOnLoop(bind(func(*goja.Runtime) { noError(t, resolve(1)) }))
		})
		saw = <-got
	})
	return saw
}

func loopJSRows(t *testing.T) (rows []matrix.Row) {
	const module = "github.com/dop251/goja_nodejs"
	nothing := func() {}
	bind := cv.Bind1[*goja.Runtime]
	for _, name := range []string{"RunOnLoop", "SetTimeout", "SetInterval"} {
		rows = append(rows, matrix.Row{
			Where: "goja_nodejs: `" + name + "`", Module: module, Help: "`Bind1` the function",
			Without: jsSecond(t, name, nothing, itself), With: jsSecond(t, name, nothing, bind),
		}, matrix.Row{
			Where: "goja_nodejs: `" + name + "`, after one that set the variable", Module: module,
			Help:    "`Bind1` each function",
			Without: jsSecond(t, name, leave, itself), With: jsSecond(t, name, leave, bind),
		})
	}
	return append(rows, matrix.Row{
		Where: "goja: JavaScript behind an `await`", Module: "github.com/dop251/goja",
		Help:    "`Bind1` the job that resolves the promise, on the goroutine that has the answer",
		Without: jsReaction(t, itself), With: jsReaction(t, bind),
	})
}
