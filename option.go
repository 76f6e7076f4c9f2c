package contextvars

import (
	"fmt"
	"reflect"

	"github.com/gocontextvars/contextvars/internal/declaration"
)

// An Option changes how a variable that [New] makes behaves. Package wire has
// another one, for variables that travel to other processes.
type Option func(*declaration.Declaration)

// Local keeps the variable's value in the very Context that it was set in: it
// is never in a copy, so no goroutine started there sees it, nor does a function
// that was bound, a task, or [Adopt]; but a generator of [Isolate] does. It is for what must not be shared: a live
// transaction, a lock, a session. Get costs the identity of the goroutine on top.
// [Label] has no effect beside it: what profiles show of a goroutine, they show of those
// that it starts, too.
func Local() Option { return func(d *declaration.Declaration) { d.Local = true } }

// Label makes the variable a profiler label of the goroutine as well, name=value: in
// CPU and goroutine profiles, and in tracebacks. It wins over a label with the same
// key that runtime/pprof set, which is back when the variable is unset. The value
// is formatted as fmt.Sprint does it, at each Set, which makes Set slower by some
// hundred nanoseconds. On a variable that is [Local] it has no effect.
//
// Tracebacks show labels with GODEBUG=tracebacklabels=1, which is the default where the main module's
// go.mod says go 1.27; package dump reads them. A goroutine that panics has run its deferred
// Restores by then.
func Label() Option { return func(d *declaration.Declaration) { d.Label = true } }

// Redacted keeps the variable's values out of what people read: logs of slogvars and its
// like, profiler labels, reports of wire and vartest, and call graphs of asyncio show
// [RedactedText] in their place. It does not keep a value from anybody who calls Get, nor
// from other processes if the variable travels.
func Redacted() Option { return func(d *declaration.Declaration) { d.Redacted = true } }

// RedactedText stands where a value of a [Redacted] variable would.
const RedactedText = "[redacted]"

// IsRedacted reports whether v was made with the option [Redacted], for code that shows
// values of any variable to people.
func IsRedacted(v Variable) bool { return checkVariable("IsRedacted", v).Redacted }

func declared[T any](call, name string, opts []Option) declaration.Declaration {
	d := declaration.Declaration{Name: name, Type: reflect.TypeFor[T]()}
	for i, opt := range opts {
		if opt == nil {
			panic(fmt.Sprintf("contextvars: %s(%q) was given a nil Option, number %d", call, name, i+1))
		}
		opt(&d)
	}
	return d
}

// labelText formats a value for a profiler label.
func labelText(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	return fmt.Sprint(value)
}
