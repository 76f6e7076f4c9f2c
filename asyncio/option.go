package asyncio

import (
	"github.com/gocontextvars/contextvars"
)

// CallOption says how a callback or a task is to be run: in which context, under which
// name, from when on. The last one of a kind counts.
type CallOption struct {
	context *contextvars.Context
	name    string
	named   bool
	eager   eagerness
}

type eagerness uint8

const (
	asLoopHasIt eagerness = iota
	atOnce
	nextTurn
)

// WithContext runs the callback or task in c itself, not in a copy of the current context:
// what it sets is in c afterwards (102, 129). Several tasks may have the same context; it
// is entered only while they run, so that each sees what the others set (130, 132). Who stands still meanwhile lends
// it: the goroutine that runs the loop, and the creator of a task that begins at once (133). If
// somebody else has it entered when the turn comes, the callback or task waits until it is left.
func WithContext(c *contextvars.Context) CallOption {
	if c == nil {
		panic("asyncio: WithContext was given a nil *Context; leave the option out for a copy of the current one")
	}
	return CallOption{context: c}
}

// WithName names a task. Without it the name is Task- and a number.
func WithName(name string) CallOption { return CallOption{name: name, named: true} }

// Eager lets a task begin at once, inside the call that creates it, up to its first wait
// (134). If it does not wait, it is done when the call returns, and was never scheduled. Where
// nothing runs yet it has no effect.
func Eager() CallOption { return EagerStart(true) }

// EagerStart is [Eager], or with false its opposite, for a loop whose task factory
// starts tasks eagerly (135).
func EagerStart(eager bool) CallOption {
	if eager {
		return CallOption{eager: atOnce}
	}
	return CallOption{eager: nextTurn}
}

// merged returns what the options say together.
func merged(opts []CallOption) (all CallOption) {
	for _, o := range opts {
		if o.context != nil {
			all.context = o.context
		}
		if o.named {
			all.name, all.named = o.name, true
		}
		if o.eager != asLoopHasIt {
			all.eager = o.eager
		}
	}
	return all
}
