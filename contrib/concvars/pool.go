package concvars

import (
	"context"

	"github.com/sourcegraph/conc/pool"

	"github.com/gocontextvars/contextvars"
)

// Go is p.Go(f) with f in a copy of the caller's context. It panics where p.Go does, and if p or f is
// nil.
func Go(p *pool.Pool, f func()) {
	check("Go", p == nil, f == nil)
	bound := contextvars.Bind(f)
	contextvars.Detach(func() { p.Go(bound) })
}

// GoErr is [Go] for a pool whose jobs may fail.
func GoErr(p *pool.ErrorPool, f func() error) {
	check("GoErr", p == nil, f == nil)
	bound := bind(f)
	contextvars.Detach(func() { p.Go(bound) })
}

// GoContext is [Go] for a pool whose jobs share a context.Context, which is no matter of this package.
func GoContext(p *pool.ContextPool, f func(context.Context) error) {
	check("GoContext", p == nil, f == nil)
	bound := contextvars.BindResult(f)
	contextvars.Detach(func() { p.Go(bound) })
}

// GoResult is [Go] for a pool whose jobs have results.
func GoResult[T any](p *pool.ResultPool[T], f func() T) {
	check("GoResult", p == nil, f == nil)
	bound := bind(f)
	contextvars.Detach(func() { p.Go(bound) })
}

// GoResultErr is [Go] for a pool whose jobs have results and may fail.
func GoResultErr[T any](p *pool.ResultErrorPool[T], f func() (T, error)) {
	check("GoResultErr", p == nil, f == nil)
	bound := bindPair(func(struct{}) (T, error) { return f() })
	contextvars.Detach(func() { p.Go(func() (T, error) { return bound(struct{}{}) }) })
}

// GoResultContext is [GoContext] for a pool whose jobs have results.
func GoResultContext[T any](p *pool.ResultContextPool[T], f func(context.Context) (T, error)) {
	check("GoResultContext", p == nil, f == nil)
	bound := bindPair(f)
	contextvars.Detach(func() { p.Go(bound) })
}

func check(call string, noPool, noFunc bool) {
	if noPool {
		panic("concvars: " + call + " was given a nil pool; make one with package pool of conc")
	}
	checkFunc(call, noFunc)
}

func checkFunc(call string, noFunc bool) {
	if noFunc {
		panic("concvars: " + call + " was given a nil func")
	}
}

func bind[R any](f func() R) func() R {
	bound := contextvars.BindResult(func(struct{}) R { return f() })
	return func() R { return bound(struct{}{}) }
}

// bindPair is contextvars.BindResult for two results.
func bindPair[A, R, S any](f func(A) (R, S)) func(A) (R, S) {
	type pair struct {
		r R
		s S
	}
	bound := contextvars.BindResult(func(a A) pair {
		r, s := f(a)
		return pair{r, s}
	})
	return func(a A) (R, S) {
		p := bound(a)
		return p.r, p.s
	}
}
