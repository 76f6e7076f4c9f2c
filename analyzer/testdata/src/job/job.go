package job

import (
	"context"
	"runtime"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/gammazero/workerpool"
	"github.com/gocontextvars/contextvars"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"
	"golang.org/x/sync/errgroup"
	"library"
)

var (
	user   = contextvars.New[string]("user")
	tenant = contextvars.New[string]("tenant")
	a, b   = contextvars.New[int]("a"), contextvars.New[int]("b")
)

func timers(ctx context.Context, d time.Duration) {
	time.AfterFunc(time.Second, func() { // want `a timer's function sees nothing, and this one reads user; use contextvars.AfterFunc`
		report(user.Get())
	})
	time.AfterFunc(d, work)                   // want `reads user`
	time.AfterFunc(d, user2.Work)             // want `reads User`
	time.AfterFunc(d, new(service).work)      // want `reads tenant and user`
	time.AfterFunc(d, func() { call(work) })  // want `reads user`
	context.AfterFunc(ctx, func() { work() }) // want `a function of context.AfterFunc sees the canceller's, and this one reads user; use contextvars.AfterDone`
	f := func() { library.Greeting() }
	time.AfterFunc(d, f)       // want `reads User`
	time.AfterFunc(d, func() { // want `reads a, b and 2 others`
		a.Get()
		b.Lookup()
		user.GetOr("")
		tenant.MustGet()
	})
	time.AfterFunc(d, func() { // want `reads v;`
		for _, v := range list() {
			contextvars.LookupAny(v)
		}
	})
	time.AfterFunc(d, func() { library.Generic(user) })                           // want `reads a variable`
	time.AfterFunc(d, func() { go work() })                                       // want `reads user`
	time.AfterFunc(d, func() { user.With("x", func() { work(); tenant.Get() }) }) // want `reads tenant;`
}

func call(f func()) { f() }

func list() []contextvars.Variable { return nil }

var user2 library.Service

type service struct {
	*contextvars.ContextVar[string]
}

func (s *service) work() { work(); s.report() }

func (s *service) report() { tenant.Get() }

func work() { report(user.Get()) }

func report(string) {}

func cleanUps(p *int) {
	runtime.AddCleanup(p, func(int) { work() }, 1) // want `a clean-up sees nothing, and this one reads user; use contextvars.Bind1`
	runtime.SetFinalizer(p, func(*int) { work() }) // want `a finalizer sees nothing, and this one reads user; use contextvars.Bind1`
	runtime.SetFinalizer(p, nil)
}

func jobs(p *ants.Pool, q pond.Pool, c *pool.Pool) {
	p.Submit(func() { work() })                                                  // want `a job of a pool sees what the goroutine's first job or the last one had, and this one reads user; use contextvars.Bind, or package antsvars`
	ants.Submit(work)                                                            // want `reads user; use contextvars.Bind, or package antsvars`
	ants.NewPoolWithFunc(1, func(any) { work() })                                // want `reads user; use package antsvars`
	ants.NewPoolWithFuncGeneric(1, func(int) { work() })                         // want `reads user; use package antsvars`
	q.Submit(work)                                                               // want `package pondvars`
	q.SubmitErr(func() error { work(); return nil })                             // want `reads user; use package pondvars`
	q.NewGroup().Submit(work, func() {}, func() { tenant.Get() })                // want `reads user` `reads tenant`
	pond.NewResultPool[int](1).Submit(func() int { work(); return 1 })           // want `reads user; use package pondvars`
	c.Go(work)                                                                   // want `use contextvars.Bind, or package concvars`
	new(pool.ContextPool).Go(func(context.Context) error { work(); return nil }) // want `use contextvars.BindResult, or package concvars`
	pool.NewWithResults[int]().Go(func() int { work(); return 1 })               // want `use package concvars`
	new(stream.Stream).Go(func() stream.Callback { work(); return nil })         // want `use package concvars`
	workerpool.New(1).Submit(work)                                               // want `use contextvars.Bind$`
	c.Go((func())(work))                                                         // want `reads user`
}

// From here on everything is as it should be.

func good(ctx context.Context, p *ants.Pool, d time.Duration, given func()) {
	contextvars.AfterFunc(d, work)
	contextvars.AfterDone(ctx, work)
	time.AfterFunc(d, contextvars.Bind(work))
	p.Submit(contextvars.Bind(func() { work() }))
	bound := contextvars.Bind(work)
	p.Submit(bound)
	p.Submit(given)
	p.Submit(func() { report("x") })
	p.Submit(func() {
		defer user.Set("x").Restore()
		work()
	})
	p.Submit(func() { user.With("x", work) })
	p.Submit(func() { user.With("x", func() { work() }) })
	c := contextvars.CopyContext()
	p.Submit(func() { c.Run(work) })
	p.Submit(func() { c.Run(func() { work() }) })
	p.Submit(func() { library.ForUser("x") })
	later := func() { work() } // not called in the job
	p.Submit(func() { keep(later) })
	var g errgroup.Group
	g.Go(func() error { work(); return nil })
	changed := func() { work() }
	changed = given
	p.Submit(changed)
	p.Submit(nil)
	name := user.Get()
	p.Submit(func() { report(name) })
}

var kept []func()

func keep(f func()) { kept = append(kept, f) }
