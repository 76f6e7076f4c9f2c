package pondvars_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/alitto/pond/v2"

	"github.com/gocontextvars/contextvars/contrib/pondvars"
	"github.com/gocontextvars/contextvars/vartest"
)

// each runs a test with each way of submitting a job.
func each(t *testing.T, test func(t *testing.T, s surface)) {
	for name, s := range surfaces {
		t.Run(name, func(t *testing.T) { test(t, s) })
	}
}

func TestTaskSeesItsSubmitter(t *testing.T) {
	each(t, func(t *testing.T, s surface) {
		want(t, "the task sees", s.saw(t, ours, func() {}), "the submitter's")
	})
}

func TestTaskSeesNothingOfTheLastOne(t *testing.T) {
	each(t, func(t *testing.T, s surface) {
		want(t, "the task sees", s.saw(t, ours, leave), "the submitter's")
	})
}

func TestTaskOfNobodySeesNothing(t *testing.T) {
	each(t, func(t *testing.T, s surface) {
		give, stop := s(ours)
		defer stop()
		var saw string
		nobody := func(give submit) bool { return give(func() { saw = sees() }) }
		work(t, give, by("the first submitter's", leave), nobody)
		want(t, "the task sees", saw, nothing)
	})
}

func TestTaskSeesWhatWasSetAtItsSubmission(t *testing.T) {
	each(t, func(t *testing.T, s surface) {
		give, stop := s(ours)
		defer stop()
		var saw string
		defer who.Set("at the submission").Restore()
		work(t, give, func(give submit) bool {
			ok := give(func() { saw = sees() })
			who.Set("later")
			return ok
		})
		want(t, "the task sees", saw, "at the submission")
		want(t, "the submitter sees", sees(), "later")
	})
}

func TestWorkerHoldsNothingOfOthers(t *testing.T) {
	each(t, func(t *testing.T, s surface) {
		want(t, "the worker", s.holds(t, ours), "it holds nothing")
	})
}

// A task that is done and kept holds its result only.
func TestFinishedTaskHoldsNothing(t *testing.T) {
	p := pondvars.NewResultPool[int](1)
	defer p.StopAndWait()
	var task pond.ResultTask[int]
	w := holding(func() { task = p.Submit(func() int { return 7 }) })
	if _, err := task.Wait(); err != nil {
		t.Error(err)
	}
	want(t, "the task", holds(w, "the submitter's"), "it holds nothing")
	result, err := task.Wait()
	noError(t, err)
	want(t, "the result", result, 7)
}

func TestManySubmitters(t *testing.T) {
	each(t, func(t *testing.T, s surface) {
		submit, stop := s(ours)
		var submitters sync.WaitGroup
		var right atomic.Int64
		for i := range 10 {
			submitters.Go(func() {
				name := fmt.Sprint("submitter ", i)
				defer who.Set(name).Restore()
				for range 20 {
					submit(func() {
						if sees() == name {
							right.Add(1)
						}
						leave()
					})
				}
			})
		}
		submitters.Wait()
		stop()
		want(t, "tasks that saw their submitter's", right.Load(), 200)
	})
}

// A worker that the test has started goes on with somebody else's task when the test ends.
func TestNothingLeaks(t *testing.T) {
	each(t, func(t *testing.T, s surface) {
		give, stop := s(ours)
		defer stop()
		first, queued, begun, end := make(chan bool), make(chan bool), make(chan bool), make(chan bool)
		defer close(end)
		go func() {
			<-first
			give(func() { close(begun); <-end })
			close(queued)
		}()
		t.Run("user", func(t *testing.T) {
			vartest.VerifyNoLeak(t)
			vartest.Set(t, who, "the test's")
			give(func() { <-queued; leave() })
			close(first)
			<-begun
		})
	})
}

