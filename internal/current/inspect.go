package current

import "github.com/gocontextvars/contextvars/internal/frame"

// Content returns what code that the stage runs sees, also inside of what it has entered; nil is nothing. The
// stage's goroutine must be the running one, or stand still. While Turns of it wait, ask those.
func (s *Stage) Content() *frame.Frame { return contentOf(last(&s.scope.owner).Top.Load()) }

// Content returns what the call sees that waits for its next turn.
func (t *Turns) Content() *frame.Frame {
	if t.inner != nil {
		return contentOf(last(t.inner).Top.Load())
	}
	return contentOf(t.top.Load())
}

func contentOf(f *frame.Frame) *frame.Frame {
	if f == nil {
		return nil
	}
	return f.Content()
}
