package pondvars

import (
	"context"

	"github.com/alitto/pond/v2"

	"github.com/gocontextvars/contextvars"
)

// NewResultPool is pond.NewResultPool with tasks that see the variables of their submitters. It
// panics where pond.NewResultPool does.
func NewResultPool[R any](maxConcurrency int, options ...pond.Option) pond.ResultPool[R] {
	return WrapResult(detached(func() pond.ResultPool[R] {
		return pond.NewResultPool[R](maxConcurrency, options...)
	}))
}

// WrapResult is [Wrap] for a pool whose tasks have results.
func WrapResult[R any](p pond.ResultPool[R]) pond.ResultPool[R] {
	if p == nil {
		panic("pondvars: WrapResult was given a nil pond.ResultPool; " +
			"make one with pond.NewResultPool, or use NewResultPool")
	}
	return &resultPool[R]{p}
}

type resultPool[R any] struct{ pond.ResultPool[R] }

func (p *resultPool[R]) Submit(task func() R) pond.ResultTask[R] {
	bound := bindResult("ResultPool.Submit", task)
	return detached(func() pond.ResultTask[R] { return p.ResultPool.Submit(bound) })
}

func (p *resultPool[R]) SubmitErr(task func() (R, error)) pond.ResultTask[R] {
	bound := bindResultErr("ResultPool.SubmitErr", task)
	return detached(func() pond.ResultTask[R] { return p.ResultPool.SubmitErr(bound) })
}

func (p *resultPool[R]) TrySubmit(task func() R) (pond.ResultTask[R], bool) {
	bound := bindResult("ResultPool.TrySubmit", task)
	return detached2(func() (pond.ResultTask[R], bool) { return p.ResultPool.TrySubmit(bound) })
}

func (p *resultPool[R]) TrySubmitErr(task func() (R, error)) (pond.ResultTask[R], bool) {
	bound := bindResultErr("ResultPool.TrySubmitErr", task)
	return detached2(func() (pond.ResultTask[R], bool) { return p.ResultPool.TrySubmitErr(bound) })
}

func (p *resultPool[R]) NewSubpool(maxConcurrency int, options ...pond.Option) pond.ResultPool[R] {
	return &resultPool[R]{detached(func() pond.ResultPool[R] {
		return p.ResultPool.NewSubpool(maxConcurrency, options...)
	})}
}

func (p *resultPool[R]) NewGroup() pond.ResultTaskGroup[R] {
	return &resultGroup[R]{detached(p.ResultPool.NewGroup)}
}

func (p *resultPool[R]) NewGroupContext(ctx context.Context) pond.ResultTaskGroup[R] {
	return &resultGroup[R]{detached(func() pond.ResultTaskGroup[R] { return p.ResultPool.NewGroupContext(ctx) })}
}

func (p *resultPool[R]) Resize(maxConcurrency int) {
	contextvars.Detach(func() { p.ResultPool.Resize(maxConcurrency) })
}

func (p *resultPool[R]) Stop() pond.Task { return detached(p.ResultPool.Stop) }

func (p *resultPool[R]) StopAndWait() { contextvars.Detach(p.ResultPool.StopAndWait) }

type resultGroup[R any] struct{ pond.ResultTaskGroup[R] }

func (g *resultGroup[R]) Submit(tasks ...func() R) pond.ResultTaskGroup[R] {
	bound := bindAll("ResultTaskGroup.Submit", tasks, bindResult)
	contextvars.Detach(func() { g.ResultTaskGroup.Submit(bound...) })
	return g
}

func (g *resultGroup[R]) SubmitErr(tasks ...func() (R, error)) pond.ResultTaskGroup[R] {
	bound := bindAll("ResultTaskGroup.SubmitErr", tasks, bindResultErr)
	contextvars.Detach(func() { g.ResultTaskGroup.SubmitErr(bound...) })
	return g
}
