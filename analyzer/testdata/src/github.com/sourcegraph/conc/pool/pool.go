package pool

import "context"

type Pool struct{}

func New() *Pool            { return nil }
func (p *Pool) Go(f func()) {}

type ErrorPool struct{}

func (p *ErrorPool) Go(f func() error) {}

type ContextPool struct{}

func (p *ContextPool) Go(f func(context.Context) error) {}

type ResultPool[T any] struct{}

func NewWithResults[T any]() *ResultPool[T] { return nil }
func (p *ResultPool[T]) Go(f func() T)      {}