// pools are those of both types, with one worker.
var pools = map[string]func(m makers) (p pond.BasePool, submit func(job func())){
	"Pool": func(m makers) (pond.BasePool, func(func())) {
		p := m.pool(1)
		return p, func(job func()) { p.Submit(job) }
	},
	"ResultPool": func(m makers) (pond.BasePool, func(func())) {
		p := m.result(1)
		return p, func(job func()) { p.Submit(func() string { job(); return "" }) }
	},
}

// resizerHeld returns whose values a worker holds that Resize has started.
func resizerHeld(p pond.BasePool, submit func(func())) string {
	defer p.StopAndWait()
	end, begun := make(chan bool), make(chan bool)
	for range 2 {
		submit(func() { begun <- true; <-end })
	}
	<-begun
	w := holding(func() { p.Resize(2) })
	<-begun
	defer close(end)
	return holds(w, "the resizer's")
}

// stopperHeld returns whose values a goroutine holds that waits for the end.
func stopperHeld(p pond.BasePool, submit func(func())) string {
	end := make(chan bool)
	submit(func() { <-end })
	var stopped pond.Task
	w := holding(func() { stopped = p.Stop() })
	defer func() { close(end); _ = stopped.Wait() }()
	return holds(w, "the stopper's")
}

// Resize starts workers for tasks that wait.
func TestResizeHoldsNothing(t *testing.T) {
	for name, open := range pools {
		t.Run(name, func(t *testing.T) {
			want(t, "the worker", resizerHeld(open(ours)), "it holds nothing")
		})
	}
}

// Stop waits on a goroutine of pond's default pool.
func TestStopHoldsNothing(t *testing.T) {
	for name, open := range pools {
		t.Run(name, func(t *testing.T) {
			want(t, "the goroutine", stopperHeld(open(ours)), "it holds nothing")
		})
	}
}

var errOh = errors.New("oh")

func TestErrorsAndResultsArePassedOn(t *testing.T) {
	p := pondvars.NewPool(1)
	defer p.StopAndWait()
	fails := func() error { return errOh }
	tried, ok := p.TrySubmitErr(fails)
	want(t, "accepted", ok, true)
	for what, err := range map[string]error{
		"SubmitErr":       p.SubmitErr(fails).Wait(),
		"TrySubmitErr":    tried.Wait(),
		"group.SubmitErr": p.NewGroup().SubmitErr(noErr(func() {}), fails).Wait(),
	} {
		want(t, "the error of "+what, err, errOh)
	}

	r := pondvars.NewResultPool[string](1)
	defer r.StopAndWait()
	result, err := r.SubmitErr(func() (string, error) { return "result", errOh }).Wait()
	want(t, "the result beside an error", result, "result")
	want(t, "the error beside a result", err, errOh)
	one, two := func() string { return "1" }, func() string { return "2" }
	result, err = r.Submit(one).Wait()
	noError(t, err)
	want(t, "the result", result, "1")
	all, err := r.NewGroup().Submit(one, two).SubmitErr(noErrResult(one)).Wait()
	noError(t, err)
	want(t, "the group's results", fmt.Sprint(all), "[1 2 1]")
	_, err = r.NewGroup().SubmitErr(func() (string, error) { return "", errOh }).Wait()
	want(t, "the group's error", err, errOh)
}

