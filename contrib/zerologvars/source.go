package zerologvars

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/gocontextvars/contextvars"
)

// source reads one variable for an event.
type source struct {
	key      string
	v        contextvars.Variable
	redacted bool // asked once, as it never changes
}

// addTo adds the variable to e, if there is something to log.
func (s *source) addTo(e *zerolog.Event) {
	value, ok := contextvars.LookupAny(s.v)
	switch {
	case !ok:
	case s.redacted:
		e.Str(s.key, contextvars.RedactedText)
	default:
		addPlain(e, s.key, value)
	}
}

// addPlain adds a value of a common type. Event.Any would do for all, but formats most
// by reflection.
func addPlain(e *zerolog.Event, key string, value any) {
	switch v := value.(type) {
	case string:
		e.Str(key, v)
	case int:
		e.Int(key, v)
	case bool:
		e.Bool(key, v)
	case time.Duration:
		e.Dur(key, v)
	case time.Time:
		e.Time(key, v)
	case int64:
		e.Int64(key, v)
	case int32:
		e.Int32(key, v)
	case int16:
		e.Int16(key, v)
	case int8:
		e.Int8(key, v)
	case uint:
		e.Uint(key, v)
	case uint64:
		e.Uint64(key, v)
	case uint32:
		e.Uint32(key, v)
	case uint16:
		e.Uint16(key, v)
	case uint8:
		e.Uint8(key, v)
	case float64:
		e.Float64(key, v)
	case float32:
		e.Float32(key, v)
	default:
		addByMethod(e, key, value)
	}
}

// addByMethod adds a value that may say itself how it is to be shown.
func addByMethod(e *zerolog.Event, key string, value any) {
	if isNil(value) {
		e.Any(key, nil)
		return
	}
	switch v := value.(type) {
	case zerolog.LogObjectMarshaler:
		e.Object(key, v)
	case zerolog.LogArrayMarshaler:
		e.Array(key, v)
	case error:
		e.AnErr(key, v)
	case json.RawMessage: // which is a Stringer since Go 1.27
		e.RawJSON(key, v)
	case fmt.Stringer:
		e.Stringer(key, v)
	default:
		e.Fields([]any{key, v})
	}
}
