package wire

import (
	"fmt"
	"strings"
	"sync"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// Extract returns a copy of the current context with the values that the peer has sent with a
// request, of the variables that it is open for. Run the request's work in it:
//
//	peer.Extract(header).Run(handle)
//
// Where the peer wrote a variable twice, the last one counts.
//
// What is not in the list, stays as it is in the current context. No memory of the carrier is
// kept alive. The memory that a list takes is limited by its limits, which are looked at first.
// It costs some 100 ns for each variable.
func (p *Peer) Extract(c Carrier) *contextvars.Context {
	ctx := contextvars.NewContext()
	state := current.StateOf(ctx)
	if f := p.extract(current.Shared(), state, c); f != nil {
		state.Top.Store(f)
	}
	return ctx
}

// extract returns what f, nil for nothing, becomes for a context with that state.
func (p *Peer) extract(f *frame.Frame, state *current.State, c Carrier) *frame.Frame {
	checkCarrier("Extract", c)
	if p == nil {
		return f
	}
	texts, replies := c.Values(Key), f != nil && p.Replies()
	if len(texts) == 0 && !replies {
		return f
	}
	r := readers.Get().(*reader)
	defer r.putBack()
	r.peer, r.here = p, frame.Here()
	if replies {
		r.before(f)
	}
	r.read(texts)
	if e, ok := r.arrived.over(f); ok {
		e.Site = r.here
		r.got = append(r.got, e)
	}
	switch {
	case len(r.got) == 0:
		return f
	case f == nil:
		f = frame.New(nil, nil)
	}
	return f.OwnedWith(state.Owner(), nil, r.got)
}

// ExtractReply sets the values that the peer has sent with a reply, of the variables that it is open
// for, in the current context, as if they had been set here. They stay as if by a Set whose token
// is not used: with [OneHop], too, so that requests from here take them along. It costs some 100 ns and an
// allocation for each variable.
func (p *Peer) ExtractReply(c Carrier) {
	checkCarrier("ExtractReply", c)
	if p == nil {
		return
	}
	texts := c.Values(ReplyKey)
	if len(texts) == 0 {
		return
	}
	r := readers.Get().(*reader)
	defer r.putBack()
	r.peer, r.reply, r.here = p, true, frame.Here()
	if r.read(texts); len(r.got) > 0 {
		f := current.Changeable()
		for _, e := range r.got {
			f = f.WithSite(e.Key, e.Word, e.Label, e.Site)
		}
		current.Install(f)
	}
}

// reader reads a baggage list.
type reader struct {
	peer    *Peer
	reply   bool
	copied  bool // the list at hand is a copy of ours
	here    *frame.Site
	got     []frame.Entry
	arrived arrival // for requests
}

// readers are used again, for their room.
var readers = sync.Pool{New: func() any { return new(reader) }}

// putBack empties r, so that it keeps nobody's values.
func (r *reader) putBack() {
	clear(r.got)
	*r = reader{got: r.got[:0]}
	readers.Put(r)
}

// before notes what could go back but is no news, since it was set before the request. It is set anew, to
// tell it from the same value that is set later.
func (r *reader) before(f *frame.Frame) {
	arrived := arrivalIn(f)
	f.All(func(k *frame.Key, w slot.Word) bool {
		if v, ok := k.Wire.(*variable); ok && v.reach&Back != 0 {
			anew := v.Copy(w)
			r.got = append(r.got, frame.Entry{Key: k, Word: anew, Label: f.LabelOf(k), Site: f.Site(k)})
			r.arrived.note(v, anew, arrived.stops(v, w, false))
		}
		return true
	})
}

func (r *reader) read(texts []string) {
	if err := checkList(texts); err != nil {
		r.tell("", nil, err)
		return
	}
	for _, text := range texts {
		// The list is not to be kept alive by what is taken from it. One copy of all is cheaper than one
		// of each, and still no more than a value may be.
		if r.copied = len(text) <= DefaultMaxBytes; r.copied {
			text = strings.Clone(text)
		}
		for raw, rest, ok := next(text); ok; raw, rest, ok = next(rest) {
			r.member(raw)
		}
	}
}

// own returns s, or a copy if it is a part of somebody else's list.
func (r *reader) own(s string) string {
	if r.copied {
		return s
	}
	return strings.Clone(s)
}

// checkList looks for the limits alone.
func checkList(texts []string) error {
	bytes, commas := 0, len(texts)
	for _, text := range texts {
		if bytes += len(text) + 1; bytes > MaxBytes+1 {
			return fmt.Errorf("%w: the list has more than %d bytes", ErrTooLarge, MaxBytes)
		}
		commas += strings.Count(text, ",")
	}
	if commas <= MaxMembers {
		return nil // without looking at what is between them
	}
	members := 0
	for _, text := range texts {
		for _, rest, ok := next(text); ok; _, rest, ok = next(rest) {
			members++
		}
	}
	if members > MaxMembers {
		return fmt.Errorf("%w: the list has %d members, more than %d", ErrTooLarge, members, MaxMembers)
	}
	return nil
}

func (r *reader) member(raw string) {
	m, ok := parse(raw)
	if !ok {
		r.tell(m.name, named(m.name), ErrMalformed)
		return
	}
	v := named(m.name)
	if v == nil {
		if m.disguised() {
			r.tell(m.name, nil, ErrNotAllowed)
			return
		}
		if r.peer.unknown && !m.once() {
			r.arrived.unknown = append(r.arrived.unknown, r.own(raw))
		}
		return
	}
	if !r.peer.accepts(v) || !v.goes(r.reply) {
		r.tell(m.name, v, ErrNotAllowed)
		return
	}
	w, err := v.decode(m.value, r.own)
	if err != nil {
		r.tell(m.name, v, err)
		return
	}
	r.got = append(r.got, frame.Entry{Key: v.Key, Word: w, Label: v.label(w), Site: r.here})
	r.arrived.note(v, w, v.reach&OneHop != 0 || m.once())
}

// label returns the text for profiler labels, which is of users' making.
func (v *variable) label(w slot.Word) (text string) {
	if v.Key.Text != nil {
		aside(func() { text = v.Key.Label(w) })
	}
	return text
}

func (r *reader) tell(name string, v *variable, err error) {
	report := Report{Reply: r.reply, Key: name, Err: err}
	if v != nil {
		report.Variable = v.public()
	}
	r.peer.tell(report)
}

// decode reads a value as it stands in a list; own returns a copy that may be kept.
func (v *variable) decode(value string, own func(string) string) (w slot.Word, err error) {
	defer v.recovered(&err)
	err = errPanic // until it returns
	text, fresh, malformed := unescape(value)
	switch {
	case malformed != nil:
		return w, fmt.Errorf("%w: %w", ErrMalformed, malformed)
	case len(text) > v.maxBytes:
		return w, fmt.Errorf("%w: the value has %d bytes, at most %d may travel; see wire.MaxValueBytes", ErrTooLarge, len(text), v.maxBytes)
	}
	if v.codec.keeps && !fresh {
		text = own(text)
	}
	target := v.New()
	if err := v.codec.decode(target, text); err != nil {
		return w, v.failed(err)
	}
	return v.Word(target), nil
}