func TestFullAndStoppedPools(t *testing.T) {
	p := pondvars.NewPool(1, pond.WithQueueSize(1), pond.WithNonBlocking(true))
	r := pondvars.NewResultPool[int](1, pond.WithQueueSize(1))
	end, begun := make(chan bool), make(chan bool)
	wait := func() { begun <- true; <-end }
	waitResult := func() int { wait(); return 0 }
	noError(t, p.Go(wait))
	r.Submit(waitResult)
	<-begun
	<-begun
	done := func() int { return 0 }
	noError(t, p.Go(func() {}))
	r.Submit(done)
	if err := p.Go(func() {}); !errors.Is(err, pond.ErrQueueFull) {
		t.Errorf("Go says %v, want %v", err, pond.ErrQueueFull)
	}
	_, ok := p.TrySubmit(func() {})
	want(t, "TrySubmit accepts", ok, false)
	_, ok = p.TrySubmitErr(func() error { return nil })
	want(t, "TrySubmitErr accepts", ok, false)
	_, ok = r.TrySubmit(done)
	want(t, "TrySubmit of results accepts", ok, false)
	_, ok = r.TrySubmitErr(func() (int, error) { return 0, nil })
	want(t, "TrySubmitErr of results accepts", ok, false)
	close(end)
	p.StopAndWait()
	r.StopAndWait()
	if err := p.Go(func() {}); !errors.Is(err, pond.ErrPoolStopped) {
		t.Errorf("a stopped pool says %v, want %v", err, pond.ErrPoolStopped)
	}
	if _, err := r.Submit(done).Wait(); !errors.Is(err, pond.ErrPoolStopped) {
		t.Errorf("a stopped pool says %v, want %v", err, pond.ErrPoolStopped)
	}
}

func TestPanicIsAnError(t *testing.T) {
	p := pondvars.NewPool(1)
	defer p.StopAndWait()
	err := p.Submit(func() { leave(); panic(errOh) }).Wait()
	if !errors.Is(err, pond.ErrPanic) || !errors.Is(err, errOh) {
		t.Errorf("got %v", err)
	}
}

func TestOptionsAndSizesArePassedOn(t *testing.T) {
	p := pondvars.NewPool(3, pond.WithQueueSize(5))
	defer p.StopAndWait()
	sub := p.NewSubpool(2, pond.WithQueueSize(4))
	defer sub.StopAndWait()
	r := pondvars.NewResultPool[int](3, pond.WithQueueSize(5))
	defer r.StopAndWait()
	subResult := r.NewSubpool(2, pond.WithQueueSize(4))
	defer subResult.StopAndWait()
	got := func(p pond.BasePool) string { return fmt.Sprint(p.MaxConcurrency(), p.QueueSize()) }
	want(t, "a pool", got(p), "3 5")
	want(t, "a subpool", got(sub), "2 4")
	want(t, "a pool with results", got(r), "3 5")
	want(t, "its subpool", got(subResult), "2 4")
	p.Resize(7)
	r.Resize(7)
	want(t, "a resized pool", got(p), "7 5")
	want(t, "a resized pool with results", got(r), "7 5")
}

