package held

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/internal/callbacks"
	"github.com/gocontextvars/contextvars/internal/census"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/traceback"
)

func lifeOf(work any, number uint64, end time.Time) *frame.Life {
	l := &frame.Life{Work: work, Number: number}
	if !end.IsZero() {
		l.End(end)
	}
	return l
}

func goroutineOf(l *frame.Life) *census.Goroutine {
	return &census.Goroutine{Content: frame.New(new(frame.Owner), nil).WithLife(l)}
}

func TestIn(t *testing.T) {
	start := time.Now().Add(-time.Hour)
	early, late, later := lifeOf("early", 3, start), lifeOf("late", 1, start.Add(time.Second)), lifeOf("later", 2, start.Add(time.Second))
	c := &census.Census{Goroutines: []*census.Goroutine{
		goroutineOf(later), goroutineOf(late), goroutineOf(early), goroutineOf(late),
		goroutineOf(lifeOf("goes on", 4, time.Time{})), goroutineOf(lifeOf(nil, 5, start)), goroutineOf(nil), {},
	}}
	var got []string
	all, _ := In(c)
	for _, h := range all {
		got = append(got, h.String())
	}
	want := "early is held by 1 goroutine\n1 × goroutine; late is held by 2 goroutines\n2 × goroutine; later is held by 1 goroutine\n1 × goroutine"
	if text := strings.Join(got, "; "); text != want {
		t.Errorf("got %s, want %s", text, want)
	}
}

func TestText(t *testing.T) {
	defer callbacks.Track()()
	l := lifeOf("w", 1, time.Now().Add(-time.Hour))
	kept := callbacks.Noted("AfterFunc", goroutineOf(l).Content, time.Hour)
	g := goroutineOf(l)
	g.State, g.Stack = "select", []traceback.Frame{{Function: "m.work", File: "/m.go", Line: 7}}
	g.Created = traceback.Frame{Function: "m.main", File: "/m.go", Line: 3}
	Settle()
	all := InSettled(&census.Census{Goroutines: []*census.Goroutine{g, goroutineOf(l), g}})
	if len(all) != 1 {
		t.Fatalf("%d are held, want 1", len(all))
	}
	want := "w is held by 3 goroutines and 1 timer or bound function\n" +
		"2 × goroutine [select]\n\tm.work\n\t\t/m.go:7\n\tcreated by m.main\n\t\t/m.go:3\n" +
		"1 × goroutine\n1 × function of AfterFunc, created by\n\t"
	if text := all[0].String(); !strings.HasPrefix(text, want) {
		t.Errorf("got %s, want %s", text, want)
	}
	all[0].Calls = append(all[0].Calls, all[0].Calls[0])
	all[0].Goroutines = nil
	if got, want := all[0].Count(), "2 timers or bound functions"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	runtime.KeepAlive(kept)
}

// After Settle a timer that was stopped is known to be garbage.
func TestSettle(t *testing.T) {
	defer callbacks.Track()()
	for range 20 {
		l := lifeOf("w", 1, time.Now().Add(-time.Hour))
		for range 10 {
			kept := callbacks.Noted("AfterFunc", goroutineOf(l).Content, time.Hour)
			time.AfterFunc(time.Hour, func() { kept.Len() }).Stop()
		}
		left := 0
		for range 100 { // a processor that is busy with something else comes to look later
			if Settle(); len(InSettled(&census.Census{})) == 0 {
				left = 0
				break
			}
			left++
		}
		if left > 0 {
			t.Fatal("timers that were stopped are not let go")
		}
	}
}
