package slogvars

import (
	"log/slog"
	"slices"
)

// group is an open group. The inner handler must not open it, since nothing could be
// written outside of it any more; so it becomes an attribute of each record.
type group struct {
	name  string
	attrs []slog.Attr // given to the logger while the group was the innermost
	outer *group
}

func (g *group) with(attrs []slog.Attr) *group {
	return &group{g.name, append(slices.Clip(g.attrs), attrs...), g.outer}
}

// appendTo adds to dst r's attributes as they stand in g and g's outer groups. Inner
// groups that would be empty are left out; the outermost is Record.AddAttrs's to leave
// out.
func (g *group) appendTo(dst []slog.Attr, r slog.Record) []slog.Attr {
	room := r.NumAttrs()
	for o := g; o != nil; o = o.outer {
		room += len(o.attrs) + 1
	}
	// One slice holds the content of all groups, one after the other.
	all := make([]slog.Attr, 0, room)

	all = append(all, g.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		all = append(all, a)
		return true
	})
	start := 0
	for ; g.outer != nil; g = g.outer {
		end := len(all)
		all = append(all, g.outer.attrs...)
		if end > start {
			all = append(all, g.attr(all[start:end]))
		}
		start = end
	}
	return append(dst, g.attr(all[start:]))
}

func (g *group) attr(content []slog.Attr) slog.Attr {
	return slog.Attr{Key: g.name, Value: slog.GroupValue(content...)}
}
