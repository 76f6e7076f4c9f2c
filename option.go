package contextvars

import "fmt"

// An Option changes how a variable that [New] makes behaves.
type Option func(*settings)

type settings struct{ local, label bool }

// Local keeps the variable's value in the very Context that it was set in: it
// is never in a copy, so no goroutine started there sees it, nor does a function
// that was bound, a task, or [Adopt]; but a generator of [Isolate] does. It is for what must not be shared: a live
// transaction, a lock, a session. Get costs the identity of the goroutine on top.
// [Label] has no effect beside it: what profiles show of a goroutine, they show of those
// that it starts, too.
func Local() Option { return func(s *settings) { s.local = true } }

// Label makes the variable a profiler label of the goroutine as well, name=value: in
// CPU and goroutine profiles, and in tracebacks. It wins over a label with the same
// key that runtime/pprof set, which is back when the variable is unset. The value
// is formatted as fmt.Sprint does it, at each Set, which makes Set slower by some
// hundred nanoseconds. On a variable that is [Local] it has no effect.
func Label() Option { return func(s *settings) { s.label = true } }

func apply(call, name string, opts []Option) settings {
	var s settings
	for i, opt := range opts {
		if opt == nil {
			panic(fmt.Sprintf("contextvars: %s(%q) was given a nil Option, number %d", call, name, i+1))
		}
		opt(&s)
	}
	return s
}

// labelText formats a value for a profiler label.
func labelText(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	return fmt.Sprint(value)
}
