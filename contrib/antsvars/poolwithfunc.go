package antsvars

import (
	"github.com/panjf2000/ants/v2"

	"github.com/gocontextvars/contextvars"
)

// What such a pool of ants takes is an argument, which cannot carry a context. So the pool
// below is one of bound calls.
type (
	callPool      = ants.PoolWithFuncGeneric[func()]
	multiCallPool = ants.MultiPoolWithFuncGeneric[func()]
)

func call(f func()) { f() }

// A PoolWithFunc is an ants.PoolWithFunc whose Invoke carries the caller's variables.
type PoolWithFunc = PoolWithFuncGeneric[any]

// NewPoolWithFunc is [NewPoolWithFuncGeneric] for an argument of any type.
func NewPoolWithFunc(size int, f func(any), options ...ants.Option) (*PoolWithFunc, error) {
	return NewPoolWithFuncGeneric(size, f, options...)
}

// A PoolWithFuncGeneric is an ants.PoolWithFuncGeneric whose Invoke carries the caller's variables.
// The other methods are those of ants.
type PoolWithFuncGeneric[T any] struct {
	*callPool
	f func(T)
}

// NewPoolWithFuncGeneric is ants.NewPoolWithFuncGeneric, but the goroutines that the pool starts for
// itself hold nothing of the caller's. It returns the errors of ants, among them
// ants.ErrLackPoolFunc if f is nil.
func NewPoolWithFuncGeneric[T any](size int, f func(T), options ...ants.Option) (*PoolWithFuncGeneric[T], error) {
	if f == nil {
		return nil, ants.ErrLackPoolFunc
	}
	p, err := detached(func() (*callPool, error) {
		return ants.NewPoolWithFuncGeneric(size, call, options...)
	})
	if err != nil {
		return nil, err
	}
	return &PoolWithFuncGeneric[T]{p, f}, nil
}

// Invoke has a worker call the pool's function with arg, in a copy of the context that is current at
// this call. It returns the errors of ants.PoolWithFuncGeneric.Invoke. A nil arg is passed like any
// other; with ants.PoolWithFunc it would end a worker.
func (p *PoolWithFuncGeneric[T]) Invoke(arg T) error {
	return submit("PoolWithFuncGeneric.Invoke", p.callPool.Invoke, func() { p.f(arg) })
}

// Reboot is that of ants. What it starts holds nothing of the caller's.
func (p *PoolWithFuncGeneric[T]) Reboot() { contextvars.Detach(p.callPool.Reboot) }

// A MultiPoolWithFunc is an ants.MultiPoolWithFunc whose Invoke carries the caller's variables.
type MultiPoolWithFunc = MultiPoolWithFuncGeneric[any]

// NewMultiPoolWithFunc is [NewMultiPoolWithFuncGeneric] for an argument of any type.
func NewMultiPoolWithFunc(
	size, sizePerPool int, f func(any), strategy ants.LoadBalancingStrategy, options ...ants.Option,
) (*MultiPoolWithFunc, error) {
	return NewMultiPoolWithFuncGeneric(size, sizePerPool, f, strategy, options...)
}

// A MultiPoolWithFuncGeneric is an ants.MultiPoolWithFuncGeneric whose Invoke carries the caller's
// variables. The other methods are those of ants.
type MultiPoolWithFuncGeneric[T any] struct {
	*multiCallPool
	f func(T)
}

// NewMultiPoolWithFuncGeneric is ants.NewMultiPoolWithFuncGeneric, but the goroutines that the pools
// start for themselves hold nothing of the caller's. It returns the errors of ants, among them
// ants.ErrLackPoolFunc if f is nil.
func NewMultiPoolWithFuncGeneric[T any](
	size, sizePerPool int, f func(T), strategy ants.LoadBalancingStrategy, options ...ants.Option,
) (*MultiPoolWithFuncGeneric[T], error) {
	if f == nil {
		return nil, ants.ErrLackPoolFunc
	}
	p, err := detached(func() (*multiCallPool, error) {
		return ants.NewMultiPoolWithFuncGeneric(size, sizePerPool, call, strategy, options...)
	})
	if err != nil {
		return nil, err
	}
	return &MultiPoolWithFuncGeneric[T]{p, f}, nil
}

// Invoke is [PoolWithFuncGeneric.Invoke] with the errors of ants.MultiPoolWithFuncGeneric.Invoke.
func (p *MultiPoolWithFuncGeneric[T]) Invoke(arg T) error {
	return submit("MultiPoolWithFuncGeneric.Invoke", p.multiCallPool.Invoke, func() { p.f(arg) })
}

// Reboot is that of ants. What it starts holds nothing of the caller's.
func (p *MultiPoolWithFuncGeneric[T]) Reboot() { contextvars.Detach(p.multiCallPool.Reboot) }
