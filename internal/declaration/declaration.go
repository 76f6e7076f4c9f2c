// Package declaration holds what the options of a variable say of it, for the
// packages of this module that have options: the root package and wire.
package declaration

import (
	"reflect"

	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// A Declaration is what New has been told of a variable.
type Declaration struct {
	Name string       // of the variable
	Type reflect.Type // of its values

	Local, Label, Redacted, Travels bool

	// Made is called when the variable is finished.
	Made []func(Variable)
}

// A Variable is a finished variable with its type set aside, for packages that store
// values in it without knowing their type.
type Variable struct {
	Var  any // a contextvars.Variable
	Key  *frame.Key
	Any  func(slot.Word) any       // the value that a word holds
	Copy func(slot.Word) slot.Word // a word for the same value that no other Set's is equal to, unless T is a pointer
	New  func() any                // a *T, to be filled in
	Word func(any) slot.Word       // the word for what New returned, which nobody may change from now on; as Copy's
}

// KeyOf returns the key of a contextvars.Variable, which must not be nil. The root package, which has
// that type, sets it. It panics, naming the call, if the variable is a nil pointer.
var KeyOf func(variable any, call string) *frame.Key
