package main

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// A bed is what a side is measured on.
type bed struct {
	befores []func()
	afters  []func()
	ends    []func()
}

// before has f called before each sample, on the goroutine that is measured. It is not in the time.
func (b *bed) before(f func()) { b.befores = append(b.befores, f) }

// after has f called after each sample, to wait for what is still being done. It is not in the time.
func (b *bed) after(f func()) { b.afters = append(b.afters, f) }

// atEnd has f called when all is measured, those that were given later first.
func (b *bed) atEnd(f func()) { b.ends = append(b.ends, f) }

func (b *bed) end() {
	for _, f := range slices.Backward(b.ends) {
		f()
	}
}

// The variables that travel. There are no more, since the time that package wire takes may depend on how many
// there are.
var eight = func() (vars [8]*contextvars.ContextVar[string]) {
	for i, name := range [...]string{"request", "tenant", "user", "locale", "region", "session", "order", "device"} {
		vars[i] = contextvars.New[string](name, wire.Travels(wire.AllHops))
	}
	return vars
}()

// four are those of a request.
var four = eight[:4]

// A cargo is what a side's variables hold: other values in each sample, so that one is found out that
// keeps what it was started with.
type cargo struct {
	vars   []*contextvars.ContextVar[string]
	values atomic.Pointer[[]string] // read by other goroutines
	text   string                   // as W3C Baggage
	trip   int
}

// carry has the variables set before each sample.
func (b *bed) carry(vars []*contextvars.ContextVar[string]) *cargo {
	c := &cargo{vars: vars}
	b.before(c.load)
	return c
}

// load sets the variables to new values of 16 bytes each.
func (c *cargo) load() {
	c.trip++
	values, members := make([]string, len(c.vars)), make([]string, len(c.vars))
	for i, v := range c.vars {
		values[i] = fmt.Sprintf("%c%015d", 'a'+i, c.trip)
		members[i] = v.Name() + "=" + values[i]
		//contextvars:ignore token runs in a context of its own
		v.Set(values[i])
	}
	c.values.Store(&values)
	c.text = strings.Join(members, ",")
}

// arrived reports whether all the variables have the values here that were loaded.
func (c *cargo) arrived() bool {
	for i, want := range *c.values.Load() {
		if c.vars[i].GetOr("") != want {
			return false
		}
	}
	return true
}
