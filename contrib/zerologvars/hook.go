package zerologvars

import (
	"fmt"
	"reflect"

	"github.com/rs/zerolog"

	"github.com/gocontextvars/contextvars"
)

// NewHook returns a hook that adds the variables' values to events, for Logger.Hook. The
// values are those of the goroutine that sends the event. The key is the variable's name.
// A variable without a value has its default; one that has neither is left out.
//
// Strings, numbers, bools, times and durations are formatted as by Event.Str, Int, and so
// on; after them, in this order, values with zerolog's marshalers for objects and arrays,
// errors as by Event.AnErr, a json.RawMessage as by Event.RawJSON, and Stringers as by
// Event.Stringer. All other values are formatted as by Event.Fields, which means by
// reflection for most of them, and one or two allocations. A nil pointer is null, and no
// method is called on it. In place of a value of a variable with the option
// [contextvars.Redacted] stands [contextvars.RedactedText], and no method of the value is
// called.
//
// zerolog runs hooks last: the variables, as they were given here, stand behind the fields
// of With and those of the event, and before the message. It does not look for equal keys,
// so one that is given by hand as well is written twice. Readers of JSON that keep one
// of two mostly keep the last, which is the variable's here; with slogvars and zapvars
// it is the call's. A logger that was given the hook twice writes the variables twice,
// and zerolog cannot take a hook away.
//
// An event costs the lookups and the formatting of the values. One that is not sent,
// because of its level, a sampler, or Event.Discard, costs nothing. For some levels only,
// put the hook into a zerolog.LevelHook.
//
// NewHook panics if a variable is nil.
func NewHook(vars ...contextvars.Variable) zerolog.Hook {
	h := make(hook, 0, len(vars))
	for i, v := range vars {
		if isNil(v) {
			panic(fmt.Sprintf("zerologvars: NewHook was given a nil variable, number %d; "+
				"make variables with contextvars.New or contextvars.NewDefault", i+1))
		}
		h = append(h, source{v.Name(), v, contextvars.IsRedacted(v)})
	}
	return h
}

// hook is immutable, so it needs no lock.
type hook []source

func (h hook) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	if !e.Enabled() { // an earlier hook may have discarded it
		return
	}
	for i := range h {
		h[i].addTo(e)
	}
}

func isNil(v any) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}
