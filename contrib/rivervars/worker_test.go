package rivervars_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertest"
	"github.com/riverqueue/river/rivertype"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/rivervars"
	"github.com/gocontextvars/contextvars/wire"
)

// seen collects what is seen at several places.
type seen chan [2]string

func (s seen) at(place string) { s <- [2]string{place, sees()} }

// all returns what was seen, and fails if one place was not asked.
func (s seen) all(t testing.TB, places ...string) map[string]string {
	t.Helper()
	got := map[string]string{}
	for len(got) < len(places) {
		one := take(t, s)
		got[one[0]] = one[1]
	}
	for _, p := range places {
		if _, ok := got[p]; !ok {
			t.Fatalf("%s was not called, but %v", p, got)
		}
	}
	return got
}

// hook is at each place that River calls around a job.
type hook struct {
	river.HookDefaults
	river.MiddlewareDefaults
	seen
	name string
}

func (h *hook) IsPlugin() bool { return true }

func (h *hook) WorkBegin(context.Context, *rivertype.JobRow) error {
	h.at(h.name + " WorkBegin")
	return nil
}

func (h *hook) WorkEnd(_ context.Context, _ *rivertype.JobRow, err error) error {
	h.at(h.name + " WorkEnd")
	return err
}

func (h *hook) Work(ctx context.Context, _ *rivertype.JobRow, doInner func(context.Context) error) error {
	h.at(h.name + " middleware")
	defer who.Set(sees() + "!").Restore()
	return doInner(ctx)
}

// places has a job that fails, then panics, and returns what is seen at each place that River calls for it.
func places(t testing.TB, p *rivervars.Plugin) map[string]string {
	s := make(seen, 100)
	w := &taskWorker{
		work: func(_ context.Context, job *river.Job[task]) error {
			s.at("Work")
			switch job.Attempt {
			case 1:
				return errors.New("fails")
			case 2:
				panic("fails")
			}
			s.at("the end")
			return nil
		},
		timeout:   func() time.Duration { s.at("Timeout"); return time.Minute },
		nextRetry: func() time.Time { s.at("NextRetry"); return time.Time{} },
		middleware: func() []rivertype.WorkerMiddleware {
			s.at("Middleware")
			return []rivertype.WorkerMiddleware{&hook{seen: s, name: "the worker's"}}
		},
	}
	client := newClient(t, sqlite(t), p, w, func(c *river.Config) {
		c.Plugins = append(c.Plugins, &hook{seen: s, name: "plugin"})
		c.ErrorHandler, c.RetryPolicy = errorHandler{s}, retryPolicy{s}
		if p != nil {
			c.ErrorHandler, c.RetryPolicy = p.ErrorHandler(c.ErrorHandler), p.RetryPolicy(c.RetryPolicy)
		}
	})
	who.With("the starter's", func() { check(t, client.Start(context.Background())) })
	defer stop(t, client)
	insert(t, client, "the inserter's", nil)
	return s.all(t, "Work", "Timeout", "NextRetry", "Middleware", "the worker's middleware", "plugin middleware",
		"plugin WorkBegin", "plugin WorkEnd", "HandleError", "HandlePanic", "RetryPolicy", "the end")
}

type errorHandler struct{ seen }

func (h errorHandler) HandleError(context.Context, *rivertype.JobRow, error) *river.ErrorHandlerResult {
	h.at("HandleError")
	return nil
}

func (h errorHandler) HandlePanic(context.Context, *rivertype.JobRow, any, string) *river.ErrorHandlerResult {
	h.at("HandlePanic")
	return nil
}

type retryPolicy struct{ seen }

func (r retryPolicy) NextRetry(*rivertype.JobRow) time.Time {
	r.at("RetryPolicy")
	return time.Now().Add(time.Millisecond)
}

