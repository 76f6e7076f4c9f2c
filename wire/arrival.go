package wire

import (
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
	marks   []pick   // values that may not go everywhere while they are the received ones
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
	if len(a.unknown) == 0 && len(a.marks) == 0 {
		return e, false
	}
	all := *a
	if outer := arrivalIn(f); outer != nil {
		all.unknown = append(slices.DeleteFunc(slices.Clone(outer.unknown), a.renews), a.unknown...)
		all.marks = append(a.marks, outer.marks...) // stops looks for those in force
	}
	return frame.Entry{Key: arrivals.Key, Word: slot.Pack(&all, slot.Direct)}, true
}

// renews reports whether a has a member with the name of raw.
func (a *arrival) renews(raw string) bool {
	outer, _ := parse(raw)
	return slices.ContainsFunc(a.unknown, func(raw string) bool {
		m, _ := parse(raw)
		return m.name == outer.name
	})
}

// note remembers which word a variable has got, if that matters.
func (a *arrival) note(v *variable, w slot.Word) {
	if v.reach&(OneHop|Back) != 0 {
		a.marks = append(a.marks, pick{v, w})
	}
}

// stops reports whether the word is one that has been received, and so does not go on or does not
// go back.
func (a *arrival) stops(v *variable, w slot.Word, reply bool) bool {
	return a != nil && (reply || v.reach&OneHop != 0) && slices.Contains(a.marks, pick{v, w})
}
