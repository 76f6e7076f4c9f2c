package current

import "github.com/gocontextvars/contextvars/internal/frame"

// Life returns the life that what the running goroutine sees belongs to; nil if none.
func Life() *frame.Life { return Content().Life() }

// Live makes the context in force one of the life l, nil for none.
func Live(l *frame.Life) { Install(Changeable().WithLife(l)) }

// OpenScope makes the context in force one of a new life that is nothing but a Scope: its own.
func OpenScope() *frame.Life {
	l := new(frame.Life)
	l.Scope = l
	Live(l)
	return l
}
