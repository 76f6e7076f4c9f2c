package syncvars

import (
	"strconv"

	"github.com/gocontextvars/contextvars"
)

// A Part is a variable that is part of the keys of a [Group]; [With] makes it.
type Part struct {
	find func(*contextvars.Context) (value any, ok bool)
	set  func(value any)
}

// With makes the variable v part of a Group's keys: callers share a call if their keys are
// equal and v has equal values where they call, or none, and the work sees that value. A
// default counts as none; the work has it, too.
//
// Use variables that hold what identifies something, such as a tenant's name. A pointer is
// equal only to itself, and a variable that differs for each request, such as a request's
// ID, makes an end of all sharing. Values that a variable of an interface type has must be
// comparable, or Do panics as a map does.
func With[T comparable](v *contextvars.ContextVar[T]) Part {
	if v == nil {
		panic("syncvars: With was given a nil *ContextVar; make variables with contextvars.New")
	}
	return Part{
		find: func(c *contextvars.Context) (any, bool) { return v.In(c) },
		set: func(value any) {
			t, _ := value.(T) // a nil interface is no T
			//contextvars:ignore token it is set in the context of the work alone
			v.Set(t)
		},
	}
}

// seen is what the variables of some Parts have where a Group is called: as a list, the last
// one first, that can be compared and be part of a map's key.
type seen struct {
	before any // a seen, or nil
	value  any
	ok     bool
}

// look returns what the variables have here, as a seen, or nil if there are none.
func look(parts []Part) (last any) {
	if len(parts) == 0 {
		return nil
	}
	c := contextvars.CopyContext()
	for _, p := range parts {
		value, ok := p.find(c)
		last = seen{last, value, ok}
	}
	return last
}

// setAll sets the variables to what look returned.
func setAll(parts []Part, last any) {
	for i := len(parts) - 1; i >= 0; i-- {
		s := last.(seen)
		if s.ok {
			parts[i].set(s.value)
		}
		last = s.before
	}
}

func checkParts(parts []Part) {
	for i, p := range parts {
		if p.find == nil {
			panic("syncvars: NewGroup was given a Part, number " + strconv.Itoa(i+1) +
				", that With has not made")
		}
	}
}