func TestEachPlaceSeesTheValuesOfTheInsert(t *testing.T) {
	got := places(t, rivervars.New(wire.Trusted()))
	for place, saw := range map[string]string{
		"Middleware":              "the inserter's",
		"the worker's middleware": "the inserter's",
		"plugin middleware":       "the inserter's!", // each adds one inside
		"plugin WorkBegin":        "the inserter's!!",
		"plugin WorkEnd":          "the inserter's!!",
		"Timeout":                 "the inserter's!!",
		"Work":                    "the inserter's!!",
		"NextRetry":               "the inserter's",
		"RetryPolicy":             "the inserter's",
		"HandleError":             "the inserter's",
		"HandlePanic":             "the inserter's",
	} {
		want(t, place, got[place], saw)
	}
}

func TestAWorkerNeedsNoPluginInTheConfig(t *testing.T) {
	saw, d, p := make(chan string, 1), sqlite(t), rivervars.New(wire.Trusted())
	client := newClient(t, d, p, &taskWorker{work: looks(saw)}, func(c *river.Config) { c.Plugins = nil })
	started(t, client)
	insert(t, newClient(t, d, p, &taskWorker{}), "the inserter's", nil)
	want(t, "the job sees", take(t, saw), "the inserter's")
}

func TestThePluginIsEnoughForWork(t *testing.T) {
	saw, p := make(chan string, 1), rivervars.New(wire.Trusted())
	client := newClient(t, sqlite(t), p, nil, func(c *river.Config) {
		c.Workers = river.NewWorkers()
		river.AddWorker(c.Workers, river.WorkFunc(looks(saw)))
	})
	started(t, client)
	insert(t, client, "the inserter's", nil)
	want(t, "the job sees", take(t, saw), "the inserter's")
}

// A plugin that stands in the list twice, or also as middleware, does no harm.
func TestThePluginTwice(t *testing.T) {
	saw, p := make(chan string, 1), rivervars.New(wire.Trusted())
	client := newClient(t, sqlite(t), p, &taskWorker{work: looks(saw)}, func(c *river.Config) {
		c.Plugins = append(c.Plugins, p)
		c.Middleware = []rivertype.Middleware{p}
	})
	started(t, client)
	r := insert(t, client, "acme", nil)
	want(t, "the metadata", member(t, r.Job.Metadata, "baggage"), any("who=acme"))
	want(t, "the job sees", take(t, saw), "acme")
}

// Package rivertest works jobs on the goroutine of the test.
func TestWithRiverTest(t *testing.T) {
	d, p := sqlite(t), rivervars.New(wire.Trusted())
	saw := make(chan string, 1)
	w := rivervars.Worker(p, river.Worker[task](&taskWorker{work: func(context.Context, *river.Job[task]) error {
		saw <- sees()
		who.Set("what the job left")
		return nil
	}}))
	tests := rivertest.NewWorker(t, d.driver, &river.Config{Plugins: []rivertype.Plugin{p}, Logger: quiet}, w)
	tx, commit, err := d.begin(t.Context())
	check(t, err)
	defer commit(context.Background())
	defer who.Set("the test's").Restore()
	_, err = tests.Work(t.Context(), t, tx, task{}, nil)
	check(t, err)
	want(t, "the job sees", take(t, saw), "the test's")
	want(t, "the test sees", sees(), "the test's")
}

func TestNilArgumentsPanic(t *testing.T) {
	p := rivervars.New(nil)
	for name, call := range map[string]func(){
		"NewFunc":      func() { rivervars.NewFunc(nil) },
		"Worker":       func() { rivervars.Worker[task](nil, &taskWorker{}) },
		"Worker w":     func() { rivervars.Worker[task](p, nil) },
		"Start":        func() { _ = rivervars.Start[sqlTx](t.Context(), nil) },
		"ErrorHandler": func() { p.ErrorHandler(nil) },
		"RetryPolicy":  func() { p.RetryPolicy(nil) },
		"Context":      func() { p.Context(nil) },
		"ExtractReply": func() { p.ExtractReply(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				message, _ := recover().(string)
				if len(message) < len("rivervars: ") || message[:len("rivervars: ")] != "rivervars: " {
					t.Errorf("it panicked with %q", message)
				}
			}()
			contextvars.Detach(call)
		})
	}
}
