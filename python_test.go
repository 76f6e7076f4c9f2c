package contextvars_test

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	cv "github.com/gocontextvars/contextvars"
)

// Where Go differs from Python, and what is held: behaviours of docs/python.md, by their numbers.

func TestCopyOfVariableIsRefused(t *testing.T) { // 9
	v := cv.New[int]("v")
	copied := new(cv.ContextVar[int])
	reflect.ValueOf(copied).Elem().Set(reflect.ValueOf(v).Elem()) // *copied = *v, which go vet reports
	v.Set(1)
	for call, f := range map[string]func(){
		"Set":   func() { copied.Set(2) },
		"Unset": func() { copied.Unset() },
		"With":  func() { copied.With(2, never) },
	} {
		text := fmt.Sprint(panicOf(f))
		want(t, call+" says whose fault it is: "+text, strings.HasPrefix(text, "contextvars: "), true)
		want(t, call+" says what is wrong: "+text, strings.Contains(text, "copy"), true)
	}
	wantContent(t, cv.CopyContext(), map[string]any{"v": 1})
}

func TestTokenAsMapKey(t *testing.T) { // 37
	v := cv.New[int]("v")
	first, second := v.Set(1), v.Set(1)
	of := map[cv.Token[int]]string{first: "first", second: "second"}
	second.Restore() // is no other token for having been used
	copied := second
	want(t, "of[first]", of[first], "first")
	want(t, "of[copy of second]", of[copied], "second")
	want(t, "of[zero]", of[cv.Token[int]{}], "")
}

func TestContextAsMapKey(t *testing.T) { // 69
	v := cv.New[int]("v")
	c := contextWith(func() { v.Set(1) })
	d := c.Copy()
	of := map[*cv.Context]string{c: "c", d: "d"}
	want(t, "they are equal", c.Equal(d), true)
	c.Run(func() { v.Set(2) }) // is no other key for having changed
	want(t, "of[c]", of[c], "c")
	want(t, "of[d]", of[d], "d")
}

func TestContextHoldsVariable(t *testing.T) { // 174; 10: there are weak pointers to variables
	c, w := func() (*cv.Context, weak.Pointer[cv.ContextVar[int]]) {
		v := cv.New[int]("made in a function")
		return contextWith(func() { v.Set(1) }), weak.Make(v)
	}()
	runtime.GC()
	runtime.GC()
	if w.Value() == nil {
		t.Fatal("the variable is gone, though a Context has it")
	}
	for v := range c.All() {
		want(t, "the Context's variable", v, cv.Variable(w.Value()))
	}
}

func TestStoppedTimerHoldsItsContext(t *testing.T) { // 175: a Reset needs it
	token, w := setMade()
	seen := make(chan bool)
	timer := cv.AfterFunc(time.Hour, func() { seen <- held.Get() != nil && held.Get() == w.Value() })
	token.Restore()
	timer.Stop()
	wantHeld(t, "stopped", w)
	timer.Reset(0)
	want(t, "sees the value after Reset", <-seen, true)
}

func TestReadingHoldsNothing(t *testing.T) { // 178, 179: nothing is cached
	token, w := setMade()
	c := cv.CopyContext()
	read := func() {
		held.Get()
		held.Lookup()
		held.GetOr(nil)
		held.MustGet()
		held.In(c)
		c.Value(held)
		cv.LookupAny(held)
	}
	read()
	elsewhere(read)
	token.Restore()
	c = nil
	held.Get()
	wantFree(t, "read in many ways", w)
}
