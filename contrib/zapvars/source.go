package zapvars

import (
	"fmt"
	"reflect"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gocontextvars/contextvars"
)

// source reads one variable for an entry.
type source struct {
	key      string
	v        contextvars.Variable
	redacted bool // asked once, as it never changes
}

func sourcesOf(call string, vars []contextvars.Variable) []source {
	sources := make([]source, 0, len(vars))
	for i, v := range vars {
		if isNil(v) {
			panic(fmt.Sprintf("zapvars: %s was given a nil variable, number %d; "+
				"make variables with contextvars.New or contextvars.NewDefault", call, i+1))
		}
		sources = append(sources, source{v.Name(), v, contextvars.IsRedacted(v)})
	}
	return sources
}

func isNil(v contextvars.Variable) bool {
	if v == nil {
		return true
	}
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// field returns the variable as a field, false if there is nothing to log.
func (s *source) field() (zapcore.Field, bool) {
	value, ok := contextvars.LookupAny(s.v)
	switch {
	case !ok:
		return zapcore.Field{}, false
	case s.redacted:
		return zap.String(s.key, contextvars.RedactedText), true
	}
	// zap.Any makes the same of them, but asks for a marshaler first, which takes three
	// times as long.
	switch value := value.(type) {
	case string:
		return zap.String(s.key, value), true
	case int:
		return zap.Int(s.key, value), true
	case int64:
		return zap.Int64(s.key, value), true
	case bool:
		return zap.Bool(s.key, value), true
	case time.Duration:
		return zap.Duration(s.key, value), true
	}
	return zap.Any(s.key, value), true
}
