package contextvars

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// String describes the variable with its name, its default if it has one, and
// its address, which tells variables of one name apart (11).
func (v *ContextVar[T]) String() string {
	if v == nil {
		return "<nil ContextVar>"
	}
	switch {
	case !v.hasDefault:
		return fmt.Sprintf("<ContextVar name=%q at %p>", v.key.Name, v)
	case v.key.Redacted:
		return fmt.Sprintf("<ContextVar name=%q default=%s at %p>", v.key.Name, RedactedText, v)
	}
	return fmt.Sprintf("<ContextVar name=%q default=%s at %p>", v.key.Name, v.defaultText(), v)
}

// describing has an entry for each variable and goroutine that is formatting
// the variable's default, which may lead to the variable again.
var describing sync.Map

type description struct {
	key       *frame.Key
	goroutine uint64
}

func (v *ContextVar[T]) defaultText() string {
	d := description{&v.key, slot.ID()}
	if _, again := describing.LoadOrStore(d, true); again {
		return "..."
	}
	defer describing.Delete(d)
	if s, ok := any(v.value).(string); ok {
		return strconv.Quote(s)
	}
	return fmt.Sprint(v.value)
}

// String describes the token with its variable, and the word used if it was (35).
func (t Token[T]) String() string {
	if t.v == nil {
		return "<Token of no variable>"
	}
	used := ""
	if t.Used() {
		used = " used"
	}
	return fmt.Sprintf("<Token%s var=%v at %p>", used, t.v, t.next)
}

// String describes the context with the number of its variables and its address. It does
// not show values, which may be secret.
func (c *Context) String() string {
	if c == nil {
		return "<nil Context>"
	}
	return fmt.Sprintf("<Context of %d variables at %p>", c.Len(), c)
}
