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
	// Created is where that task or callback was created, the call itself first; in debug mode.
	Created []Frame
	// Graph is the tasks of a loop that has waited long with nothing scheduled.
	Graph *LoopGraph
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
	if len(c.Created) > 0 {
		b.WriteString("\n  created at")
		for _, f := range c.Created {
			fmt.Fprintf(&b, "\n    %v", f)
		}
	}
	if c.Graph != nil {
		fmt.Fprintf(&b, "\n%v", c.Graph)
	}
	if len(c.Stack) > 0 {
		fmt.Fprintf(&b, "\n%s", c.Stack)
	}
	return b.String()
}

// SetExceptionHandler sets what is called with errors that nobody waits for: panics in callbacks,
// failed tasks that nobody asked, and the like. nil is the default: they are printed to
// standard error. The handler runs in the context of the task or callback that it is about (142).
// If it panics or calls runtime.Goexit, that is printed, together with what it was called for (144).
func (l *EventLoop) SetExceptionHandler(handler func(*EventLoop, ErrorContext)) {
	if handler == nil {
		l.handler.Store(nil)
	} else {
		l.handler.Store(&handler)
	}
}

// CallExceptionHandler calls the exception handler.
func (l *EventLoop) CallExceptionHandler(c ErrorContext) { l.report(c) }

// DefaultExceptionHandler prints to standard error, as the loop does where no handler is set.
func (l *EventLoop) DefaultExceptionHandler(c ErrorContext) {
	fmt.Fprintln(os.Stderr, c)
}

func (l *EventLoop) report(c ErrorContext) {
	if c.Created == nil {
		c.Created = c.created()
	}
	handler := l.handler.Load()
	if handler == nil {
		l.DefaultExceptionHandler(c)
		return
	}
	returned := false
	defer func() {
		switch p := recover(); {
		case p != nil:
			l.DefaultExceptionHandler(ErrorContext{Message: fmt.Sprintf("the exception handler panicked: %v", p)})
		case !returned:
			l.DefaultExceptionHandler(ErrorContext{Message: "the exception handler called runtime.Goexit"})
		default:
			return
		}
		l.DefaultExceptionHandler(c)
	}()
	(*handler)(l, c)
	returned = true
}
