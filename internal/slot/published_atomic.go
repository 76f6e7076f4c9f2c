//go:build !(amd64 || 386) || race

package slot

import "sync/atomic"

// Published is a pointer that one goroutine at a time writes and any number
// read. See published_plain.go for where it is cheaper.
type Published[T any] struct{ p atomic.Pointer[T] }

// Load returns the pointer.
func (p *Published[T]) Load() *T { return p.p.Load() }

// Store sets the pointer.
func (p *Published[T]) Store(v *T) { p.p.Store(v) }

// Flag is a bool that one goroutine at a time sets and any number read.
type Flag struct{ v atomic.Bool }

// IsSet reports whether Set was called.
func (f *Flag) IsSet() bool { return f.v.Load() }

// Set sets the flag, for good.
func (f *Flag) Set() { f.v.Store(true) }
