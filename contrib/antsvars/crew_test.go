package antsvars_test

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/panjf2000/ants/v2"
	"go.uber.org/goleak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/antsvars"
)

// Importing ants starts goroutines that never end.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }

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

// A crew is a pool of any type with one worker, so that jobs share it for sure.
type crew struct {
	submit  func(job func()) error
	reboot  func()
	release func(time.Duration) error
	closed  func() bool
	running func() int
}

type pool interface {
	Reboot()
	ReleaseTimeout(time.Duration) error
	IsClosed() bool
	Running() int
}

func crewOf[P pool](t *testing.T, p P, err error, submit func(job func()) error) *crew {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !p.IsClosed() {
			noError(t, p.ReleaseTimeout(time.Minute))
		}
	})
	return &crew{submit, p.Reboot, p.ReleaseTimeout, p.IsClosed, p.Running}
}

// An opener makes a crew's pool.
type opener func(t *testing.T, options ...ants.Option) *crew

// Without the purge, no worker is dismissed for having been idle.
func options(more []ants.Option) []ants.Option {
	return append([]ants.Option{ants.WithDisablePurge(true)}, more...)
}

func doAny(job any)    { job.(func())() }
func doJob(job func()) { job() }

// ours are the pools of this package.
var ours = map[string]opener{
	"Pool": func(t *testing.T, o ...ants.Option) *crew {
		p, err := antsvars.NewPool(1, options(o)...)
		return crewOf(t, p, err, func(job func()) error { return p.Submit(job) })
	},
	"Wrap": func(t *testing.T, o ...ants.Option) *crew {
		wrapped, err := ants.NewPool(1, options(o)...)
		noError(t, err)
		p := antsvars.Wrap(wrapped)
		return crewOf(t, p, nil, p.Submit)
	},
	"PoolWithFunc": func(t *testing.T, o ...ants.Option) *crew {
		p, err := antsvars.NewPoolWithFunc(1, doAny, options(o)...)
		return crewOf(t, p, err, func(job func()) error { return p.Invoke(job) })
	},
	"PoolWithFuncGeneric": func(t *testing.T, o ...ants.Option) *crew {
		p, err := antsvars.NewPoolWithFuncGeneric(1, doJob, options(o)...)
		return crewOf(t, p, err, func(job func()) error { return p.Invoke(job) })
	},
	"MultiPool": func(t *testing.T, o ...ants.Option) *crew {
		p, err := antsvars.NewMultiPool(1, 1, ants.RoundRobin, options(o)...)
		return crewOf(t, p, err, func(job func()) error { return p.Submit(job) })
	},
	"MultiPoolWithFunc": func(t *testing.T, o ...ants.Option) *crew {
		p, err := antsvars.NewMultiPoolWithFunc(1, 1, doAny, ants.RoundRobin, options(o)...)
		return crewOf(t, p, err, func(job func()) error { return p.Invoke(job) })
	},
	"MultiPoolWithFuncGeneric": func(t *testing.T, o ...ants.Option) *crew {
		p, err := antsvars.NewMultiPoolWithFuncGeneric(1, 1, doJob, ants.RoundRobin, options(o)...)
		return crewOf(t, p, err, func(job func()) error { return p.Invoke(job) })
	},
}

// bare are those of ants.
var bare = map[string]opener{
	"Pool": func(t *testing.T, o ...ants.Option) *crew {
		p, err := ants.NewPool(1, options(o)...)
		return crewOf(t, p, err, func(job func()) error { return p.Submit(job) })
	},
	"PoolWithFunc": func(t *testing.T, o ...ants.Option) *crew {
		p, err := ants.NewPoolWithFunc(1, doAny, options(o)...)
		return crewOf(t, p, err, func(job func()) error { return p.Invoke(job) })
	},
	"PoolWithFuncGeneric": func(t *testing.T, o ...ants.Option) *crew {
		p, err := ants.NewPoolWithFuncGeneric(1, doJob, options(o)...)
		return crewOf(t, p, err, func(job func()) error { return p.Invoke(job) })
	},
	"MultiPool": func(t *testing.T, o ...ants.Option) *crew {
		p, err := ants.NewMultiPool(1, 1, ants.RoundRobin, options(o)...)
		return crewOf(t, p, err, func(job func()) error { return p.Submit(job) })
	},
	"MultiPoolWithFunc": func(t *testing.T, o ...ants.Option) *crew {
		p, err := ants.NewMultiPoolWithFunc(1, 1, doAny, ants.RoundRobin, options(o)...)
		return crewOf(t, p, err, func(job func()) error { return p.Invoke(job) })
	},
	"MultiPoolWithFuncGeneric": func(t *testing.T, o ...ants.Option) *crew {
		p, err := ants.NewMultiPoolWithFuncGeneric(1, 1, doJob, ants.RoundRobin, options(o)...)
		return crewOf(t, p, err, func(job func()) error { return p.Invoke(job) })
	},
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// do submits the job and waits for it.
func (c *crew) do(t *testing.T, job func()) {
	t.Helper()
	done := make(chan bool)
	if err := c.submit(func() { defer close(done); job() }); err != nil {
		t.Fatal(err)
	}
	<-done
}

// saw returns what the second of two submitters' jobs sees, which the worker of the first does.
func (c *crew) saw(t *testing.T, first func()) (saw string) {
	t.Helper()
	who.With("the first submitter's", func() { c.do(t, first) })
	who.With("the submitter's", func() { c.do(t, func() { saw = sees() }) })
	return saw
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
