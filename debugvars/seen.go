package debugvars

import (
	"cmp"
	"reflect"
	"slices"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
	"github.com/gocontextvars/contextvars/internal/valuetext"
)

// How many bytes are shown of a value, and of the name of a variable, a type or a task.
const (
	maxValue = 200
	maxName  = 200
)

// A seen is the variables that a context shows, which many goroutines may have inherited.
type seen struct {
	variables  []Variable
	kinds      []*kind // of the variables
	goroutines int
}

// A kind is what is known of a variable for itself.
type kind struct {
	name     string
	typ      string // of its values, as declared
	redacted bool
	local    bool
	hidden   bool
}

// A reader makes texts of what contexts hold, of each value once.
type reader struct {
	contents map[content]*seen
	all      []*seen // those that are not nil
	kinds    map[*frame.Key]*kind
	texts    map[stored]valueText
	sites    map[*frame.Site]*Site
}

type content struct {
	frame *frame.Frame
	own   bool
}

// A stored is a value as its variable keeps it.
type stored struct {
	key  *frame.Key
	word slot.Word
}

type valueText struct {
	text, typ string
	cut       bool
}

func newReader() *reader {
	return &reader{
		contents: make(map[content]*seen),
		kinds:    make(map[*frame.Key]*kind),
		texts:    make(map[stored]valueText),
		sites:    make(map[*frame.Site]*Site),
	}
}

// read returns what a goroutine sees on which f is in force; nil if that is nothing. Own says that the context is its own.
func (r *reader) read(f *frame.Frame, own bool) *seen {
	if f == nil {
		return nil
	}
	c := content{f, own}
	if s, known := r.contents[c]; known {
		return s
	}
	s, local := r.contentsOf(c)
	r.contents[c] = s
	if !local { // whoever asks
		c.own = !own
		r.contents[c] = s
	}
	if s != nil {
		r.all = append(r.all, s)
	}
	return s
}

// contentsOf also says whether there are local variables.
func (r *reader) contentsOf(c content) (s *seen, local bool) {
	f := c.frame.Seen()
	if f == nil {
		return nil, false // it was revoked
	}
	ctx := contextvars.NewContext()
	current.StateOf(ctx).Top.Store(f)
	s = &seen{variables: make([]Variable, 0, f.Len()), kinds: make([]*kind, 0, f.Len())}
	f.All(func(key *frame.Key, word slot.Word) bool {
		k := r.kindOf(key)
		local = local || k.local
		if k.hidden || k.local && !c.own {
			return true
		}
		v := Variable{Name: k.name, Redacted: k.redacted, Local: k.local, Set: r.siteOf(f.Site(key))}
		if k.redacted {
			v.Value, v.Type = contextvars.RedactedText, k.typ
		} else {
			t := r.textOf(ctx, k, stored{key, word})
			v.Value, v.Type, v.Cut = t.text, t.typ, t.cut
		}
		s.insert(v, k)
		return true
	})
	if len(s.variables) == 0 {
		return nil, local
	}
	return s, local
}

// insert puts v where it belongs by its name, and among those with the same by the value, so that nothing moves between two
// looks.
func (s *seen) insert(v Variable, k *kind) {
	i, _ := slices.BinarySearchFunc(s.variables, v, func(a, b Variable) int {
		if c := cmp.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return cmp.Compare(a.Value, b.Value)
	})
	s.variables = slices.Insert(s.variables, i, v)
	s.kinds = slices.Insert(s.kinds, i, k)
}

func (r *reader) kindOf(key *frame.Key) *kind {
	k := r.kinds[key]
	if k == nil {
		k = kindOf(key)
		r.kinds[key] = k
	}
	return k
}

func kindOf(key *frame.Key) *kind {
	k := &kind{redacted: key.Redacted, local: key.Local}
	k.name, _ = valuetext.Of(key.Name, maxName)
	// Get is the method of a ContextVar[T] that returns a T.
	if get, ok := reflect.TypeOf(key.Var).MethodByName("Get"); ok {
		k.typ, _ = valuetext.Of(get.Type.Out(0).String(), maxName)
	}
	// What package wire remembers of a request is for nobody else.
	k.hidden = key.Name == "wire.arrival" && k.typ == "*wire.arrival"
	return k
}

// textOf describes the value that ctx has.
func (r *reader) textOf(ctx *contextvars.Context, k *kind, s stored) valueText {
	t, known := r.texts[s]
	if known {
		return t
	}
	value, _ := ctx.Value(s.key.Var.(contextvars.Variable))
	t.text, t.cut = valuetext.Of(value, maxValue)
	t.typ = k.typ
	if dynamic := reflect.TypeOf(value); dynamic != nil {
		t.typ, _ = valuetext.Of(dynamic.String(), maxName)
	}
	r.texts[s] = t
	return t
}

func (r *reader) siteOf(s *frame.Site) *Site {
	if s == nil {
		return nil
	}
	site := r.sites[s]
	if site == nil {
		call := s.Call()
		site = &Site{
			Call:      Call{Func: call.Function, File: call.File, Line: call.Line},
			Goroutine: s.Goroutine,
			Time:      time.Unix(0, s.Time).UTC(),
		}
		r.sites[s] = site
	}
	return site
}

// value returns the variable with the name; the last of those that have the same.
func (s *seen) value(name string) (Variable, bool) {
	for _, v := range slices.Backward(s.variables) {
		if v.Name == name {
			return v, true
		}
	}
	return Variable{}, false
}
