package current

import (
	"slices"

	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// load is what a label set of runtime/pprof carries for us, on a ticket.
type load struct {
	frame *frame.Frame
	// hidden are the labels whose place the tags of the frame have taken.
	hidden []slot.Label
}

// Carrying returns labels, of which the caller knows that they belong in a label set, with
// what makes the set carry what the running goroutine sees: the tags of the
// variables, and a ticket. A goroutine whose slot gets such a set, or
// that is started by one, sees it, too.
func Carrying(labels []slot.Label) []slot.Label {
	labels, _ = unpacked(labels)
	f := Frame()
	if f == nil {
		return labels
	}
	f = f.Shared()
	all, hidden := f.Tagged(labels)
	return append(all, slot.Ticket(&load{f, hidden}))
}

// unpacked undoes Carrying, for labels that runtime/pprof may have merged with
// others since.
func unpacked(labels []slot.Label) (own []slot.Label, carried *frame.Frame) {
	for i, label := range labels {
		if l, ok := label.Payload().(*load); ok {
			own := slices.Delete(slices.Clone(labels), i, i+1)
			return l.frame.Untagged(own, l.hidden), l.frame
		}
	}
	return labels, nil
}
