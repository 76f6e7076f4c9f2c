package concvars_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"

	"github.com/gocontextvars/contextvars/contrib/concvars"
	"github.com/gocontextvars/contextvars/vartest"
)

// each runs a test with each type of pool.
func each(t *testing.T, test func(t *testing.T, c *crew)) {
	for name, open := range openers {
		t.Run(name, func(t *testing.T) { test(t, open()) })
	}
}

func TestJobSeesItsSubmitter(t *testing.T) {
	each(t, func(t *testing.T, c *crew) {
		want(t, "the job sees", c.saw(func() {}), "the submitter's")
	})
}

func TestJobSeesNothingOfTheLastOne(t *testing.T) {
	each(t, func(t *testing.T, c *crew) {
		want(t, "the job sees", c.saw(leave), "the submitter's")
	})
}

func TestJobOfNobodySeesNothing(t *testing.T) {
	each(t, func(t *testing.T, c *crew) {
		defer c.wait()
		who.With("the first submitter's", func() { do(c.ours, leave) })
		do(c.ours, func() { want(t, "the job sees", sees(), nothing) })
	})
}

func TestJobSeesWhatWasSetAtItsSubmission(t *testing.T) {
	each(t, func(t *testing.T, c *crew) {
		defer c.wait()
		set, got := make(chan bool), make(chan string, 1)
		defer who.Set("at the submission").Restore()
		c.ours(func() { <-set; got <- sees(); leave() })
		who.Set("later")
		close(set)
		want(t, "the job sees", <-got, "at the submission")
		want(t, "the submitter sees", sees(), "later")
	})
}

func TestIdleGoroutineHoldsNothing(t *testing.T) {
	each(t, func(t *testing.T, c *crew) {
		want(t, "the goroutine", c.holds(), "it holds nothing")
	})
}

func TestBusyGoroutineHoldsNothingOfOthers(t *testing.T) {
	each(t, func(t *testing.T, c *crew) {
		defer c.wait()
		w := holding(func() { do(c.ours, leave) })
		do(c.ours, func() { want(t, "the goroutine", holds(w, "the first submitter's"), "it holds nothing") })
	})
}

func TestManySubmitters(t *testing.T) {
	each(t, func(t *testing.T, c *crew) {
		var submitters sync.WaitGroup
		var right atomic.Int64
		for i := range 10 {
			submitters.Go(func() {
				name := fmt.Sprint("submitter ", i)
				defer who.Set(name).Restore()
				for range 20 {
					c.ours(func() {
						if sees() == name {
							right.Add(1)
						}
						leave()
					})
				}
			})
		}
		submitters.Wait()
		c.wait()
		want(t, "jobs that saw their submitter's", right.Load(), 200)
	})
}

// The pool outlives the test, and so does its goroutine that the test has started.
func TestNothingLeaks(t *testing.T) {
	each(t, func(t *testing.T, c *crew) {
		defer c.wait()
		t.Run("user", func(t *testing.T) {
			vartest.VerifyNoLeak(t)
			vartest.Set(t, who, "the test's")
			do(c.ours, leave)
		})
	})
}

var errOh = errors.New("oh")

// wantErr is for what conc makes of an error: a list of it.
func wantErr(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, errOh) {
		t.Errorf("%s: got %v, want %v", what, err, errOh)
	}
}

func TestErrorsAndResultsAreConcs(t *testing.T) {
	e := pool.New().WithErrors()
	concvars.GoErr(e, func() error { return errOh })
	wantErr(t, "ErrorPool", e.Wait())

	r := pool.NewWithResults[int]()
	concvars.GoResult(r, func() int { return 7 })
	want(t, "ResultPool", fmt.Sprint(r.Wait()), "[7]")

	re := pool.NewWithResults[int]().WithErrors().WithCollectErrored()
	concvars.GoResultErr(re, func() (int, error) { return 7, errOh })
	results, err := re.Wait()
	want(t, "ResultErrorPool", fmt.Sprint(results), "[7]")
	wantErr(t, "ResultErrorPool", err)
}

