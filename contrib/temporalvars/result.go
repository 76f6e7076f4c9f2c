package temporalvars

import (
	"github.com/gocontextvars/contextvars/wire"
)

// A Result is a value together with variables that go [wire.Back], for activities, workflows,
// updates and queries. Temporal's results have no headers, so what goes back has to be in the result
// itself, and both sides have to know. What is called ends with [Reply], and who called it takes
// the value with Take:
//
//	func Charge(ctx context.Context, order string) (temporalvars.Result[Receipt], error) {
//		...
//		cost.Set(12)
//		return temporalvars.Reply(caller, receipt), nil
//	}
//
//	var charged temporalvars.Result[Receipt]
//	err := workflow.ExecuteActivity(ctx, Charge, order).Get(ctx, &charged)
//	...
//	receipt := charged.Take(worker) // and cost.Get() is 12
//
// It is an object in JSON, as the default data converter makes it, with the fields value and
// baggage-reply. Errors carry nothing back.
type Result[T any] struct {
	Value T `json:"value"`
	// Baggage is what package wire has written, empty if there is nothing to go back.
	Baggage string `json:"baggage-reply,omitempty"`
}

// Reply returns value with the current values of the variables that go to the peer with a reply: those with
// [wire.Back] that were set since the activity or the workflow began. The peer is the one that called; a
// nil *Peer gets nothing. It costs what [wire.Peer.InjectReply] does.
func Reply[T any](peer *wire.Peer, value T) Result[T] {
	m := wire.Map{}
	peer.InjectReply(m)
	return Result[T]{value, m[wire.ReplyKey]}
}

// Take sets what has come back in the current context, if the peer is open for it, and returns the value. In
// a workflow it sets the same on each replay, since results are part of the history. The values stay as
// after a Set whose token is not used. It costs what [wire.Peer.ExtractReply] does.
func (r Result[T]) Take(peer *wire.Peer) T {
	if r.Baggage != "" {
		peer.ExtractReply(wire.Map{wire.ReplyKey: r.Baggage})
	}
	return r.Value
}
