package tokendot

import (
	. "github.com/gocontextvars/contextvars"
	"go.temporal.io/sdk/workflow"
)

var user = New[string]("user")

func Dropped() {
	user.Set("x") // want `stays behind`
	work()
}

// Workflow has a goroutine and a context of its own.
func Workflow(ctx workflow.Context) {
	user.Set("x")
	work()
}

func work() {}
