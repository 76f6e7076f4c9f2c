package contextvars

import (
	"context"
	"runtime/pprof"

	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// WithContext returns a context.Context that carries c, for code that passes one
// along: [FromContext] returns c again. It changes nothing about which variables
// are seen: enter c with [Context.Run] for that.
//
// A ctx made from it has a second use: with pprof.Do and pprof.SetGoroutineLabels
// it lets the goroutine, and those that it starts inside, keep the variables
// that are in force at the call. To that end the label set has one label
// more, github.com/gocontextvars/contextvars, whose value is empty.
func WithContext(parent context.Context, c *Context) context.Context {
	if parent == nil {
		panic("contextvars: WithContext was given a nil context.Context; use context.Background()")
	}
	c.content("WithContext")
	return &carrier{parent, c}
}

// FromContext returns the Context that ctx carries, false if there is none.
func FromContext(ctx context.Context) (*Context, bool) {
	if ctx == nil {
		panic("contextvars: FromContext was given a nil context.Context; use context.Background()")
	}
	c, ok := ctx.Value(carriedKey{}).(*Context)
	return c, ok
}

type carriedKey struct{}

type carrier struct {
	context.Context
	carried *Context
}

// Value answers runtime/pprof, too: with the labels that it would find without us, and
// among them one that leads to what is in force on the goroutine that asks.
func (c *carrier) Value(key any) any {
	switch {
	case key == carriedKey{}:
		return c.carried
	case pprofKey != nil && key == pprofKey:
		return c.labels()
	}
	return c.Context.Value(key)
}

func (c *carrier) labels() any {
	var parent []slot.Label
	pprof.ForLabels(c.Context, func(key, value string) bool {
		parent = append(parent, slot.Label{Key: key, Value: value})
		return true
	})
	var list []string
	for _, l := range current.Carrying(parent) {
		list = append(list, l.Key, l.Value)
	}
	if list == nil {
		return nil
	}
	return pprof.WithLabels(context.Background(), pprof.Labels(list...)).Value(pprofKey)
}

// pprofKey is the key under which runtime/pprof keeps labels in a ctx. It is not
// exported, but pprof has to show it to any ctx that it asks.
var pprofKey = func() any {
	s := spy{Context: context.Background()}
	pprof.ForLabels(&s, func(string, string) bool { return true })
	return s.asked
}()

type spy struct {
	context.Context
	asked any
}

func (s *spy) Value(key any) any {
	s.asked = key
	return nil
}
