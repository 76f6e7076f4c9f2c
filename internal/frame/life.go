package frame

import (
	"sync/atomic"
	"time"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// A Life is the piece of work, such as a request, that a context belongs to. Frames pass it on to whatever is
// made from them. It is in none of the maps that they are.
//
// The frames of a life that is watched have no variables in cells, all in the trie: so what reads one comes to
// findApart, which looks whether the life has ended, and reading the frames of others costs nothing more.
//
// All fields but the end are set before a frame has the life.
type Life struct {
	// Number tells lives apart, for people; later ones have larger numbers.
	Number uint64
	// Work is the *lifetime.Work; nil for a life that is only there for its Scope.
	Work any
	// Scope is what has to know of lives that begin in this one, such as a test; nil for nearly all.
	Scope any
	// Revoke: once the life has ended, its frames show nothing.
	Revoke bool
	// OnRead, if not nil, is called when a variable is read that a frame has, after the life has ended. It
	// runs code of users.
	OnRead func(*Key)

	end atomic.Int64 // nanoseconds since 1970; 0: it goes on
}

// Watched reports whether frames of l have to be looked at when they are read. l may be nil.
func (l *Life) Watched() bool { return l != nil && (l.Revoke || l.OnRead != nil) }

// End ends the life; only the first call counts.
func (l *Life) End(at time.Time) { l.end.CompareAndSwap(0, at.UnixNano()) }

// Ended returns when the life has ended, in nanoseconds since 1970; 0 if it goes on.
func (l *Life) Ended() int64 { return l.end.Load() }

// Life returns the life that what f shows belongs to; nil if none. f may be nil.
func (f *Frame) Life() *Life {
	if f = f.Content(); f == nil || f.rest == nil {
		return nil
	}
	return f.rest.life
}

// WithLife returns a frame like f, which is not on lease, of the life l; nil is none. What was revoked is not
// in it.
func (f *Frame) WithLife(l *Life) *Frame {
	return f.standing().withLife(l)
}

func (f *Frame) withLife(l *Life) *Frame {
	if !l.Watched() || f.n == 0 {
		return f.withRest(func(r *rest) { r.live(l) })
	}
	g := f.inherit(slot.NewBlock[Frame, cell](0), 0)
	g.n, g.strays = 0, false
	g.changeRest(func(r *rest) {
		r.live(l)
		for i := range uint(f.mask) + 1 {
			if c := f.cell(i); c.key != nil {
				r.root, _ = r.root.with(c.key, c.val, 0)
				r.size++
			}
		}
	})
	return g
}

func (r *rest) live(l *Life) {
	r.life = l
	r.apart = r.lease != nil || l.Watched()
}

// watched reports whether f, which is not on lease, belongs to a life that is watched.
func (f *Frame) watched() bool { return f.rest != nil && f.rest.apart }

// revoked reports whether f shows nothing any more, since its life has ended.
func (f *Frame) revoked() bool {
	if f.rest == nil {
		return false
	}
	l := f.rest.life
	return l != nil && l.Revoke && l.Ended() != 0
}

// standing returns what a change of f, which is not on lease, starts from: f, or if that was revoked, an empty frame
// that has no life.
// It is apart from unlessRevoked to be inlined.
func (f *Frame) standing() *Frame {
	if f.watched() {
		return f.unlessRevoked()
	}
	return f
}

func (f *Frame) unlessRevoked() *Frame {
	if f.revoked() {
		return New(f.Owner, f.Own()).inLayerOf(f)
	}
	return f
}

// Seen returns what f shows now, for those who need it to stay so while they look: what is revoked
// later stays in it. It is nil if f shows nothing. f may be nil.
func (f *Frame) Seen() *Frame {
	switch f = f.Content(); {
	case f == nil || !f.watched():
		return f
	case f.revoked():
		return nil
	}
	return f.withLife(nil)
}

// findApart is Find, and Read if users read, for frames that have their content on lease, or a life that is watched.
func (f *Frame) findApart(k *Key, read bool) (slot.Word, bool) {
	if f.lease() != nil {
		switch f = f.lent(k); {
		case f == nil:
			return slot.Word{}, false
		case read:
			return f.Read(k)
		}
		return f.Find(k)
	}
	l := f.rest.life
	ended := l.Ended() != 0
	read = read && ended && l.OnRead != nil
	if ended && l.Revoke && !read {
		return slot.Word{}, false
	}
	w, ok := f.rest.find(k)
	if ok && read {
		l.OnRead(k)
	}
	if ended && l.Revoke {
		return slot.Word{}, false
	}
	return w, ok
}

func (r *rest) find(k *Key) (slot.Word, bool) {
	if k.Local {
		return r.locals.find(k)
	}
	return r.root.find(k)
}
