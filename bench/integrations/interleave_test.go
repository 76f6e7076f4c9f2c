package main

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

var tiny = effort{rounds: 4, counts: 2}

func TestSidesTakeTurns(t *testing.T) {
	var order []int
	turn := func(i int) side {
		return makes(func(n int) (int, error) { order = append(order, i); return n, nil })
	}
	all := interleave(t.Context(), tiny, []side{turn(0), turn(1), turn(2)})
	// Before there is one to warm up and one to count, for each.
	if got, want := order[6:], []int{0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for _, m := range all {
		if len(m.ns) != tiny.rounds {
			t.Errorf("%d samples", len(m.ns))
		}
	}
}

func TestFaultEndsOnlyThatSide(t *testing.T) {
	calls := 0
	fails := makes(func(n int) (int, error) {
		if calls++; calls == 4 {
			return 0, errors.New("broken")
		}
		return n, nil
	})
	all := interleave(t.Context(), tiny, []side{makes(allRight), fails})
	if len(all[0].ns) != tiny.rounds || all[0].fault != "" || all[1].fault != "broken" ||
		len(all[1].ns) != 1 || calls != 4 {
		t.Errorf("%+v after %d calls", all, calls)
	}
	if _, _, ok := all[1].over(all[0]); ok {
		t.Error("what is wrong is compared")
	}
	if _, _, ok := all[0].over(all[1]); ok {
		t.Error("something is compared with what is wrong")
	}
}

func TestInterruptedInterleave(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	all := interleave(ctx, tiny, []side{makes(allRight), makes(allRight)})
	if len(all) != 2 || len(all[0].ns) != 0 {
		t.Errorf("%+v", all)
	}
	if _, _, ok := all[1].over(all[0]); ok {
		t.Error("what was not measured is compared")
	}
}

func TestOver(t *testing.T) {
	base := measured{ns: []float64{10, 100, 10}}
	// The machine was slow in the second round.
	ratio, more, ok := measured{ns: []float64{20, 200, 20, 1}}.over(base)
	if !ok || ratio != (stat.Ratio{Median: 2, Low: 2, High: 2}) || more != 10 {
		t.Errorf("%v, %v more, %v", ratio, more, ok)
	}
}

func TestCalibrate(t *testing.T) {
	st := open(makes(func(n int) (int, error) { time.Sleep(time.Duration(n) * time.Millisecond); return n, nil }))
	defer st.close()
	if n := st.calibrate(effort{counts: 7}); n != 7 {
		t.Errorf("%d calls with -quick", n)
	}
	// A sleep lasts at least as long as it was to.
	if n := st.calibrate(effort{length: 20 * time.Millisecond}); n < 1 || n > 20 {
		t.Errorf("%d calls of 1 ms in 20 ms", n)
	}
}

func TestSamplesOfAnotherLength(t *testing.T) {
	e := effort{rounds: 1000, length: time.Millisecond, counts: 5}
	if got := e.withLength(10 * time.Millisecond); got != (effort{100, 10 * time.Millisecond, 5}) {
		t.Errorf("%+v", got)
	}
	if got := e.withLength(time.Second); got != (effort{leastRounds, time.Second, 5}) {
		t.Errorf("%+v", got)
	}
	if got := quick.withLength(time.Second); got != quick {
		t.Errorf("-quick: %+v", got)
	}
}
