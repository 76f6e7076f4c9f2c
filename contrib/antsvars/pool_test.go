package antsvars_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/panjf2000/ants/v2"

	"github.com/gocontextvars/contextvars/contrib/antsvars"
	"github.com/gocontextvars/contextvars/vartest"
)

// each runs a test with each of the pools.
func each(t *testing.T, test func(t *testing.T, open opener)) {
	for name, open := range ours {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
}

func TestJobSeesItsSubmitter(t *testing.T) {
	each(t, func(t *testing.T, open opener) {
		c := open(t)
		want(t, "the job sees", c.saw(t, func() {}), "the submitter's")
		want(t, "workers", c.running(), 1)
	})
}

func TestJobSeesNothingOfTheLastOne(t *testing.T) {
	each(t, func(t *testing.T, open opener) {
		c := open(t)
		want(t, "the job sees", c.saw(t, leave), "the submitter's")
		c.do(t, func() { want(t, "a job of nobody sees", sees(), nothing) })
	})
}

func TestJobSeesWhatWasSetAtItsSubmission(t *testing.T) {
	each(t, func(t *testing.T, open opener) {
		c := open(t)
		set, got := make(chan bool), make(chan string, 1)
		defer who.Set("at the submission").Restore()
		noError(t, c.submit(func() { <-set; got <- sees() }))
		who.Set("later")
		close(set)
		want(t, "the job sees", <-got, "at the submission")
	})
}

func TestSubmitterSeesNothingOfTheJob(t *testing.T) {
	each(t, func(t *testing.T, open opener) {
		defer who.Set("the submitter's").Restore()
		open(t).do(t, leave)
		want(t, "the submitter sees", sees(), "the submitter's")
	})
}

// A worker that has been started for a job waits for others' jobs afterwards.
func TestIdleWorkerHoldsNothing(t *testing.T) {
	each(t, func(t *testing.T, open opener) {
		c := open(t)
		w := holding(func() { c.do(t, leave) })
		want(t, "the worker", holds(w, "the submitter's"), "it holds nothing")
		want(t, "workers", c.running(), 1)
	})
}

func TestBusyWorkerHoldsNothingOfOthers(t *testing.T) {
	each(t, func(t *testing.T, open opener) {
		c := open(t)
		w := holding(func() { c.do(t, leave) })
		c.do(t, func() { want(t, "the worker", holds(w, "the first submitter's"), "it holds nothing") })
	})
}

func TestPoolHoldsNothingOfItsMaker(t *testing.T) {
	each(t, func(t *testing.T, open opener) {
		if strings.HasSuffix(t.Name(), "/Wrap") {
			t.Skip("it is made by ants")
		}
		var c *crew
		w := holding(func() { c = open(t, ants.WithDisablePurge(false), ants.WithExpiryDuration(time.Hour)) })
		want(t, "the pool", holds(w, "its maker's"), "it holds nothing")
		want(t, "the pool is closed", c.closed(), false)
	})
}

func TestPoolHoldsNothingOfWhoReboots(t *testing.T) {
	each(t, func(t *testing.T, open opener) {
		c := open(t, ants.WithDisablePurge(false), ants.WithExpiryDuration(time.Hour))
		noError(t, c.release(time.Minute))
		w := holding(c.reboot)
		want(t, "the pool", holds(w, "the rebooter's"), "it holds nothing")
		want(t, "a job sees", c.saw(t, leave), "the submitter's")
	})
}

func TestManySubmitters(t *testing.T) {
	each(t, func(t *testing.T, open opener) {
		c := open(t)
		var submitters sync.WaitGroup
		var jobs sync.WaitGroup
		var wrong atomic.Int64
		for i := range 20 {
			submitters.Go(func() {
				name := fmt.Sprint("submitter ", i)
				defer who.Set(name).Restore()
				for range 50 {
					jobs.Add(1)
					noError(t, c.submit(func() {
						defer jobs.Done()
						if sees() != name {
							wrong.Add(1)
						}
						leave()
					}))
				}
			})
		}
		submitters.Wait()
		jobs.Wait()
		want(t, "jobs that saw somebody else's", wrong.Load(), 0)
	})
}

// The pool outlives the test, and so does its worker that the test has started.
func TestNothingLeaks(t *testing.T) {
	each(t, func(t *testing.T, open opener) {
		c := open(t)
		t.Run("user", func(t *testing.T) {
			vartest.VerifyNoLeak(t)
			vartest.Set(t, who, "the test's")
			c.do(t, leave)
		})
	})
}

func TestErrorsArePassedOn(t *testing.T) {
	each(t, func(t *testing.T, open opener) {
		c := open(t, ants.WithNonblocking(true))
		done := make(chan bool)
		noError(t, c.submit(func() { <-done }))
		if err := c.submit(func() {}); !errors.Is(err, ants.ErrPoolOverload) {
			t.Errorf("a busy pool says %v, want %v", err, ants.ErrPoolOverload)
		}
		close(done)
		noError(t, c.release(time.Minute))
		if err := c.submit(func() {}); !errors.Is(err, ants.ErrPoolClosed) {
			t.Errorf("a closed pool says %v, want %v", err, ants.ErrPoolClosed)
		}
	})
}

func TestErrorsOfMakingArePassedOn(t *testing.T) {
	const none, strategy = 0, ants.RoundRobin
	preAlloc := ants.WithPreAlloc(true)
	for name, test := range map[string]struct {
		make func() (any, error)
		want error
	}{
		"NewPool": {
			func() (any, error) { p, err := antsvars.NewPool(-1, preAlloc); return p == nil, err },
			ants.ErrInvalidPreAllocSize},
		"NewPoolWithFunc": {
			func() (any, error) { p, err := antsvars.NewPoolWithFunc(-1, doAny, preAlloc); return p == nil, err },
			ants.ErrInvalidPreAllocSize},
		"NewMultiPool": {
			func() (any, error) { p, err := antsvars.NewMultiPool(none, 1, strategy); return p == nil, err },
			ants.ErrInvalidMultiPoolSize},
		"NewMultiPoolWithFunc": {
			func() (any, error) {
				p, err := antsvars.NewMultiPoolWithFunc(none, 1, doAny, strategy)
				return p == nil, err
			},
			ants.ErrInvalidMultiPoolSize},
		"NewPoolWithFunc without one": {
			func() (any, error) { p, err := antsvars.NewPoolWithFunc(1, nil); return p == nil, err },
			ants.ErrLackPoolFunc},
		"NewMultiPoolWithFunc without one": {
			func() (any, error) {
				p, err := antsvars.NewMultiPoolWithFunc(1, 1, nil, strategy)
				return p == nil, err
			},
			ants.ErrLackPoolFunc},
	} {
		t.Run(name, func(t *testing.T) {
			isNil, err := test.make()
			want(t, "the pool is nil", isNil, any(true))
			want(t, "the error", err, test.want)
		})
	}
}

func TestNilIsRefused(t *testing.T) {
	pool, err := antsvars.NewPool(1)
	noError(t, err)
	defer pool.Release()
	multi, err := antsvars.NewMultiPool(1, 1, ants.RoundRobin)
	noError(t, err)
	defer func() { noError(t, multi.ReleaseTimeout(time.Minute)) }()
	for what, call := range map[string]func(){
		"Submit":           func() { _ = antsvars.Submit(nil) },
		"Pool.Submit":      func() { _ = pool.Submit(nil) },
		"MultiPool.Submit": func() { _ = multi.Submit(nil) },
		"Wrap":             func() { antsvars.Wrap(nil) },
	} {
		t.Run(what, func(t *testing.T) {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "antsvars: "+what+" was given a nil ") {
					t.Errorf("panicked with %q", text)
				}
			}()
			call()
		})
	}
}

