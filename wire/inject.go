package wire

import (
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// Inject writes the current values of the variables that go to the peer with a request
// into the carrier, and the entries that pass through this process on their way.
// Entries that the carrier has already stay, but for those that are malformed, and those of
// variables that travel: these are written from the variables alone. So a proxy that copies a request's headers does not pass on
// what this process would not have taken from the request. The carrier is left
// alone if there is nothing to change.
//
// Where the list would be over its limits, variables come first, in the order in which they were made, then
// what the carrier had, then what passes through; the rest is dropped, with a [Report].
//
// It costs some 80 ns for each variable; Set of the carrier gets a new string.
func (p *Peer) Inject(c Carrier) { p.inject(current.Content(), c, false) }

// InjectFrom is [Peer.Inject] with the values that ctx holds.
func (p *Peer) InjectFrom(ctx *contextvars.Context, c Carrier) {
	p.inject(contentOf("InjectFrom", ctx), c, false)
}

// InjectReply writes the current values of the variables that go to the peer with a
// reply into the carrier: those with [Back] that were set since the request arrived, by [Peer.Extract]
// around this call. It costs what Inject costs.
func (p *Peer) InjectReply(c Carrier) { p.inject(current.Content(), c, true) }

// InjectReplyFrom is [Peer.InjectReply] with the values that ctx holds, such as the one that
// [Peer.Extract] returned and the request was handled in.
func (p *Peer) InjectReplyFrom(ctx *contextvars.Context, c Carrier) {
	p.inject(contentOf("InjectReplyFrom", ctx), c, true)
}

func contentOf(call string, ctx *contextvars.Context) *frame.Frame {
	if ctx == nil {
		panic("wire: " + call + " was given a nil *contextvars.Context; use the one that Extract returned, or contextvars.CopyContext()")
	}
	return current.StateOf(ctx).Top.Load()
}

func (p *Peer) inject(f *frame.Frame, c Carrier, reply bool) {
	checkCarrier("Inject", c)
	if p == nil {
		p = closed
	}
	l := lists.Get().(*list)
	defer l.putBack()
	l.peer, l.reply = p, reply
	if f != nil {
		l.pick(f)
	}
	for _, pick := range l.picks {
		l.addVariable(pick)
	}
	l.keep(c.Values(l.key()))
	for _, raw := range l.passing {
		l.pass(raw)
	}
	if l.changed {
		c.Set(l.key(), l.String())
	}
}

// pick is a variable with its value.
type pick struct {
	*variable
	word slot.Word
}

// list is a baggage list that is being written.
type list struct {
	peer    *Peer
	reply   bool
	picks   []pick
	passing []string // what passes through
	names   []string // of members that are not variables

	// Members of others stand before those of variables, since for some readers the last one of a name
	// counts, and the names that they see may not be the ones that we see.
	others, ours []byte
	members      int
	changed      bool // it is not what the carrier has

	value []byte // of the variable at hand
}

// lists are used again, for their buffers.
var lists = sync.Pool{New: func() any { return new(list) }}

// putBack empties l, so that it keeps nobody's values.
func (l *list) putBack() {
	clear(l.picks)
	clear(l.names)
	clear(l.others[:cap(l.others)])
	clear(l.ours[:cap(l.ours)])
	clear(l.value[:cap(l.value)])
	*l = list{picks: l.picks[:0], names: l.names[:0], others: l.others[:0], ours: l.ours[:0], value: l.value[:0]}
	lists.Put(l)
}

// String is the list as it goes to the carrier.
func (l *list) String() string {
	if len(l.others) == 0 {
		return string(l.ours)
	}
	if len(l.ours) > 0 {
		l.others = append(l.others, ',')
	}
	return string(append(l.others, l.ours...))
}

func (l *list) key() string {
	if l.reply {
		return ReplyKey
	}
	return Key
}

// pick chooses what is to be written.
func (l *list) pick(f *frame.Frame) {
	arrived := arrivalIn(f)
	if arrived != nil && l.peer.unknown && !l.reply {
		l.passing = arrived.unknown
	}
	f.All(func(k *frame.Key, w slot.Word) bool {
		v, ok := k.Wire.(*variable)
		if ok && v.goes(l.reply) && l.peer.sends(v) && !arrived.stops(v, w, l.reply) {
			l.picks = append(l.picks, pick{v, w})
		}
		return true
	})
	slices.SortFunc(l.picks, func(a, b pick) int { return a.number - b.number })
}

func (v *variable) goes(reply bool) bool {
	if reply {
		return v.reach&Back != 0
	}
	return v.reach.forward()
}

// keep takes over the members that the carrier has from others.
func (l *list) keep(texts []string) {
	for _, text := range texts {
		for raw, rest, ok := next(text); ok; raw, rest, ok = next(rest) {
			m, ok := parse(raw)
			if !ok || named(m.name) != nil || m.disguised() {
				l.changed = true // ours, or what somebody might take for ours
				continue
			}
			l.names = append(l.names, m.name)
			l.add(&l.others, m.name, nil, func(dst []byte) []byte { return append(dst, raw...) })
		}
	}
}

// pass adds a member that passes through, unless the carrier has one of that name.
func (l *list) pass(raw string) {
	m, _ := parse(raw)
	// Since it arrived, a variable of its name may have been made.
	if named(m.name) == nil && !m.disguised() && !slices.Contains(l.names, m.name) &&
		l.add(&l.others, m.name, nil, func(dst []byte) []byte { return append(dst, raw...) }) {
		l.changed = true
	}
}

func (l *list) addVariable(v pick) {
	var err error
	if l.value, err = v.encode(l.value[:0], v.word); err != nil {
		l.tell(v.name, v.public(), err)
		return
	}
	added := l.add(&l.ours, v.name, v.public(), func(dst []byte) []byte {
		dst = appendEscaped(append(append(dst, v.name...), '='), l.value)
		if v.reach&OneHop != 0 && !l.reply {
			dst = append(dst, onceProperty...)
		}
		return dst
	})
	l.changed = l.changed || added
}

// add adds a member to one half of the list, if the limits allow that.
func (l *list) add(half *[]byte, name string, v contextvars.Variable, write func(dst []byte) []byte) bool {
	before := len(*half)
	if before > 0 {
		*half = append(*half, ',')
	}
	*half = write(*half)
	l.members++
	bytes := len(l.others) + len(l.ours)
	if len(l.others) > 0 && len(l.ours) > 0 {
		bytes++
	}
	var err error
	switch {
	case len(l.ours) == 0 && len(l.passing) == 0:
		return true // it is somebody else's list, and not for us to shorten
	case bytes > MaxBytes:
		err = fmt.Errorf("%w: the list would have more than %d bytes", ErrTooLarge, MaxBytes)
	case l.members > MaxMembers:
		err = fmt.Errorf("%w: the list would have more than %d members", ErrTooLarge, MaxMembers)
	default:
		return true
	}
	*half = (*half)[:before]
	l.members--
	l.tell(name, v, err)
	return false
}

func (l *list) tell(name string, v contextvars.Variable, err error) {
	l.peer.tell(Report{Sending: true, Reply: l.reply, Key: name, Variable: v, Err: err})
}

// encode appends the text of a value, before percent-encoding.
func (v *variable) encode(dst []byte, w slot.Word) (text []byte, err error) {
	defer v.recovered(&err)
	err = errPanic // until it returns
	if text, err = v.codec.append(dst, v.Any(w)); err != nil {
		return dst, v.failed(err)
	}
	switch {
	case len(text) > v.maxBytes:
		return dst, fmt.Errorf("%w: the value has %d bytes, at most %d may travel; see wire.MaxValueBytes", ErrTooLarge, len(text), v.maxBytes)
	case !utf8.Valid(text):
		return dst, v.failed(errUTF8)
	}
	return text, nil
}
