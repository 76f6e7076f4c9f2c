// Package frame holds the immutable half of a context: frames, which map
// variables to values, are what the slot of a goroutine points to. A frame never
// changes after it was stored there, so a child of a go statement, a
// copy of a context and a token can all share it, with no lock and no copying.
package frame

import (
	"sync/atomic"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// Key is a variable as frames know it: they compare keys by address.
type Key struct {
	num     uint // of its birth; never used twice
	special bool // Local or Text
	self    *Key // tells a key from a copy of one

	// Local keys stay with the frame's owner: they are left out whenever a
	// frame gets another one.
	Local bool
	// Text, if not nil, makes the variable a profiler label, with the value
	// that Text returns for a word of it. It runs code of users.
	Text func(slot.Word) string
	// Name is the label's key.
	Name string
	// Var is the variable itself.
	Var any
	// Redacted keeps values from what people read.
	Redacted bool
	// Wire is what package wire knows of the variable, if it travels.
	Wire any
}

var births atomic.Uintptr

// Init gives k, whose other fields are set, its number. Numbers that follow one
// another sit beside one another in a frame, so that variables made together do not
// collide.
func (k *Key) Init() {
	k.num = uint(births.Add(1) - 1)
	k.special = k.Local || k.Text != nil
	k.self = k
}

// Made reports whether Init was called on k. A key that it was not called on is refused:
// its number is another one's, and two keys with one number would
// lead a trie down without end.
func (k *Key) Made() bool { return k.self == k }

// Label returns the text that labels show for w, if k is to be a label.
func (k *Key) Label(w slot.Word) string {
	if k.Text == nil {
		return ""
	}
	return k.Text(w)
}