func TestNilArgumentIsAnArgument(t *testing.T) {
	got := make(chan any, 1)
	p, err := antsvars.NewPoolWithFunc(1, func(arg any) { got <- arg })
	noError(t, err)
	defer p.Release()
	noError(t, p.Invoke(nil))
	want(t, "the argument", <-got, nil)
}

// The handler gets the job's own value, and is called outside of the job's context. The
// next job is as right as any.
func TestPanic(t *testing.T) {
	each(t, func(t *testing.T, open opener) {
		type report struct{ value, saw any }
		reports := make(chan report, 1)
		c := open(t, ants.WithPanicHandler(func(v any) { reports <- report{v, sees()} }))
		who.With("the submitter's", func() { noError(t, c.submit(func() { leave(); panic("oh") })) })
		want(t, "the handler got", <-reports, report{"oh", nothing})
		want(t, "the next job sees", c.saw(t, leave), "the submitter's")
	})
}

func TestDefaultPool(t *testing.T) {
	ants.Reboot() // for a second run
	defer func() { noError(t, ants.ReleaseTimeout(time.Minute)) }()
	c := &crew{submit: antsvars.Submit}
	want(t, "the job sees", c.saw(t, leave), "the submitter's")
	w := holding(func() { c.do(t, leave) })
	want(t, "the worker", holds(w, "the submitter's"), "it holds nothing")
}

// A method that ants adds and that starts anything has to be written here, too: the embedded
// pool would take it unbound.
func TestMethodsAreKnown(t *testing.T) {
	common := []string{"Cap", "Free", "IsClosed", "Reboot", "ReleaseContext", "ReleaseTimeout", "Running", "Tune", "Waiting"}
	multi := append([]string{"FreeByIndex", "RunningByIndex", "WaitingByIndex"}, common...)
	for _, i := range []struct {
		of   reflect.Type
		want []string
	}{
		{reflect.TypeFor[*ants.Pool](), append([]string{"Release", "Submit"}, common...)},
		{reflect.TypeFor[*ants.PoolWithFuncGeneric[func()]](), append([]string{"Release", "Invoke"}, common...)},
		{reflect.TypeFor[*ants.MultiPool](), append([]string{"Submit"}, multi...)},
		{reflect.TypeFor[*ants.MultiPoolWithFuncGeneric[func()]](), append([]string{"Invoke"}, multi...)},
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
