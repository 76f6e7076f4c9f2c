package asyncio

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gocontextvars/contextvars/internal/traceback"
)

// Frame is a call on a stack.
type Frame struct {
	Function string // with its package's path
	File     string
	Line     int
}

func (f Frame) String() string { return fmt.Sprintf("%s:%d, in %s()", f.File, f.Line, f.name()) }

// name returns the function with the last element of its package's path only.
func (f Frame) name() string { return f.Function[strings.LastIndexByte(f.Function, '/')+1:] }

// short is String for a message in one line.
func (f Frame) short() string {
	return fmt.Sprintf("%s (%s:%d)", f.name(), filepath.Base(f.File), f.Line)
}

// framesOf returns the calls of users' functions on a stack, the most recent first. in is the call of this
// package that they have made, if they have.
func framesOf(pcs []uintptr) (calls []Frame, in string) { return make(symbols).framesOf(pcs) }

// symbols are the calls that program counters stand for. Finding them is what costs most of a
// stack, and tasks have most of them in common.
type symbols map[uintptr]symbol

// symbol is a call, and whether it is a user's; if it is one of this package, that users can call,
// under which name.
type symbol struct {
	Frame
	users   bool
	call    string
	literal bool // in that one
}

func (s symbols) framesOf(pcs []uintptr) (calls []Frame, in string) {
	var all sieve
	for _, pc := range pcs {
		known, ok := s[pc]
		if !ok {
			f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
			known = symbolOf(Frame{f.Function, f.File, f.Line})
			s[pc] = known
		}
		all.add(known)
	}
	return all.calls, all.in
}

// users takes what is not users' out of a stack.
func users(stack []traceback.Frame) (calls []Frame, in string) {
	var all sieve
	for _, f := range stack {
		all.add(symbolOf(Frame(f)))
	}
	return all.calls, all.in
}

// sieve takes a stack, from the most recent call on, and keeps what is users': not the
// calls inside of this package, which are above, between and below theirs, nor the runtime's.
type sieve struct {
	calls []Frame
	in    string
}

func (s *sieve) add(c symbol) {
	switch {
	case c.users:
		s.calls = append(s.calls, c.Frame)
	case len(s.calls) == 0 && c.call != "" && (!c.literal || s.in == ""):
		s.in = c.call // the outermost; where a method of ours is a task's function, that of Go is around it
	}
}

func symbolOf(f Frame) symbol {
	if f.machinery() {
		call, literal := f.call()
		return symbol{Frame: f, call: call, literal: literal}
	}
	return symbol{Frame: f, users: true}
}

const (
	module      = "github.com/gocontextvars/contextvars"
	thisPackage = module + "/asyncio"
)

// machinery reports whether the function is the runtime's or this module's.
func (f Frame) machinery() bool {
	switch path := f.path(); path {
	case "runtime", "iter", "":
		return true
	case module, thisPackage:
		return !strings.HasSuffix(f.File, "_test.go")
	default:
		return strings.HasPrefix(path, module+"/internal/") || strings.HasPrefix(path, "internal/")
	}
}

// path returns the function's package.
func (f Frame) path() string {
	slash := strings.LastIndexByte(f.Function, '/') + 1
	if dot := strings.IndexByte(f.Function[slash:], '.'); dot >= 0 {
		return f.Function[:slash+dot]
	}
	return "" // panic, in a dump
}

// call returns what a user would call a function of this package, such as Event.Wait, or that which a
// function literal stands in; "" for one that users cannot call.
func (f Frame) call() (name string, literal bool) {
	name, ok := strings.CutPrefix(f.Function, thisPackage+".")
	if !ok {
		return "", false
	}
	name = strings.NewReplacer("(*", "", ")", "", "[...]", "").Replace(name)
	name, _, _ = strings.Cut(name, "-") // of a method value, or the body of a range loop
	parts := strings.Split(name, ".")
	switch {
	case len(parts) > 1 && exported(parts[1]): // of a type that may not be, but is part of one that is
		return parts[0] + "." + parts[1], len(parts) > 2
	case exported(parts[0]) && (len(parts) == 1 || strings.HasPrefix(parts[1], "func")):
		return parts[0], len(parts) > 1
	}
	return "", false
}

func exported(name string) bool { return name != "" && name[0] >= 'A' && name[0] <= 'Z' }
