package pondvars

import (
	"context"

	"github.com/alitto/pond/v2"

	"github.com/gocontextvars/contextvars"
)

// NewPool is pond.NewPool with tasks that see the variables of their submitters. It panics where
// pond.NewPool does.
func NewPool(maxConcurrency int, options ...pond.Option) pond.Pool {
	return Wrap(detached(func() pond.Pool { return pond.NewPool(maxConcurrency, options...) }))
}

// Wrap returns a pool that submits tasks to p, each bound to its submitter's context. Workers that p has
// already hold what they were started with, as long as they have tasks. It panics if p is
// nil.
func Wrap(p pond.Pool) pond.Pool {
	if p == nil {
		panic("pondvars: Wrap was given a nil pond.Pool; make one with pond.NewPool, or use NewPool")
	}
	return &pool{p}
}

// Submit is pond.Submit, for the default pool, with the task bound to the caller's context. It
// panics if the task is nil.
func Submit(task func()) pond.Task {
	bound := bind("Submit", task)
	return detached(func() pond.Task { return pond.Submit(bound) })
}

// SubmitErr is [Submit] for a task that may fail.
func SubmitErr(task func() error) pond.Task {
	bound := bindResult("SubmitErr", task)
	return detached(func() pond.Task { return pond.SubmitErr(bound) })
}

// NewGroup is pond.NewGroup, for the default pool, with tasks that see the variables of their
// submitters.
func NewGroup() pond.TaskGroup { return &group{detached(pond.NewGroup)} }

// NewSubpool is pond.NewSubpool, for the default pool, with tasks that see the variables of their
// submitters. It panics where pond.NewSubpool does.
func NewSubpool(maxConcurrency int) pond.Pool {
	return Wrap(detached(func() pond.Pool { return pond.NewSubpool(maxConcurrency) }))
}

type pool struct{ pond.Pool }

func (p *pool) Go(task func()) error {
	bound := bind("Pool.Go", task)
	return detached(func() error { return p.Pool.Go(bound) })
}

func (p *pool) Submit(task func()) pond.Task {
	bound := bind("Pool.Submit", task)
	return detached(func() pond.Task { return p.Pool.Submit(bound) })
}

func (p *pool) SubmitErr(task func() error) pond.Task {
	bound := bindResult("Pool.SubmitErr", task)
	return detached(func() pond.Task { return p.Pool.SubmitErr(bound) })
}

func (p *pool) TrySubmit(task func()) (pond.Task, bool) {
	bound := bind("Pool.TrySubmit", task)
	return detached2(func() (pond.Task, bool) { return p.Pool.TrySubmit(bound) })
}

func (p *pool) TrySubmitErr(task func() error) (pond.Task, bool) {
	bound := bindResult("Pool.TrySubmitErr", task)
	return detached2(func() (pond.Task, bool) { return p.Pool.TrySubmitErr(bound) })
}

func (p *pool) NewSubpool(maxConcurrency int, options ...pond.Option) pond.Pool {
	return &pool{detached(func() pond.Pool { return p.Pool.NewSubpool(maxConcurrency, options...) })}
}

func (p *pool) NewGroup() pond.TaskGroup { return &group{detached(p.Pool.NewGroup)} }

func (p *pool) NewGroupContext(ctx context.Context) pond.TaskGroup {
	return &group{detached(func() pond.TaskGroup { return p.Pool.NewGroupContext(ctx) })}
}

// Resize and Stop start goroutines, too.

func (p *pool) Resize(maxConcurrency int) {
	contextvars.Detach(func() { p.Pool.Resize(maxConcurrency) })
}

func (p *pool) Stop() pond.Task { return detached(p.Pool.Stop) }

func (p *pool) StopAndWait() { contextvars.Detach(p.Pool.StopAndWait) }

type group struct{ pond.TaskGroup }

func (g *group) Submit(tasks ...func()) pond.TaskGroup {
	bound := bindAll("TaskGroup.Submit", tasks, bind)
	contextvars.Detach(func() { g.TaskGroup.Submit(bound...) })
	return g
}

func (g *group) SubmitErr(tasks ...func() error) pond.TaskGroup {
	bound := bindAll("TaskGroup.SubmitErr", tasks, bindResult)
	contextvars.Detach(func() { g.TaskGroup.SubmitErr(bound...) })
	return g
}
