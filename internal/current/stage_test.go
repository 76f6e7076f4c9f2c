package current

import (
	"runtime/pprof"
	"testing"
	"weak"

	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// captured returns what is shared of a context with these values.
func captured(values map[*frame.Key]int) (content *frame.Frame) {
	Do(nil, func() {
		for k, v := range values {
			set(k, v)
		}
		content = Shared()
	})
	return content
}

func TestStageInheritsNothing(t *testing.T) {
	elsewhere(func() {
		k := newKey("k")
		set(k, 1)
		pprof.SetGoroutineLabels(foreignLabels("a", "b"))
		Content()
		onStage(func(s *Stage, _ *frame.Host) {
			expect(t, "on stage", k, -1)
			if labels := slot.Load().Labels(); len(labels) != 0 {
				t.Errorf("on stage: labels %v", labels)
			}
			invariants(t, "on stage")
		})
		expect(t, "outside", k, 1)
	})
}

func TestStageShows(t *testing.T) {
	onStage(func(s *Stage, h *frame.Host) {
		k, l := newKey("k"), newKey("l")
		a, b := captured(map[*frame.Key]int{k: 1}), captured(map[*frame.Key]int{k: 2, l: 3})
		for range 3 {
			for _, show := range []struct {
				content *frame.Frame
				k, l    int
			}{{a, 1, -1}, {a, 1, -1}, {b, 2, 3}, {nil, -1, -1}, {nil, -1, -1}, {b, 2, 3}} {
				s.Show(show.content)
				expect(t, "on show", k, show.k)
				expect(t, "on show", l, show.l)
				invariants(t, "on show")
				if s.Owner() != Mine().Owner || s.Owner().Host != h {
					t.Fatal("the owner on show is not the one in force, or has no host")
				}
			}
			set(k, 9)
			pprof.SetGoroutineLabels(foreignLabels("a", "b"))
		}
	})
}

// What a call has set is gone with it, and its tokens are not good for the next one; a call that leaves all as it
// was is followed by one with the same owner.
func TestStageTellsCallsApart(t *testing.T) {
	onStage(func(s *Stage, _ *frame.Host) {
		k := newKey("k")
		content := captured(map[*frame.Key]int{k: 1})
		for _, first := range []*frame.Frame{nil, content} {
			for _, second := range []*frame.Frame{nil, content, captured(map[*frame.Key]int{k: 2})} {
				s.Show(first)
				before := s.Owner()
				next, prev := set(k, 5)
				if !Undo(k, next, prev) {
					t.Fatal("Undo fails")
				}
				new(contents).run(t, func() { set(k, 6) })
				Lend(func() {})
				s.Show(second)
				if s.Owner() != before {
					t.Error("a call that left all as it was is followed by one with another owner")
				}
				next, prev = set(k, 7)
				s.Show(second)
				if s.Owner() == before || before.Goroutine() != 0 || before.Host != nil {
					t.Error("a call that has set something is followed by one with the same owner, or was not left")
				}
				if second == nil {
					expect(t, "the next call", k, -1)
				}
				if Undo(k, next, prev) || next.Used() {
					t.Error("a token of an earlier call is accepted")
				}
				// Restored out of order: no way back to the frame on show.
				a, prevA := set(k, 8)
				b, prevB := set(k, 9)
				Undo(k, a, prevA)
				at := s.Owner()
				s.Show(second)
				if s.Owner() == at || Undo(k, b, prevB) {
					t.Error("a token that was left unused is accepted in the next call")
				}
				// Labels that stay.
				at = s.Owner()
				pprof.SetGoroutineLabels(foreignLabels("a", "b"))
				s.Show(second)
				if s.Owner() == at || len(slot.Load().Labels()) != 0 {
					t.Error("labels that a call leaves are there in the next one")
				}
			}
		}
	})
}

// A call has the labels that its content was captured with.
func TestStageLabels(t *testing.T) {
	onStage(func(s *Stage, _ *frame.Host) {
		k, tagged := newKey("k"), newLabelled("tagged")
		var content, both *frame.Frame
		elsewhere(func() {
			pprof.SetGoroutineLabels(foreignLabels("a", "b"))
			set(k, 1)
			content = Shared()
			set(tagged, 3)
			both = Shared()
		})
		for range 2 {
			s.Show(content)
			if labels := slot.Load().Labels(); len(labels) != 1 || labels[0].Key != "a" {
				t.Errorf("labels %v", labels)
			}
			s.Show(both)
			if labels := slot.Load().Labels(); len(labels) != 2 {
				t.Errorf("labels %v", labels)
			}
			s.Show(nil)
			if labels := slot.Load().Labels(); len(labels) != 0 {
				t.Errorf("labels %v", labels)
			}
		}
	})
}

// To show the same again costs nothing.
func TestStageShowsTheSame(t *testing.T) {
	onStage(func(s *Stage, _ *frame.Host) {
		k := newKey("k")
		a := captured(map[*frame.Key]int{k: 1})
		if n := testing.AllocsPerRun(100, func() { s.Show(a); s.Show(a) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
		if n := testing.AllocsPerRun(100, func() { s.Show(a); s.Show(nil) }); n > 1 {
			t.Errorf("%v allocations to take turns with nothing", n)
		}
	})
}

// A stage that shows nothing holds nothing, nor does one that was closed and whose goroutine has ended, nor do
// goroutines that were started there.
func TestStageHoldsNothing(t *testing.T) {
	k := newKey("k")
	quit := make(chan bool)
	defer close(quit)
	var s Stage
	show := func() weak.Pointer[payload] {
		s.Show(nil)
		made := setFresh(k)
		content := Shared()
		s.Show(nil)
		go func() { <-quit; get(k) }() // inherits the owner, and no values
		s.Show(content)
		return made
	}
	elsewhere(func() {
		s.Open(new(frame.Host))
		made := show()
		s.Show(nil)
		if !collected(made) {
			t.Error("what was on show is held")
		}
	})
	s = Stage{}
	var made weak.Pointer[payload]
	elsewhere(func() {
		s.Open(new(frame.Host))
		s.Show(nil)
		go func() { <-quit; get(k) }()
		made = setFresh(k)
		s.Close()
	})
	if !collected(made) {
		t.Error("what was on show where it was closed is held")
	}
}
