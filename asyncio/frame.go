package asyncio

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
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
func framesOf(pcs []uintptr) (calls []Frame, in string) {
	if len(pcs) == 0 {
		return nil, ""
	}
	frames := runtime.CallersFrames(pcs)
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		calls = append(calls, Frame{f.Function, f.File, f.Line})
	}
	return users(calls)
}

// users takes what is not users' out of a stack: this package's frames, which are between and below
// theirs, and the runtime's.
func users(stack []Frame) (calls []Frame, in string) {
	for _, f := range stack {
		switch {
		case !f.machinery():
			calls = append(calls, f)
		case len(calls) == 0:
			if call := f.call(); call != "" {
				in = call
			}
		}
	}
	return calls, in
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

// call returns what a user would call a function of this package, such as Queue.Get; "" for one
// that users cannot call.
func (f Frame) call() string {
	name, ok := strings.CutPrefix(f.Function, thisPackage+".")
	if !ok {
		return ""
	}
	name = strings.NewReplacer("(*", "", ")", "", "[...]", "").Replace(name)
	name, _, _ = strings.Cut(name, "-") // of a method value, or the body of a range loop
	parts := strings.Split(name, ".")
	switch {
	case !exported(parts[0]):
		return ""
	case len(parts) == 1 || strings.HasPrefix(parts[1], "func"):
		return parts[0]
	case !exported(parts[1]):
		return ""
	}
	return parts[0] + "." + parts[1]
}

func exported(name string) bool { return name != "" && name[0] >= 'A' && name[0] <= 'Z' }