func TestGroupHasTheGivenContext(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(context.Background(), key{}, 1)
	p := pondvars.NewPool(1)
	defer p.StopAndWait()
	want(t, "the group's ctx has", p.NewGroupContext(ctx).Context().Value(key{}), any(1))
	r := pondvars.NewResultPool[int](1)
	defer r.StopAndWait()
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := r.NewGroupContext(ctx).Submit(func() int { return 0 }).Wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestWrap(t *testing.T) {
	wrapped := func(n int, o ...pond.Option) pond.Pool { return pondvars.Wrap(pond.NewPool(n, o...)) }
	wrappedResult := func(n int, o ...pond.Option) pond.ResultPool[string] {
		return pondvars.WrapResult(pond.NewResultPool[string](n, o...))
	}
	m := makers{wrapped, wrappedResult}
	for _, s := range []string{"Pool.Submit", "ResultPool.Submit"} {
		want(t, "the task sees, by "+s, surfaces[s].saw(t, m, leave), "the submitter's")
		want(t, "the worker", surfaces[s].holds(t, m), "it holds nothing")
	}
}

func TestDefaultPool(t *testing.T) {
	sub := pondvars.NewSubpool(1)
	defer sub.StopAndWait()
	for what, submit := range map[string]submit{
		"Submit":     func(job func()) bool { return pondvars.Submit(job).Wait() == nil },
		"SubmitErr":  func(job func()) bool { return pondvars.SubmitErr(noErr(job)).Wait() == nil },
		"NewGroup":   func(job func()) bool { return pondvars.NewGroup().Submit(job).Wait() == nil },
		"NewSubpool": func(job func()) bool { return sub.Submit(job).Wait() == nil },
	} {
		var saw string
		defer who.Set("the submitter's").Restore()
		want(t, what, submit(func() { saw = sees(); leave() }), true)
		want(t, "the task sees, by "+what, saw, "the submitter's")
		want(t, "the submitter sees, after "+what, sees(), "the submitter's")
	}
}

func TestNilIsRefused(t *testing.T) {
	p := pondvars.NewPool(1)
	defer p.StopAndWait()
	r := pondvars.NewResultPool[int](1)
	defer r.StopAndWait()
	did := false
	for what, call := range map[string]func(){
		"Submit":                    func() { pondvars.Submit(nil) },
		"SubmitErr":                 func() { pondvars.SubmitErr(nil) },
		"Pool.Go":                   func() { _ = p.Go(nil) },
		"Pool.Submit":               func() { p.Submit(nil) },
		"Pool.SubmitErr":            func() { p.SubmitErr(nil) },
		"Pool.TrySubmit":            func() { p.TrySubmit(nil) },
		"Pool.TrySubmitErr":         func() { p.TrySubmitErr(nil) },
		"TaskGroup.Submit":          func() { p.NewGroup().Submit(func() { did = true }, nil) },
		"TaskGroup.SubmitErr":       func() { p.NewGroup().SubmitErr(nil) },
		"ResultPool.Submit":         func() { r.Submit(nil) },
		"ResultPool.SubmitErr":      func() { r.SubmitErr(nil) },
		"ResultPool.TrySubmit":      func() { r.TrySubmit(nil) },
		"ResultPool.TrySubmitErr":   func() { r.TrySubmitErr(nil) },
		"ResultTaskGroup.Submit":    func() { r.NewGroup().Submit(nil) },
		"ResultTaskGroup.SubmitErr": func() { r.NewGroup().SubmitErr(nil) },
		"Wrap":                      func() { pondvars.Wrap(nil) },
		"WrapResult":                func() { pondvars.WrapResult[int](nil) },
	} {
		t.Run(what, func(t *testing.T) {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "pondvars: "+what+" was given a nil ") {
					t.Errorf("panicked with %q", text)
				}
			}()
			call()
		})
	}
	p.StopAndWait()
	want(t, "the task beside a nil one was done", did, false)
}

// A method that pond adds and that starts anything has to be written here, too: the
// embedded pool would take it unbound.
func TestInterfacesAreKnown(t *testing.T) {
	base := []string{"CanceledTasks", "CompletedTasks", "Context", "DroppedTasks", "FailedTasks", "MaxConcurrency",
		"NewGroup", "NewGroupContext", "NewSubpool", "NonBlocking", "QueueSize", "Resize", "RunningWorkers", "Stop",
		"StopAndWait", "Stopped", "Submit", "SubmitErr", "SubmittedTasks", "SuccessfulTasks", "TrySubmit", "TrySubmitErr",
		"WaitingTasks"}
	for _, i := range []struct {
		of   reflect.Type
		want []string
	}{
		{reflect.TypeFor[pond.Pool](), append([]string{"Go"}, base...)},
		{reflect.TypeFor[pond.ResultPool[int]](), base},
		{reflect.TypeFor[pond.TaskGroup](), []string{"Context", "Done", "Stop", "Submit", "SubmitErr", "Wait"}},
		{reflect.TypeFor[pond.ResultTaskGroup[int]](), []string{"Done", "Stop", "Submit", "SubmitErr", "Wait"}},
	} {
		var got []string
		for m := range i.of.Methods() {
			got = append(got, m.Name)
		}
		slices.Sort(got)
		slices.Sort(i.want)
		if !slices.Equal(got, i.want) {
			t.Errorf("%v has the methods\n%q, want\n%q", i.of, got, i.want)
		}
	}
}
