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
// Entries that the carrier has already stay, but for those whose key is malformed, and those of
// variables that travel: these are written from the variables alone. So a proxy that copies a request's headers does not pass on
// what this process would not have taken from the request. The carrier is left
// alone if there is nothing to change.
//
// It costs some 80 ns for each variable; Set of the carrier gets a new string.
func (p *Peer) Inject(c Carrier) { p.inject(current.Content(), c, false) }

// InjectFrom is [Peer.Inject] with the values that ctx holds.
func (p *Peer) InjectFrom(ctx *contextvars.Context, c Carrier) {
	p.inject(contentOf("InjectFrom", ctx), c, false)
}

// InjectReply writes the current values of the variables that go to the peer with a
// reply into the carrier: those with [Back] that were set since the request arrived.
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
	if p == nil {
		p = closed
	}
	l := lists.Get().(*list)
	defer l.putBack()
	l.peer, l.reply = p, reply
	if f != nil {
		l.pick(f)
	}
	l.keep(c.Values(l.key()))
	for _, pick := range l.picks {
		l.addVariable(pick)
	}
	for _, raw := range l.passing {
		l.addUnknown(raw)
	}
	if l.changed {
		c.Set(l.key(), string(l.text))
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

	text    []byte
	members int      // in text
	changed bool     // it is not what was there before
	others  []string // the names of those that were there before
	value   []byte   // of the member at hand
}

// lists are used again, for their buffers.
var lists = sync.Pool{New: func() any { return new(list) }}

// putBack empties l, so that it keeps nobody's values.
func (l *list) putBack() {
	if cap(l.text) > 2*MaxBytes {
		return // somebody else's list was that long
	}
	clear(l.picks)
	clear(l.others)
	clear(l.text)
	clear(l.value[:cap(l.value)])
	*l = list{picks: l.picks[:0], others: l.others[:0], text: l.text[:0], value: l.value[:0]}
	lists.Put(l)
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
			m, _ := parse(raw)
			if !consistsOf(m.name, &token) || named(m.name) != nil || m.disguised() {
				l.changed = true // ours, or what somebody might take for ours
				continue
			}
			l.others = append(l.others, m.name)
			l.add(raw)
		}
	}
}

func (l *list) add(raw string) {
	l.separate()
	l.text = append(l.text, raw...)
}

// separate makes room for one member more.
func (l *list) separate() {
	if l.members > 0 {
		l.text = append(l.text, ',')
	}
	l.members++
}

func (l *list) addVariable(v pick) {
	var err error
	if l.value, err = v.encode(l.value[:0], v.word); err != nil {
		l.tell(v.name, v.public(), err)
		return
	}
	l.tryAdd(v.name, v.public(), func() {
		l.separate()
		l.text = append(append(l.text, v.name...), '=')
		l.text = appendEscaped(l.text, l.value)
		if v.reach&OneHop != 0 && !l.reply {
			l.text = append(l.text, onceProperty...)
		}
	})
}

func (l *list) addUnknown(raw string) {
	if m, _ := parse(raw); !slices.Contains(l.others, m.name) {
		l.tryAdd(m.name, nil, func() { l.add(raw) })
	}
}

// tryAdd takes back what add does where that passes a limit.
func (l *list) tryAdd(name string, v contextvars.Variable, add func()) {
	text, members := l.text, l.members
	add()
	var err error
	switch {
	case len(l.text) > MaxBytes:
		err = fmt.Errorf("%w: the list would have more than %d bytes", ErrTooLarge, MaxBytes)
	case l.members > MaxMembers:
		err = fmt.Errorf("%w: the list would have more than %d members", ErrTooLarge, MaxMembers)
	default:
		l.changed = true
		return
	}
	l.text, l.members = text, members
	l.tell(name, v, err)
}

func (l *list) tell(name string, v contextvars.Variable, err error) {
	l.peer.tell(Report{Sending: true, Reply: l.reply, Key: name, Variable: v, Err: err})
}

// encode appends the text of a value, before percent-encoding.
func (v *variable) encode(dst []byte, w slot.Word) (text []byte, err error) {
	defer v.recovered(&err)
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
