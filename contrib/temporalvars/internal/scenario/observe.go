package scenario

import (
	"testing"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/gocontextvars/contextvars/wire"
)

// Places are those of Observe, in the order of the matrix.
var Places = []string{
	"an activity that a workflow starts after a `Set`",
	"a child workflow that a workflow starts after a `Set`",
	"the next run, of `workflow.NewContinueAsNewError`",
	"a workflow that a schedule starts",
	"the handler of an update",
	"the handler of a query",
	"the handler of a query of a sender without a value, on another worker",
	"a coroutine that has set the variable and receives a signal",
}

// Observe returns what is seen at them on a server, with the plugin for the peer or, if that is
// nil, without.
func Observe(t *testing.T, s Server, peer *wire.Peer) Seen {
	c, queue := s.Dial(t, peer), t.Name()+" "+peer.Name()
	stop := Work(t, c, queue, "the worker's", worker.Options{})
	seen := Seen{}
	var desk client.WorkflowRun
	As("the caller's", func() {
		journey := await[Seen](t, start(t, c, queue, Journey))
		seen[Places[0]] = journey["an activity that it starts then"]
		seen[Places[1]] = journey["a child workflow that it starts then"]
		seen[Places[2]] = await[Seen](t, start(t, c, queue, Again, 0))["all hops"]
		desk = start(t, c, queue, Desk)
	})
	create(t, c, queue)
	seen[Places[3]] = <-Told
	<-Began
	As("the sender's", func() {
		seen[Places[4]] = update(t, c, desk.GetID(), "")["handler"]
		seen[Places[5]] = query(t, c, desk.GetID())
	})
	stop()
	Work(t, s.Dial(t, peer), queue, "another worker's", worker.Options{})
	seen[Places[6]] = query(t, c, desk.GetID())
	<-Began
	As("the signaller's", func() { leave(t, c, desk.GetID()) })
	seen[Places[7]] = await[Seen](t, desk)["workflow"]
	return seen
}
