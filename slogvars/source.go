package slogvars

import (
	"log/slog"

	"github.com/gocontextvars/contextvars"
)

// source reads one variable for a record.
type source struct {
	key      string
	v        contextvars.Variable
	redacted bool // asked once, as it never changes
}

// attr returns the variable as an attribute, false if there is nothing to log.
func (s *source) attr() (slog.Attr, bool) {
	value, ok := contextvars.LookupAny(s.v)
	if s.redacted {
		return slog.String(s.key, contextvars.RedactedText), ok
	}
	return slog.Any(s.key, value), ok
}
