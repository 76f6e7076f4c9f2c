package ants

type Pool struct{}

func NewPool(size int) (*Pool, error)    { return nil, nil }
func (p *Pool) Submit(task func()) error { return nil }
func (p *Pool) Release()                 {}
func Submit(task func()) error           { return nil }

type PoolWithFunc struct{}

func NewPoolWithFunc(size int, pf func(any)) (*PoolWithFunc, error) { return nil, nil }

type PoolWithFuncGeneric[T any] struct{}

func NewPoolWithFuncGeneric[T any](size int, pf func(T)) (*PoolWithFuncGeneric[T], error) {
	return nil, nil
}
