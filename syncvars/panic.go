package syncvars

import (
	"bytes"
	"fmt"
	"runtime/debug"
)

// panicError is what a function has panicked with, and where.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("%v\n\n%s", p.value, p.stack) }

func (p *panicError) Unwrap() error {
	err, _ := p.value.(error)
	return err
}

func newPanicError(value any) *panicError {
	stack := debug.Stack()
	// The first line, "goroutine N [running]:", is no longer true when somebody reads it.
	if i := bytes.IndexByte(stack, '\n'); i >= 0 {
		stack = stack[i+1:]
	}
	return &panicError{value, stack}
}
