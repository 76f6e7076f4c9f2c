package contextvars

import (
	"fmt"

	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/declaration"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// A ContextVar is a variable whose value belongs to the context that is current
// where it is read: a goroutine sees what it set itself, or else what its
// creator had set at the go statement.
//
// Make variables with [New] or [NewDefault], as package variables: one that is made
// inside a function lives on in every context that it was set in
// (174). All methods may be called from any number of goroutines.
//
// Values are not copied deeply: a map, a slice or a pointer is shared by every
// context that did not set its own (20).
type ContextVar[T any] struct {
	_          noCopy
	key        frame.Key
	packing    slot.Packing
	value      T // the default
	hasDefault bool

	zero       any // of type T
	defaultAny any // the default, to be had without an allocation
}

// New returns a variable that has no value until it is set. The name is
// free text for people and logs; variables with the same name are not the same (5).
func New[T any](name string, opts ...Option) *ContextVar[T] {
	v := new(ContextVar[T])
	v.init("New", name, opts)
	return v
}

// NewDefault is New for a variable that is value wherever it was not set.
// The default is in no context: not in Len, All, Contains, In or OldValue (19, 23).
func NewDefault[T any](name string, value T, opts ...Option) *ContextVar[T] {
	v := &ContextVar[T]{value: value, hasDefault: true, defaultAny: value}
	v.init("NewDefault", name, opts)
	return v
}

// init is for a v that has its default. Last of all it tells those whose options want to know of v.
func (v *ContextVar[T]) init(call, name string, opts []Option) {
	var zero T
	v.packing, v.zero = slot.PackingOf[T](), zero
	v.key.Name, v.key.Var = name, Variable(v)
	d := declared[T](call, name, opts)
	v.key.Local, v.key.Redacted = d.Local, d.Redacted
	switch {
	case d.Label && d.Redacted:
		v.key.Text = func(slot.Word) string { return RedactedText }
	case d.Label:
		v.key.Text = func(w slot.Word) string { return labelText(v.unpack(w)) }
	}
	v.key.Init()
	for _, made := range d.Made {
		made(v.declared())
	}
}

func init() {
	declaration.KeyOf = func(v any, call string) *frame.Key { return v.(Variable).frameKey(call) }
}

func (v *ContextVar[T]) declared() declaration.Variable {
	return declaration.Variable{
		Var: Variable(v),
		Key: &v.key,
		Any: v.unpack,
		Copy: func(w slot.Word) slot.Word {
			value := slot.Unpack[T](w, v.packing)
			return slot.Own(&value, v.packing)
		},
		New:  func() any { return new(T) },
		Word: func(p any) slot.Word { return slot.Own(p.(*T), v.packing) },
	}
}

// Name returns the name that the variable was made with.
func (v *ContextVar[T]) Name() string {
	v.check("Name")
	return v.key.Name
}

// Get returns the variable's value here, or else its default, or else the
// zero T. It never fails and allocates nothing; it costs two and a half times a call
// that is not inlined, and some nanoseconds more where a context holds over eight
// variables, or nothing was ever set.
func (v *ContextVar[T]) Get() T {
	v.check("Get")
	// This is lookup, by hand: it saves a call.
	h := slot.Load()
	if h != nil && h.Marked() {
		if w, ok := slot.Outer[frame.Frame](h).Hit(&v.key); ok {
			return slot.Unpack[T](w, v.packing)
		}
	}
	if w, ok := current.Find(h, &v.key); ok {
		return slot.Unpack[T](w, v.packing)
	}
	return v.value
}

// Lookup returns the variable's value here, or else its default, and true; false
// where it has neither, which Python makes a LookupError (12).
func (v *ContextVar[T]) Lookup() (T, bool) {
	v.check("Lookup")
	if w, ok := current.Find(slot.Load(), &v.key); ok {
		return slot.Unpack[T](w, v.packing), true
	}
	return v.value, v.hasDefault
}

// GetOr returns the variable's value here, or else fallback. The default is not
// asked (12, 14).
func (v *ContextVar[T]) GetOr(fallback T) T {
	v.check("GetOr")
	if w, ok := current.Find(slot.Load(), &v.key); ok {
		return slot.Unpack[T](w, v.packing)
	}
	return fallback
}

// MustGet is Lookup for values that have to be there: it panics with a
// [*LookupError] where Lookup returns false.
func (v *ContextVar[T]) MustGet() T {
	v.check("MustGet")
	value, ok := v.Lookup()
	if !ok {
		panic(&LookupError{Var: v})
	}
	return value
}

// In returns the value that c holds. Defaults never count (19).
func (v *ContextVar[T]) In(c *Context) (T, bool) {
	v.check("In")
	if c == nil {
		panic(fmt.Sprintf("contextvars: In of %q was given a nil *Context", v.key.Name))
	}
	if w, ok := c.find(&v.key); ok {
		return slot.Unpack[T](w, v.packing), true
	}
	var zero T
	return zero, false
}

// Set gives the variable a value in the current context, and so for all that this
// goroutine calls from now on and starts from now on. The token takes it back:
//
//	defer requestID.Set(id).Restore()
//
// Set costs at most two allocations, one if the value is a pointer or a channel, and one and
// a half times to twice a context.WithValue. The first Set of a goroutine makes it a
// context of its own and costs some 150 ns more. With the option [Local] there are up to
// four allocations, with [Label] up to seven; above eight variables in force it costs
// some hundred nanoseconds.
func (v *ContextVar[T]) Set(value T) Token[T] {
	v.checkMade("Set")
	next, prev := current.Set(&v.key, slot.Pack(value, v.packing))
	return Token[T]{v, next, prev}
}

// Unset takes the variable's value in the current context away, so that it has its
// default again or nothing. The token puts the value back.
func (v *ContextVar[T]) Unset() Token[T] {
	v.checkMade("Unset")
	next, prev := current.Unset(&v.key)
	return Token[T]{v, next, prev}
}

// Reset gives the variable the value that it had before the Set or Unset that
// made t, or none if it had none. Resets in any order are fine: each
// goes back to its own old value (33, 34).
//
// It fails, changes nothing, and does not use t up (31), with [ErrTokenUsed],
// [ErrTokenVar] or [ErrTokenContext], asked in that order (30).
func (v *ContextVar[T]) Reset(t Token[T]) error {
	v.check("Reset")
	return tokenError(v, t.resetFor(v))
}

// With calls f with the variable set to value, and undoes that when f ends, be it by
// a panic or runtime.Goexit.
func (v *ContextVar[T]) With(value T, f func()) {
	v.check("With")
	if f == nil {
		panic(fmt.Sprintf("contextvars: With of %q was given a nil func", v.key.Name))
	}
	defer v.Set(value).Restore()
	f()
}

// A Variable is a *ContextVar[T] with its type set aside: the key of a
// [Context]. Only this package implements it.
type Variable interface {
	// Name returns the name that the variable was made with.
	Name() string
	// String describes the variable.
	String() string

	frameKey(call string) *frame.Key
	unpack(slot.Word) any
	equal(a, b slot.Word) bool
	defaultValue() (any, bool)
}

// LookupAny is v.Lookup for code that handles variables of any type. It allocates
// nothing.
func LookupAny(v Variable) (any, bool) {
	if w, ok := lookup(checkVariable("LookupAny", v)); ok {
		return v.unpack(w), true
	}
	return v.defaultValue()
}

// lookup is what the typed methods do by hand. That it stands here, in a function
// without type parameters, is also what lets the compiler inline its parts
// in those methods: bodies of other packages' functions are passed on to the
// users of generic code only if they are inlined in plain code, too.
func lookup(k *frame.Key) (slot.Word, bool) {
	h := slot.Load()
	if h != nil && h.Marked() {
		if w, ok := slot.Outer[frame.Frame](h).Hit(k); ok {
			return w, true
		}
	}
	return current.Find(h, k)
}

func (v *ContextVar[T]) frameKey(call string) *frame.Key {
	if v == nil {
		panic("contextvars: " + call + " was given a nil *ContextVar; make variables with New or NewDefault")
	}
	return &v.key
}

func (v *ContextVar[T]) unpack(w slot.Word) any { return slot.Any[T](w, v.packing, v.zero) }

func (v *ContextVar[T]) defaultValue() (any, bool) {
	return v.defaultAny, v.hasDefault
}

func (v *ContextVar[T]) equal(a, b slot.Word) bool { return equalValues(v.unpack(a), v.unpack(b)) }

// equalValues is ==, and false where that panics, which it does for values
// that Go cannot compare and for no other reason. Asking reflect beforehand does
// not do: it calls [0]func() comparable.
func equalValues(a, b any) (equal bool) {
	defer func() { _ = recover() }()
	return a == b
}

func (v *ContextVar[T]) check(method string) {
	if v == nil {
		panic("contextvars: " + method + " was called on a nil *ContextVar; make variables with New or NewDefault")
	}
}

// checkMade is check for methods that put v into a context.
func (v *ContextVar[T]) checkMade(method string) {
	if v == nil || !made(&v.key) {
		v.refuse(method)
	}
}

// made is plain code for the reason that lookup is.
func made(k *frame.Key) bool { return k.Made() }

// refuse is apart from checkMade for that to be inlined.
func (v *ContextVar[T]) refuse(method string) {
	v.check(method)
	panic("contextvars: " + method + " was called on a ContextVar that is a copy, or was not made by New or NewDefault")
}