func TestContextIsConcs(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(context.Background(), key{}, 1)
	c := pool.New().WithContext(ctx).WithCancelOnError()
	concvars.GoContext(c, func(ctx context.Context) error {
		want(t, "the job's ctx has", ctx.Value(key{}), any(1))
		<-ctx.Done()
		return nil
	})
	concvars.GoContext(c, func(context.Context) error { return errOh })
	wantErr(t, "ContextPool", c.Wait())

	rc := pool.NewWithResults[int]().WithContext(ctx).WithCancelOnError().WithCollectErrored()
	concvars.GoResultContext(rc, func(ctx context.Context) (int, error) {
		want(t, "the job's ctx has", ctx.Value(key{}), any(1))
		<-ctx.Done()
		return 1, nil
	})
	concvars.GoResultContext(rc, func(context.Context) (int, error) { return 2, errOh })
	results, err := rc.Wait()
	slices.Sort(results)
	want(t, "ResultContextPool", fmt.Sprint(results), "[1 2]")
	wantErr(t, "ResultContextPool", err)
}

func TestPanicIsPassedToWait(t *testing.T) {
	each(t, func(t *testing.T, c *crew) {
		defer func() {
			if r := recover(); !strings.Contains(fmt.Sprint(r), "oh dear") {
				t.Errorf("Wait panicked with %v", r)
			}
		}()
		c.ours(func() { leave(); panic("oh dear") })
		c.wait()
	})
}

func TestCallbacksAreInOrder(t *testing.T) {
	s := stream.New().WithMaxGoroutines(4)
	var order []string
	for i := range 20 {
		who.With(fmt.Sprint(i), func() {
			concvars.GoStream(s, func() stream.Callback {
				return func() { order = append(order, sees()); leave() }
			})
		})
	}
	s.Wait()
	for i, saw := range order {
		want(t, "a callback sees", saw, fmt.Sprint(i))
	}
	want(t, "callbacks", len(order), 20)
}

// conc calls a nil callback, and Wait panics.
func TestNilCallbackIsConcs(t *testing.T) {
	wait := func(submit func(s *stream.Stream, f stream.Task)) (text string) {
		s := stream.New()
		defer func() { text, _, _ = strings.Cut(fmt.Sprint(recover()), "\n") }()
		submit(s, func() stream.Callback { return nil })
		s.Wait()
		return ""
	}
	bare := wait((*stream.Stream).Go)
	want(t, "Wait panics with", wait(concvars.GoStream), bare)
	if !strings.Contains(bare, "nil pointer") {
		t.Errorf("conc panics with %q", bare)
	}
}

func TestNilIsRefused(t *testing.T) {
	ctx := context.Background()
	for what, call := range map[string]func(){
		"Go was given a nil pool":              func() { concvars.Go(nil, func() {}) },
		"GoErr was given a nil pool":           func() { concvars.GoErr(nil, func() error { return nil }) },
		"GoContext was given a nil pool":       func() { concvars.GoContext(nil, func(context.Context) error { return nil }) },
		"GoResult was given a nil pool":        func() { concvars.GoResult(nil, func() int { return 0 }) },
		"GoResultErr was given a nil pool":     func() { concvars.GoResultErr(nil, func() (int, error) { return 0, nil }) },
		"GoResultContext was given a nil pool": func() { concvars.GoResultContext[int](nil, nil) },
		"GoStream was given a nil stream":      func() { concvars.GoStream(nil, nil) },
		"Go was given a nil func":              func() { concvars.Go(pool.New(), nil) },
		"GoErr was given a nil func":           func() { concvars.GoErr(pool.New().WithErrors(), nil) },
		"GoContext was given a nil func":       func() { concvars.GoContext(pool.New().WithContext(ctx), nil) },
		"GoResult was given a nil func":        func() { concvars.GoResult(pool.NewWithResults[int](), nil) },
		"GoResultErr was given a nil func": func() {
			concvars.GoResultErr(pool.NewWithResults[int]().WithErrors(), nil)
		},
		"GoResultContext was given a nil func": func() {
			concvars.GoResultContext(pool.NewWithResults[int]().WithContext(ctx), nil)
		},
		"GoStream was given a nil func": func() { concvars.GoStream(stream.New(), nil) },
		"BindIdx was given a nil func":  func() { concvars.BindIdx[int](nil) },
		"BindErr was given a nil func":  func() { concvars.BindErr[int, int](nil) },
	} {
		t.Run(what, func(t *testing.T) {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "concvars: "+what) {
					t.Errorf("panicked with %q", text)
				}
			}()
			call()
		})
	}
}
