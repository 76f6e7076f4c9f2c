package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// makes returns a side whose loop is l.
func makes(l loop) side {
	return side{"side", func(*bed) (loop, error) { return l, nil }}
}

func allRight(n int) (int, error) { return n, nil }

func TestStage(t *testing.T) {
	tests := []struct {
		what string
		side side
		want string
	}{
		{"right", makes(allRight), ""},
		{"one is not", makes(func(n int) (int, error) { return n - 1, nil }), "wrong: the values were right in 9 of 10 calls"},
		{"an error", makes(func(n int) (int, error) { return n, errors.New("broken") }), "broken"},
		{"a panic", makes(func(int) (int, error) { panic("broken") }), "panic: broken"},
		{"it does not start", side{"", func(*bed) (loop, error) { return nil, errors.New("no room") }}, "no room"},
		{"a panic at the start", side{"", func(*bed) (loop, error) { panic("no room") }}, "panic: no room"},
	}
	for _, test := range tests {
		st := open(test.side)
		for range 2 {
			if got := st.run(request{n: 10}).fault; got != test.want {
				t.Errorf("%s: fault %q, want %q", test.what, got, test.want)
			}
		}
		st.close()
	}
}

func TestStageKeepsTheFirstFault(t *testing.T) {
	calls := 0
	st := open(makes(func(n int) (int, error) {
		if calls++; calls == 1 {
			return 0, nil
		}
		return n, nil
	}))
	defer st.close()
	for range 2 {
		if got := st.run(request{n: 1}).fault; !strings.HasPrefix(got, "wrong: ") {
			t.Errorf("fault %q", got)
		}
	}
}

func TestStageOrder(t *testing.T) {
	var order []string
	note := func(what string) func() { return func() { order = append(order, what) } }
	st := open(side{"", func(b *bed) (loop, error) {
		b.before(note("before"))
		b.after(note("after"))
		b.atEnd(note("last"))
		b.atEnd(note("end"))
		return func(n int) (int, error) { note("loop")(); return n, nil }, nil
	}})
	st.run(request{n: 1})
	st.run(request{n: 1})
	st.close()
	want := []string{"before", "loop", "after", "before", "loop", "after", "end", "last"}
	if !slices.Equal(order, want) {
		t.Errorf("%v, want %v", order, want)
	}
}

// What has started before a failure has to end, too.
func TestStageEndsWhatHasStarted(t *testing.T) {
	ended := false
	st := open(side{"", func(b *bed) (loop, error) {
		b.atEnd(func() { ended = true })
		return nil, errors.New("broken")
	}})
	st.close()
	if !ended {
		t.Error("it goes on")
	}
}

func TestStageThatIsStuck(t *testing.T) {
	defer func(d time.Duration) { patience = d }(patience)
	patience = time.Millisecond
	release := make(chan bool)
	st := open(makes(func(n int) (int, error) { <-release; return n, nil }))
	for range 2 {
		if got := st.run(request{n: 1}).fault; got != "no answer in 1ms" {
			t.Errorf("fault %q", got)
		}
	}
	st.close() // does not wait
	close(release)
	<-st.ended
}

func TestStageCountsAllocations(t *testing.T) {
	var kept []*[1000]byte
	st := open(makes(func(n int) (int, error) {
		for range n {
			kept = append(kept[:0], new([1000]byte))
		}
		return n, nil
	}))
	defer st.close()
	st.run(request{n: 1})
	if s := st.run(request{n: 100, count: true}); s.mallocs < 100 || s.size < 100_000 {
		t.Errorf("%d allocations, %d bytes", s.mallocs, s.size)
	}
}
