package frame

import (
	"slices"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// Layer makes a context lie over another one: it has what that has, but for the
// variables that were set or unset in itself.
//
// Its frames are whole, so that reading one costs what it costs anywhere. Each remembers
// which variables are the layer's own; when the context below has got another frame, the next one
// is made of that and of these. A token that goes back to an earlier frame so goes back
// to what was the layer's own then.
//
// A Layer belongs to the goroutine that has the context entered. A frame that gets another
// owner leaves its layer; others may hold one that has not, a child that has only inherited, or a copy of the
// context. They do not look at the layer, but keep it alive: hence Forget.
type Layer struct {
	below *Frame // what the newest frame was made over; nil is nothing
	// life is what the layer was begun in: what is its own belongs to that, over whatever it comes to lie.
	life *Life
}

// Over returns the first frame of the layer, for the owner o, over below, nil for nothing, on a
// goroutine with the labels own.
//
// Local variables of below are in it: whoever has below from another goroutine takes
// Shared of it first.
func (l *Layer) Over(below *Frame, o *Owner, own []slot.Label) *Frame {
	l.life = below.Life()
	return l.over(below, o, own, nil)
}

func (l *Layer) over(below *Frame, o *Owner, own []slot.Label, changed []*Key) *Frame {
	l.below = below
	var f *Frame
	switch {
	case below == nil:
		f = New(o, own)
	case !below.Borrowed():
		f = below.clone()
		f.Owner = o
		f.setOwn(own)
	default:
		if f = below.Borrow(o, own); len(changed) > 0 {
			f = f.Keep()
		}
	}
	f.changeRest(func(r *rest) { r.layer, r.changed = l, changed })
	return f
}

// Stale reports whether f is in a layer and may have to be renewed to lie over below. What is on lease may
// have changed without a trace.
func (f *Frame) Stale(below *Frame) bool {
	return f.layered() && (below != f.rest.layer.below || below != nil && below.Borrowed())
}

// Renewed returns a frame of f's layer over below, with what f has of its own. It costs as many
// Withs as there are such variables.
func (f *Frame) Renewed(below *Frame, own []slot.Label) *Frame {
	l := f.rest.layer
	g := l.over(below, f.Owner, own, f.rest.changed)
	if f.rest.life != nil && f.rest.life != l.life { // that of who has pulled it last
		f = f.withLife(l.life)
	}
	for _, k := range f.rest.changed {
		if w, ok := f.Find(k); ok {
			g = g.WithSite(k, w, f.LabelOf(k), f.Site(k))
		} else {
			g = g.Without(k)
		}
	}
	return g
}

// Forget lets go of what is below.
func (l *Layer) Forget() { l.below, l.life = nil, nil }

// Restored returns a frame like f, which is not on lease, in which k is as it was in prev, an earlier
// frame of the same context: if it was not the layer's own then, it is as it is below now.
func (f *Frame) Restored(k *Key, prev *Frame) *Frame {
	uncovered := f.layered() && !prev.hasChanged(k)
	if uncovered {
		prev = f.rest.layer.content()
	}
	var g *Frame
	if w, ok := prev.Find(k); ok {
		g = f.WithSite(k, w, prev.LabelOf(k), prev.Site(k))
	} else {
		g = f.Without(k)
	}
	if uncovered {
		g.changeRest(func(r *rest) {
			r.changed = slices.DeleteFunc(slices.Clone(r.changed), func(c *Key) bool { return c == k })
		})
	}
	return g
}

// content returns what is below, as the layer may have it.
func (l *Layer) content() *Frame {
	f := l.below
	if f != nil && f.Borrowed() {
		if f = f.Content(); f != nil {
			f = f.Shared()
		}
	}
	if f == nil {
		return New(nil, nil)
	}
	return f
}

func (f *Frame) layered() bool { return f.rest != nil && f.rest.layer != nil }

// hasChanged reports whether k was set or unset in f's layer.
func (f *Frame) hasChanged(k *Key) bool { return f.layered() && slices.Contains(f.rest.changed, k) }

// noteChange returns f, which nobody has seen yet, with k among the layer's own variables if it
// is in one, and without a site that was k's before. It is apart from note to be inlined.
func (f *Frame) noteChange(k *Key) *Frame {
	if f.rest != nil && (f.rest.layer != nil || f.rest.sites != nil) {
		f.note(k, nil)
	}
	return f
}

// note is noteChange with a site for k, if s is not nil.
func (f *Frame) note(k *Key, s *Site) {
	if f.rest.site(k) == s && (!f.layered() || f.hasChanged(k)) {
		return
	}
	f.changeRest(func(r *rest) {
		if r.layer != nil && !slices.Contains(r.changed, k) {
			r.changed = append(slices.Clip(r.changed), k)
		}
		r.setSite(k, s)
	})
}

// leaveLayer is for frames that nobody has seen yet.
func (f *Frame) leaveLayer() {
	if f.layered() {
		f.changeRest(func(r *rest) { r.layer, r.changed = nil, nil })
	}
}

// inLayerOf puts f, which nobody has seen yet, into the layer of g, another frame of the same context.
func (f *Frame) inLayerOf(g *Frame) *Frame {
	if g.layered() {
		f.changeRest(func(r *rest) { r.layer, r.changed = g.rest.layer, g.rest.changed })
	}
	return f
}
