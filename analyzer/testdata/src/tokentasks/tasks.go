package tokentasks

import (
	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

var user = contextvars.New[string]("user")

// Task runs in a context of its own, as all tasks do.
func Task() (int, error) {
	user.Set("x")
	return 0, asyncio.Sleep(0)
}

var loop = asyncio.NewEventLoop()
