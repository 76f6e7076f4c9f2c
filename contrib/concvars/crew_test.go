package concvars_test

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"
	"go.uber.org/goleak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/concvars"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	who  = contextvars.New[string]("who")
	held = contextvars.New[*thing]("held")
)

const (
	nothing = "nothing"
	left    = "what the last job left"
)

func sees() string { return who.GetOr(nothing) }

func leave() { who.Set(left) }

// A crew is a pool of any type with one goroutine: how it takes a job without help and with
// ours, and what ends it.
type crew struct {
	bare, ours func(job func())
	wait       func()
}

// openers make crews. The jobs of the last one are a stream's callbacks.
var openers = map[string]func() *crew{
	"Pool": func() *crew {
		p := pool.New().WithMaxGoroutines(1)
		return &crew{p.Go, func(job func()) { concvars.Go(p, job) }, p.Wait}
	},
	"ErrorPool": func() *crew {
		p := pool.New().WithErrors().WithMaxGoroutines(1)
		f := func(job func()) func() error { return func() error { job(); return nil } }
		return &crew{
			func(job func()) { p.Go(f(job)) },
			func(job func()) { concvars.GoErr(p, f(job)) },
			func() { _ = p.Wait() },
		}
	},
	"ContextPool": func() *crew {
		p := pool.New().WithContext(context.Background()).WithMaxGoroutines(1)
		f := func(job func()) func(context.Context) error {
			return func(context.Context) error { job(); return nil }
		}
		return &crew{
			func(job func()) { p.Go(f(job)) },
			func(job func()) { concvars.GoContext(p, f(job)) },
			func() { _ = p.Wait() },
		}
	},
	"ResultPool": func() *crew {
		p := pool.NewWithResults[int]().WithMaxGoroutines(1)
		f := func(job func()) func() int { return func() int { job(); return 0 } }
		return &crew{
			func(job func()) { p.Go(f(job)) },
			func(job func()) { concvars.GoResult(p, f(job)) },
			func() { p.Wait() },
		}
	},
	"ResultErrorPool": func() *crew {
		p := pool.NewWithResults[int]().WithErrors().WithMaxGoroutines(1)
		f := func(job func()) func() (int, error) { return func() (int, error) { job(); return 0, nil } }
		return &crew{
			func(job func()) { p.Go(f(job)) },
			func(job func()) { concvars.GoResultErr(p, f(job)) },
			func() { _, _ = p.Wait() },
		}
	},
	"ResultContextPool": func() *crew {
		p := pool.NewWithResults[int]().WithContext(context.Background()).WithMaxGoroutines(1)
		f := func(job func()) func(context.Context) (int, error) {
			return func(context.Context) (int, error) { job(); return 0, nil }
		}
		return &crew{
			func(job func()) { p.Go(f(job)) },
			func(job func()) { concvars.GoResultContext(p, f(job)) },
			func() { _, _ = p.Wait() },
		}
	},
	"Stream, a task": func() *crew {
		s := stream.New().WithMaxGoroutines(1)
		f := func(job func()) stream.Task {
			return func() stream.Callback { job(); return func() {} }
		}
		return &crew{
			func(job func()) { s.Go(f(job)) },
			func(job func()) { concvars.GoStream(s, f(job)) },
			s.Wait,
		}
	},
	"Stream, a callback": func() *crew {
		s := stream.New().WithMaxGoroutines(1)
		f := func(job func()) stream.Task {
			return func() stream.Callback { leave(); return job }
		}
		return &crew{
			func(job func()) { s.Go(f(job)) },
			func(job func()) { concvars.GoStream(s, f(job)) },
			s.Wait,
		}
	},
}

// do submits the job and waits for it.
func do(submit func(job func()), job func()) {
	done := make(chan bool)
	submit(func() { defer close(done); job() })
	<-done
}

// saw returns what the second of two submitters' jobs sees.
func saw(submit func(job func()), first func()) (saw string) {
	who.With("the first submitter's", func() { do(submit, first) })
	who.With("the submitter's", func() { do(submit, func() { saw = sees() }) })
	return saw
}

func (c *crew) saw(first func()) string {
	defer c.wait()
	return saw(c.ours, first)
}

func (c *crew) sawBare(first func()) string {
	defer c.wait()
	return saw(c.bare, first)
}

// holds returns whose values the goroutine holds between jobs.
func (c *crew) holds() string {
	defer c.wait()
	return holds(holding(func() { do(c.ours, leave) }), "the first submitter's")
}

func (c *crew) holdsBare() string {
	defer c.wait()
	return holds(holding(func() { do(c.bare, func() {}) }), "the first submitter's")
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// thing is large enough not to share an allocation with anything.
type thing struct{ _ [128]*int }

// holding calls f with held set to a thing that nobody else knows, and returns a weak
// pointer to it: who keeps the thing alive then has it from f.
//
//go:noinline
func holding(f func()) weak.Pointer[thing] {
	p := new(thing)
	w := weak.Make(p)
	held.With(p, f)
	return w
}

// holds says whose value, if any, is still kept alive.
func holds(w weak.Pointer[thing], whose string) string {
	for range 100 {
		if runtime.GC(); w.Value() == nil {
			return "it holds " + nothing
		}
		runtime.Gosched()
	}
	return "it holds " + whose
}
