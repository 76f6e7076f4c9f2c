package contextvars

import (
	"errors"
	"fmt"

	"github.com/gocontextvars/contextvars/internal/frame"
)

// Errors of [ContextVar.Reset], for errors.Is: what Reset returns also names the
// variable.
var (
	// ErrTokenUsed says that the token was used before (27).
	ErrTokenUsed = errors.New("contextvars: token has already been used once")
	// ErrTokenVar says that the token was made by another variable (28).
	ErrTokenVar = errors.New("contextvars: token was created by a different ContextVar")
	// ErrTokenContext says that the token was made in another context: a copy, or
	// that of another goroutine (29).
	ErrTokenContext = errors.New("contextvars: token was created in a different Context")
)

// tokenError adds to a sentinel error what was tried.
func tokenError[T any](v *ContextVar[T], err error) error {
	switch err {
	case ErrTokenUsed:
		return fmt.Errorf("%w: Reset of %q; each Set gives a token for one Reset", err, v.key.Name)
	case ErrTokenVar:
		return fmt.Errorf("%w: Reset of %q; reset the variable that the token's Var returns", err, v.key.Name)
	case ErrTokenContext:
		return fmt.Errorf("%w: Reset of %q; reset in the goroutine and Context.Run that the Set was in, "+
			"or use Restore where a clean-up may run elsewhere", err, v.key.Name)
	}
	return err
}

// A LookupError is what [ContextVar.MustGet] panics with where the variable has
// neither a value nor a default (13).
type LookupError struct{ Var Variable }

// Error names the variable.
func (e *LookupError) Error() string {
	return fmt.Sprintf("contextvars: %v has no value here and no default; "+
		"set it first, or read it with Lookup or GetOr", e.Var)
}

// A ReentryError is what [Context.Run] panics with where the context is entered
// already: further up the stack, or by another goroutine (55).
type ReentryError struct{ Context *Context }

// Error names the context.
func (e *ReentryError) Error() string {
	return fmt.Sprintf("contextvars: cannot enter %v: it is already entered; run in a Copy of it", e.Context)
}

func checkFunc(isNil bool, call string) {
	if isNil {
		panic("contextvars: " + call + " was given a nil func")
	}
}

func checkVariable(call string, v Variable) *frame.Key {
	if v == nil {
		panic("contextvars: " + call + " was given a nil Variable")
	}
	return v.frameKey(call)
}
