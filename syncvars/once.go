package syncvars

import (
	"sync"

	"github.com/gocontextvars/contextvars"
)

// A Once is a sync.Once whose function sees an empty context, whoever calls Do first, and
// whose goroutines hold nothing of that caller's.
//
// The zero Once is ready for use. It must not be copied after first use.
type Once struct{ once sync.Once }

// Do calls f in an empty context if it is the first call of Do for this Once, and
// otherwise waits until that has returned. What f sets is gone afterwards. If f panics or
// calls runtime.Goexit, it counts as returned, as for sync.Once; if f calls Do, it waits
// for itself for ever.
//
// Do costs what sync.Once's costs, and the first one two allocations more.
func (o *Once) Do(f func()) {
	check(f == nil, "Once.Do")
	o.once.Do(func() { contextvars.Detach(f) })
}

// OnceFunc is sync.OnceFunc with f called in an empty context: that of neither the
// call of OnceFunc nor the first call of what it returns. If f panics, every call panics
// with the same value, the first one with the stack of f. Later calls cost what they do with
// sync.OnceFunc.
func OnceFunc(f func()) func() {
	check(f == nil, "OnceFunc")
	return sync.OnceFunc(func() { contextvars.Detach(f) })
}

// OnceValue is [OnceFunc] for a function that returns a value.
func OnceValue[T any](f func() T) func() T {
	check(f == nil, "OnceValue")
	return sync.OnceValue(func() (value T) {
		contextvars.Detach(func() { value = f() })
		return value
	})
}

// OnceValues is [OnceFunc] for a function that returns two values.
func OnceValues[T1, T2 any](f func() (T1, T2)) func() (T1, T2) {
	check(f == nil, "OnceValues")
	return sync.OnceValues(func() (v1 T1, v2 T2) {
		contextvars.Detach(func() { v1, v2 = f() })
		return v1, v2
	})
}

func check(isNil bool, call string) {
	if isNil {
		panic("syncvars: " + call + " was given a nil func")
	}
}
