package callbacks

import (
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/internal/frame"
)

func contentOf(l *frame.Life) *frame.Frame { return frame.New(new(frame.Owner), nil).WithLife(l) }

// bind is what users call.
func bind(f *frame.Frame) *frame.Frame { return Noted("bind", f, NoTime) }

func TestWhatIsNoted(t *testing.T) {
	working := contentOf(&frame.Life{Work: "w"})
	for name, f := range map[string]*frame.Frame{
		"no content": nil,
		"no life":    frame.New(nil, nil),
		"no work":    contentOf(&frame.Life{Scope: "s"}),
	} {
		stop := Track()
		if got := bind(f); got != f || len(calls) != 0 {
			t.Errorf("%s: noted", name)
		}
		stop()
	}
	if bind(working) != working || len(calls) != 0 {
		t.Error("noted where nobody tracks")
	}
	first, second := Track(), Track()
	first()
	first()
	if f := bind(working); f == working || f.Life() != working.Life() || len(calls) != 1 {
		t.Errorf("not noted: %d calls", len(calls))
	}
	if second(); len(calls) != 0 {
		t.Error("not forgotten")
	}
}

func TestCall(t *testing.T) {
	defer Track()()
	l := &frame.Life{Work: "w"}
	before := time.Now()
	kept := []*frame.Frame{bind(contentOf(l)), Noted("later", contentOf(l), time.Hour)}
	if got, _ := Ended(time.Now().Add(time.Hour).UnixNano()); len(got) != 0 {
		t.Errorf("%d calls of work that goes on", len(got))
	}
	l.End(before)
	if got, later := Ended(before.UnixNano()); len(got) != 0 || later != 2 {
		t.Errorf("%d calls of work that had ended before it ended, and %d later; want 0 and 2", len(got), later)
	}
	got, later := Ended(before.UnixNano() + 1)
	if len(got) != 2 || later != 0 {
		t.Fatalf("%d calls, and %d later; want 2 and 0", len(got), later)
	}
	if got[0].Kind != "bind" || !got[0].Due.IsZero() || got[1].Kind != "later" || got[1].Due.Before(before.Add(time.Hour)) {
		t.Errorf("kinds %s, %s, due %v, %v", got[0].Kind, got[1].Kind, got[0].Due, got[1].Due)
	}
	for _, c := range got {
		if made := c.Made(); len(made) == 0 || c.Life != l || strings.HasPrefix(made[0].Function, "runtime.") {
			t.Errorf("%s of %v was made by %v", c.Kind, c.Life, made)
		}
	}
	runtime.KeepAlive(kept)
}

// The list does not grow with what is garbage.
func TestSweep(t *testing.T) {
	defer Track()()
	f := contentOf(&frame.Life{Work: "w"})
	kept := bind(f)
	for range 100 {
		for range 100 {
			bind(f)
		}
		runtime.GC()
	}
	lock.Lock()
	n, room := len(calls), cap(calls)
	lock.Unlock()
	if n > 1000 || room > 4000 {
		t.Errorf("%d calls in a list of %d, after 10,000 that are garbage", n, room)
	}
	runtime.GC()
	f.Life().End(time.Now())
	if got, _ := Ended(time.Now().Add(time.Hour).UnixNano()); len(got) != 1 {
		t.Errorf("%d calls can be reached, want 1", len(got))
	}
	runtime.KeepAlive(kept)
}

func TestConcurrently(t *testing.T) {
	f := contentOf(&frame.Life{Work: "w"})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 100 {
				stop := Track()
				bind(f)
				Ended(time.Now().UnixNano())
				stop()
			}
		})
	}
	all.Wait()
	if len(calls) != 0 || trackers.Load() != 0 {
		t.Errorf("%d calls, %d trackers are left", len(calls), trackers.Load())
	}
}
