package concvars

import "github.com/gocontextvars/contextvars"

// BindIdx is contextvars.Bind1 for a function with an index, as that of iter.ForEachIdx: each
// call of the function that it returns calls f in a copy of its own of the context that is current now. It
// panics if f is nil.
func BindIdx[T any](f func(int, *T)) func(int, *T) {
	checkFunc("BindIdx", f == nil)
	bound := contextvars.Bind1(func(at indexed[T]) { f(at.i, at.element) })
	return func(i int, element *T) { bound(indexed[T]{i, element}) }
}

// BindErr is contextvars.BindResult for a function with an error beside its result, as that of
// iter.MapErr. It panics if f is nil.
func BindErr[T, R any](f func(*T) (R, error)) func(*T) (R, error) {
	checkFunc("BindErr", f == nil)
	return bindPair(f)
}

type indexed[T any] struct {
	i       int
	element *T
}
