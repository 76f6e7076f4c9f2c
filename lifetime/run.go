package lifetime

import (
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// Run is c.Run(f) for a piece of work with that name, which ends when f returns, panics or calls runtime.Goexit. While
// somebody tracks, see [Track], c belongs to a new [Work] from now on, also after the end: so give each piece of work
// a Context of its own, such as a copy. Otherwise Run does just what c.Run does.
//
// A name of over 200 bytes is cut. Names are for people; whoever makes them of what comes from outside need not clean them.
//
// Work that f starts but does not wait for, a hijacked connection for instance, is not part of it; give that a Run of
// its own. Whoever holds the context then holds that work, not the one around it.
func Run(c *contextvars.Context, name string, f func()) {
	if s := tracking.Load(); s != nil {
		s.run(c, name, f)
		return
	}
	c.Run(f)
}

// RunNamed is [Run] for a name that costs something to make: name is called only while somebody tracks. A nil name panics.
func RunNamed(c *contextvars.Context, name func() string, f func()) {
	if name == nil {
		panic("lifetime: RunNamed was given a nil func for the name; use Run for a name that is known")
	}
	if s := tracking.Load(); s != nil {
		s.run(c, name(), f)
		return
	}
	c.Run(f)
}

var works atomic.Uint64

func (s *setting) run(c *contextvars.Context, name string, f func()) {
	if f == nil {
		c.Run(nil) // panics
	}
	outer := current.Life() // c may be an empty Context
	// Inside, since it may not be ours to change c: somebody else may have entered it.
	c.Run(func() {
		w := s.begin(name, outer)
		defer func() { w.life.End(time.Now()) }()
		f()
	})
}

// begin makes the context in force one of a new Work, which is in the scope of what was there before, or else in that
// of whoever called Run.
func (s *setting) begin(name string, caller *frame.Life) *Work {
	w := &Work{name: cut(name), began: time.Now(), reporters: s.reporters}
	w.life.Number, w.life.Work, w.life.Revoke = works.Add(1), w, s.revoke
	if len(s.reporters) > 0 {
		w.life.OnRead = w.read
	}
	for _, outer := range []*frame.Life{caller, current.Life()} {
		if outer != nil && outer.Scope != nil {
			w.life.Scope = outer.Scope
		}
	}
	current.Live(&w.life)
	return w
}

const maxName = 200 // bytes

// cut returns the name, or as much of it as may be kept for as long as somebody holds the Work.
func cut(name string) string {
	if len(name) <= maxName {
		return name
	}
	end := maxName
	for end > 0 && !utf8.RuneStart(name[end]) {
		end--
	}
	return strings.Clone(name[:end]) + "..."
}
