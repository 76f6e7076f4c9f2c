package current

import (
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// Stage is where one call after another runs on a goroutine, each in a context of its own with a
// content that was captured earlier: the callbacks and tasks of an event loop. As long as a
// call leaves the context as it was, the next one with the same content has the same
// owner and frame, which nobody can tell from new ones; that costs a comparison.
type Stage struct {
	root  *frame.Frame
	scope *scope
	// content is what the scope was made for, installed the frame that was made from it, empty one of
	// the same scope without content.
	content, installed, empty *frame.Frame
}

// Open makes the running goroutine, which must be a new one, a stage of host's. It
// inherits nothing, neither variables nor labels.
func (s *Stage) Open(host *frame.Host) {
	slot.Store(nil)
	s.root = newRoot(slot.ID(), nil)
	s.root.Owner.Host = host
}

// Show gives the goroutine a context with the content, nil for nothing. The profiler labels are
// those that content was captured with, as after a go statement.
func (s *Stage) Show(content *frame.Frame) {
	if s.installed != nil && slot.Load() == &s.installed.Head {
		if content == s.content || content == s.installed {
			return
		}
	} else {
		s.change()
	}
	s.content = content
	switch {
	case content != nil:
		s.installed = content.Owned(&s.scope.owner, content.Own())
	case s.empty != nil:
		s.installed = s.empty
	default:
		s.empty = frame.New(&s.scope.owner, nil)
		s.installed = s.empty
	}
	Install(s.installed)
}

// change replaces the scope: tokens of the old one must not be good for the new.
func (s *Stage) change() {
	if s.scope != nil {
		s.leave()
	}
	s.scope, s.empty = new(scope), nil
	o := &s.scope.owner
	o.Enter(s.root.Owner.Goroutine(), &s.scope.top)
	o.Host = s.root.Owner.Host
	s.root.Owner.Inner = o
}

// Owner returns the owner of what is on show, or of what was before that was given away.
func (s *Stage) Owner() *frame.Owner {
	if s.scope == nil {
		return s.root.Owner
	}
	return &s.scope.owner
}

// Close leaves the context on show, for a goroutine that ends.
func (s *Stage) Close() {
	if s.scope != nil {
		s.leave()
	}
	s.content, s.installed, s.empty = nil, nil, nil
}

func (s *Stage) leave() {
	s.scope.owner.Inner = nil
	s.scope.owner.Leave()
	s.scope.top.Store(nil) // goroutines that were started hold the owner
}
