package lifetime

import (
	"fmt"
	"time"

	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// A Work is one piece of work: a request, a job, a message. [Run] begins and ends it. Whoever holds a Work does not hold
// its variables.
type Work struct {
	life  frame.Life
	name  string
	began time.Time

	reporters []*tracker
	reported  places
}

// Current returns the Work that the current context belongs to: the innermost, if Run was called inside of Run. It
// is nil if there is none, or nobody was tracking when it began: check for that before you ask it anything.
//
// A Work is inherited by whatever inherits variables: by goroutines, also after they have set variables themselves, by
// copies of the context, by functions of Bind, timers and tasks. In a Context that was made elsewhere, and inside of
// Detach, there is none. It costs a few nanoseconds and never allocates.
func Current() *Work {
	if l := current.Life(); l != nil {
		w, _ := l.Work.(*Work)
		return w
	}
	return nil
}

// ID tells the Work from all others of the process. Those that begin later have larger ones.
func (w *Work) ID() uint64 { return w.life.Number }

// Name returns the name that Run was given.
func (w *Work) Name() string { return w.name }

// Began returns when the Work began.
func (w *Work) Began() time.Time { return w.began }

// Ended returns when the Work ended, and false if it goes on.
func (w *Work) Ended() (time.Time, bool) {
	if at := w.life.Ended(); at != 0 {
		return time.Unix(0, at), true
	}
	return time.Time{}, false
}

// String describes the Work with its name, its number, how long it took, or has taken, and how long ago it ended.
func (w *Work) String() string {
	if w == nil {
		return "<nil Work>"
	}
	if at, ended := w.Ended(); ended {
		// The clock's time may have been set since it began.
		return fmt.Sprintf("<Work %d %q ended %v ago, after %v>", w.ID(), w.name,
			max(time.Since(at), 0).Round(time.Millisecond), max(at.Sub(w.began.Round(0)), 0))
	}
	return fmt.Sprintf("<Work %d %q for %v>", w.ID(), w.name, time.Since(w.began))
}
