package asyncio

import (
	"fmt"
	"os"
	"strings"
)

// ErrorContext says what went wrong where nobody waits for an error, as asyncio's exception context
// does.
type ErrorContext struct {
	Message string
	Err     error     // nil if there is none
	Task    AnyTask   // the task it is about, if any
	Future  Awaitable // the future it is about, if any
	Handle  *Handle   // the callback it is about, if any
	Stack   []byte    // of a panic
}

func (c ErrorContext) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "asyncio: %s", c.Message)
	if c.Err != nil {
		fmt.Fprintf(&b, ": %s", strings.TrimPrefix(c.Err.Error(), "asyncio: "))
	}
	if c.Task != nil {
		fmt.Fprintf(&b, "\n  %v", c.Task)
	}
	if c.Future != nil {
		fmt.Fprintf(&b, "\n  %v", c.Future)
	}
	if c.Handle != nil {
		b.WriteString(c.Handle.made())
	}
	if len(c.Stack) > 0 {
		fmt.Fprintf(&b, "\n%s", c.Stack)
	}
	return b.String()
}

// SetExceptionHandler sets what is called with errors that nobody waits for: panics in callbacks,
// failed tasks that nobody asked, and the like. nil is the default: they are printed to
// standard error. The handler runs in the context of the task or callback that it is about (142).
// If it panics, that is printed, together with what it was called for (144).
func (l *EventLoop) SetExceptionHandler(handler func(*EventLoop, ErrorContext)) { l.handler = handler }

// CallExceptionHandler calls the exception handler.
func (l *EventLoop) CallExceptionHandler(c ErrorContext) { l.report(c) }

// DefaultExceptionHandler prints to standard error, as the loop does where no handler is set.
func (l *EventLoop) DefaultExceptionHandler(c ErrorContext) {
	fmt.Fprintln(os.Stderr, c)
}

func (l *EventLoop) report(c ErrorContext) {
	if l.handler == nil {
		l.DefaultExceptionHandler(c)
		return
	}
	defer func() {
		if p := recover(); p != nil {
			l.DefaultExceptionHandler(ErrorContext{Message: fmt.Sprintf("the exception handler panicked: %v", p)})
			l.DefaultExceptionHandler(c)
		}
	}()
	l.handler(l, c)
}
