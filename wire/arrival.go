package wire

import (
	"fmt"
	"slices"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/declaration"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// arrival is what a context has to remember of a request, besides the values that came with
// it. Most requests have nothing of the kind.
type arrival struct {
	unknown []string // members to pass on
	marks   []mark   // values that may not go everywhere while they are these
}

// String does not show what others have sent.
func (a *arrival) String() string {
	return fmt.Sprintf("%d entries that pass through, %d values that were received", len(a.unknown), len(a.marks))
}

// arrivals is the variable that has the arrival of the request at hand.
var arrivals declaration.Variable

func init() {
	contextvars.New[*arrival]("wire.arrival", func(d *declaration.Declaration) {
		d.Made = append(d.Made, func(v declaration.Variable) { arrivals = v })
	})
}

// arrivalIn returns the arrival in f; nil if there is none.
func arrivalIn(f *frame.Frame) *arrival {
	if f == nil {
		return nil
	}
	if w, ok := f.Find(arrivals.Key); ok {
		return slot.Unpack[*arrival](w, slot.Direct)
	}
	return nil
}

// over returns what puts a into f, if there is anything to remember. Like its values, what a request
// around this one has brought stays, but for what this one has brought anew.
func (a *arrival) over(f *frame.Frame) (e frame.Entry, ok bool) {
	outer := arrivalIn(f)
	if outer == nil && len(a.unknown) == 0 && len(a.marks) == 0 {
		return e, false
	}
	all := *a
	if outer != nil {
		all.unknown = append(slices.DeleteFunc(slices.Clone(outer.unknown), a.renews), a.unknown...)
		all.unknown = all.unknown[max(0, len(all.unknown)-MaxMembers):]
		for _, m := range outer.marks { // those not in force any more would pile up
			if w, ok := f.Find(m.Key); ok && w == m.word && !all.marked(m.variable) {
				all.marks = append(all.marks, m)
			}
		}
	}
	return frame.Entry{Key: arrivals.Key, Word: slot.Pack(&all, slot.Direct)}, true
}

func (a *arrival) marked(v *variable) bool {
	return slices.ContainsFunc(a.marks, func(m mark) bool { return m.variable == v })
}

// renews reports whether a has a member with the name of raw.
func (a *arrival) renews(raw string) bool {
	outer, _ := parse(raw)
	return slices.ContainsFunc(a.unknown, func(raw string) bool {
		m, _ := parse(raw)
		return m.name == outer.name
	})
}

// mark is a value that is no news to the peer, so it does not go back; nor does it go on if it
// came for one hop.
type mark struct {
	pick
	once bool
}

// note remembers which word a variable has got, if that matters.
func (a *arrival) note(v *variable, w slot.Word, once bool) {
	if len(a.marks) > 0 {
		a.marks = slices.DeleteFunc(a.marks, func(m mark) bool { return m.variable == v })
	}
	if once || v.reach&Back != 0 {
		a.marks = append(a.marks, mark{pick{v, w}, once})
	}
}

// stops reports whether the word is one that does not go back, or not on.
func (a *arrival) stops(v *variable, w slot.Word, reply bool) bool {
	return a != nil && slices.ContainsFunc(a.marks, func(m mark) bool {
		return m.pick == pick{v, w} && (reply || m.once)
	})
}
