package pondvars_test

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/alitto/pond/v2"
	"go.uber.org/goleak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/pondvars"
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

// makers make pools: those of pond or those of this package.
type makers struct {
	pool   func(maxConcurrency int, options ...pond.Option) pond.Pool
	result func(maxConcurrency int, options ...pond.Option) pond.ResultPool[string]
}

var (
	bare = makers{pond.NewPool, pond.NewResultPool[string]}
	ours = makers{pondvars.NewPool, pondvars.NewResultPool[string]}
)

// A submit is one of the ways in which a pool with one worker takes a job.
type submit func(job func()) (accepted bool)

// A surface makes a pool, and returns one of its ways and what stops it.
type surface func(m makers) (submit, func())

func ofPool(give func(p pond.Pool, job func()) bool) surface {
	return func(m makers) (submit, func()) {
		p := m.pool(1)
		return func(job func()) bool { return give(p, job) }, p.StopAndWait
	}
}

func ofResultPool(give func(p pond.ResultPool[string], job func() string) bool) surface {
	return func(m makers) (submit, func()) {
		p := m.result(1)
		return func(job func()) bool {
			return give(p, func() string { job(); return "" })
		}, p.StopAndWait
	}
}

func noErr(job func()) func() error { return func() error { job(); return nil } }

func noErrResult(job func() string) func() (string, error) {
	return func() (string, error) { return job(), nil }
}

// surfaces are all the ways.
var surfaces = map[string]surface{
	"Pool.Go":     ofPool(func(p pond.Pool, job func()) bool { return p.Go(job) == nil }),
	"Pool.Submit": ofPool(func(p pond.Pool, job func()) bool { p.Submit(job); return true }),
	"Pool.SubmitErr": ofPool(func(p pond.Pool, job func()) bool {
		p.SubmitErr(noErr(job))
		return true
	}),
	"Pool.TrySubmit": ofPool(func(p pond.Pool, job func()) bool {
		_, ok := p.TrySubmit(job)
		return ok
	}),
	"Pool.TrySubmitErr": ofPool(func(p pond.Pool, job func()) bool {
		_, ok := p.TrySubmitErr(noErr(job))
		return ok
	}),
	"TaskGroup.Submit": ofPool(func(p pond.Pool, job func()) bool {
		p.NewGroup().Submit(job)
		return true
	}),
	"TaskGroup.SubmitErr": ofPool(func(p pond.Pool, job func()) bool {
		p.NewGroupContext(context.Background()).SubmitErr(noErr(job))
		return true
	}),
	"a subpool": func(m makers) (submit, func()) {
		p := m.pool(2)
		sub := p.NewSubpool(1)
		return func(job func()) bool { return sub.Go(job) == nil }, func() { sub.StopAndWait(); p.StopAndWait() }
	},
	"ResultPool.Submit": ofResultPool(func(p pond.ResultPool[string], job func() string) bool {
		p.Submit(job)
		return true
	}),
	"ResultPool.SubmitErr": ofResultPool(func(p pond.ResultPool[string], job func() string) bool {
		p.SubmitErr(noErrResult(job))
		return true
	}),
	"ResultPool.TrySubmit": ofResultPool(func(p pond.ResultPool[string], job func() string) bool {
		_, ok := p.TrySubmit(job)
		return ok
	}),
	"ResultPool.TrySubmitErr": ofResultPool(func(p pond.ResultPool[string], job func() string) bool {
		_, ok := p.TrySubmitErr(noErrResult(job))
		return ok
	}),
	"ResultTaskGroup.Submit": ofResultPool(func(p pond.ResultPool[string], job func() string) bool {
		p.NewGroup().Submit(job)
		return true
	}),
	"ResultTaskGroup.SubmitErr": ofResultPool(func(p pond.ResultPool[string], job func() string) bool {
		p.NewGroupContext(context.Background()).SubmitErr(noErrResult(job))
		return true
	}),
	"a subpool with results": func(m makers) (submit, func()) {
		p := m.result(2)
		sub := p.NewSubpool(1)
		return func(job func()) bool {
			sub.Submit(func() string { job(); return "" })
			return true
		}, func() { sub.StopAndWait(); p.StopAndWait() }
	},
}

// work has one worker do the jobs one after the other, each submitted by somebody else. A worker ends when no
// job waits, so the first one begins when all are there.
func work(t *testing.T, give submit, hands ...func(submit) bool) {
	t.Helper()
	all, done := make(chan bool), make(chan bool, len(hands))
	for _, hand := range hands {
		accepted := hand(func(job func()) bool {
			return give(func() {
				<-all
				job()
				done <- true
			})
		})
		if !accepted {
			t.Fatal("the pool does not take the job")
		}
	}
	close(all)
	for range hands {
		<-done
	}
}

// by submits the job as a goroutine would where who is set to that name.
func by(name string, job func()) func(submit) bool {
	return func(s submit) (accepted bool) {
		who.With(name, func() { accepted = s(job) })
		return accepted
	}
}

// saw returns what the second of two submitters' jobs sees.
func (s surface) saw(t *testing.T, m makers, first func()) (saw string) {
	t.Helper()
	submit, stop := s(m)
	defer stop()
	work(t, submit, by("the first submitter's", first), by("the submitter's", func() { saw = sees() }))
	return saw
}

// holds returns whose values are held while the worker does the second job.
func (s surface) holds(t *testing.T, m makers) (whose string) {
	t.Helper()
	give, stop := s(m)
	defer stop()
	var w weak.Pointer[thing]
	work(t, give,
		func(submit submit) (accepted bool) {
			w = holding(func() { accepted = submit(func() {}) })
			return accepted
		},
		by("the submitter's", func() { whose = holds(w, "the first submitter's") }))
	return whose
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
