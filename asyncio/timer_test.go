package asyncio

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// checkHeap fails unless h is a heap in which each timer knows its place. A change of such a heap touches one
// place of each of its levels, of which there are log4 n.
func checkHeap(t *testing.T, h *timers) {
	t.Helper()
	for i := range h.heap {
		if d := &h.heap[i]; d.timer.index != i+1 {
			t.Fatalf("the timer at %d thinks it is at %d", i, d.timer.index-1)
		} else if i > 0 && d.before(&h.heap[(i-1)/children]) {
			t.Fatalf("the timer at %d is due before its parent", i)
		}
	}
	for _, d := range h.heap[len(h.heap):cap(h.heap)] {
		if d.timer != nil {
			t.Fatal("the heap holds a timer behind its end")
		}
	}
}

// Random additions, removals and pops, against a sorted slice.
func TestTimersAgainstModel(t *testing.T) {
	type entry struct {
		when  time.Duration
		added int
		timer *timer
	}
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 1))
		var h timers
		var model []entry // sorted
		var gone []*timer
		instants := 1 + r.Int64N(1000)
		grow := 4 + r.IntN(5)
		for step := range 3000 {
			switch op := r.IntN(10); {
			case op < grow:
				e := entry{time.Duration(r.Int64N(instants) - instants/2), step, new(timer)}
				h.add(e.timer, e.when)
				at, _ := slices.BinarySearchFunc(model, e, func(a, b entry) int {
					return cmp.Or(cmp.Compare(a.when, b.when), cmp.Compare(a.added, b.added))
				})
				model = slices.Insert(model, at, e)
			case op < 9 && len(model) > 0:
				i := r.IntN(len(model))
				h.remove(model[i].timer)
				gone = append(gone, model[i].timer)
				model = slices.Delete(model, i, i+1)
			case len(model) > 0:
				if got := h.pop(); got != model[0].timer {
					t.Fatalf("seed %d, step %d: pop takes the wrong one out", seed, step)
				}
				gone = append(gone, model[0].timer)
				model = model[1:]
			}
			if len(gone) > 0 {
				h.remove(gone[r.IntN(len(gone))]) // does nothing
			}
			checkHeap(t, &h)
			when, some := h.next()
			if some != (len(model) > 0) || some && when != model[0].when {
				t.Fatalf("seed %d, step %d: next is %v, %v", seed, step, when, some)
			}
		}
		for _, e := range model {
			if h.pop() != e.timer {
				t.Fatalf("seed %d: the rest comes out in the wrong order", seed)
			}
		}
		if _, some := h.next(); some {
			t.Fatalf("seed %d: something is left", seed)
		}
	}
}

// A heap that was large gives its memory back.
func TestTimersShrink(t *testing.T) {
	var h timers
	all := make([]timer, 100_000)
	for i := range all {
		h.add(&all[i], time.Duration(i))
	}
	for i := range all {
		h.remove(&all[i])
	}
	if c := cap(h.heap); c > 1024 {
		t.Errorf("an empty heap has room for %d", c)
	}
}

// Timers that are made and cancelled by timers, tasks and callbacks at random fire in the order of a model.
func TestTimersOfLoopAgainstModel(t *testing.T) {
	for seed := range uint64(20) {
		onLoop(t, func(l *EventLoop, _ *reportLog) {
			r := rand.New(rand.NewPCG(seed, 2))
			type pending struct {
				when   time.Duration
				number int
				handle *TimerHandle
			}
			var model []pending
			made, fired := 0, 0
			var add func()
			add = func() {
				number, d := made, time.Duration(r.Int64N(100)-10)
				made++
				p := pending{when: max(l.Time(), l.Time()+d), number: number}
				p.handle = l.CallLater(d, func() {
					fired++
					// It has to be the first of those left; what has become due meanwhile comes with the next turn.
					least := slices.MinFunc(model, func(a, b pending) int {
						return cmp.Or(cmp.Compare(a.when, b.when), cmp.Compare(a.number, b.number))
					})
					if least.number != number {
						t.Errorf("seed %d: timer %d fires before %d", seed, number, least.number)
					}
					if l.Time() != least.when {
						t.Errorf("seed %d: timer %d fires at %v, not at %v", seed, number, l.Time(), least.when)
					}
					model = slices.DeleteFunc(model, func(p pending) bool { return p.number == number })
					for range r.IntN(3) {
						if made < 500 {
							add()
						}
					}
					if n := len(model); n > 0 && r.IntN(3) == 0 {
						i := r.IntN(n)
						model[i].handle.Cancel()
						model = slices.Delete(model, i, i+1)
					}
				})
				isSame(t, "When", p.handle.When(), p.when)
				model = append(model, p)
			}
			for range 50 {
				add()
			}
			Sleep(time.Hour)
			if len(model) > 0 || fired == 0 {
				t.Errorf("seed %d: %d timers have not fired, %d have", seed, len(model), fired)
			}
		})
	}
}

func TestMillionTimers(t *testing.T) {
	n := 1_000_000
	if testing.Short() || raceEnabled {
		n = 50_000
	}
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		r := rand.New(rand.NewPCG(1, 2))
		handles := make([]*TimerHandle, n)
		fired, last := 0, time.Duration(0)
		fire := func() {
			if fired++; l.Time() < last {
				t.Errorf("fired at %v after %v", l.Time(), last)
			}
			last = l.Time()
		}
		for i := range handles {
			handles[i] = l.CallLater(time.Duration(1+r.Int64N(1_000_000)), fire)
		}
		isSame(t, "pending", l.timers.len(), n)
		for _, i := range r.Perm(n)[:n/2] {
			handles[i].Cancel()
		}
		isSame(t, "pending after half were cancelled", l.timers.len(), n-n/2)
		Sleep(time.Second)
		isSame(t, "fired", fired, n-n/2)
	})
}

// Durations that are longer than times can be, negative times, and those that never come.
func TestTimesAtTheEnds(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		Sleep(time.Hour)
		var r trail
		l.CallLater(math.MinInt64, func() { r.add("least delay") })
		l.CallAt(math.MinInt64, func() { r.add("least time") })
		for _, h := range []*TimerHandle{
			l.CallLater(NoTimeout, func() { r.add("NoTimeout") }),
			l.CallLater(NoTimeout-1, func() { r.add("NoTimeout-1") }),
			l.CallAt(NoTimeout, func() { r.add("at NoTimeout") }),
		} {
			isSame(t, "When", h.When(), NoTimeout)
			defer h.Cancel()
		}
		for i, d := range []time.Duration{math.MinInt64, -1, 0} {
			isErr(t, fmt.Sprint(i), Sleep(d), nil)
		}
		Sleep(1000 * time.Hour)
		r.is(t, "least time", "least delay")
	})
}

// Nothing that never ends is jumped to.
func TestSleepWithoutEnd(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		sleeper := Go(func() error { return Sleep(NoTimeout) })
		h := l.CallLater(NoTimeout, func() { t.Error("it was called") })
		giveWay(t, 3)
		now := l.Time()
		told := make(chan bool)
		go func() {
			time.Sleep(10 * time.Millisecond) // the loop has nothing to do meanwhile
			l.CallSoonThreadsafe(func() { sleeper.Cancel("enough") })
			close(told)
		}()
		_, err := sleeper.Await()
		isErr(t, "Await", err, ErrCancelled)
		isSame(t, "time", l.Time(), now)
		h.Cancel()
		<-told
	})
}

// A timer handle outlives its loop.
func TestCancelTimerAfterClose(t *testing.T) {
	var h, fired *TimerHandle
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		fired = l.CallLater(0, func() {})
		for i := range 10 {
			l.CallLater(time.Duration(i)*time.Hour, func() {})
		}
		h = l.CallLater(time.Hour, func() { t.Error("called") })
		giveWay(t, 2)
	})
	h.Cancel()
	fired.Cancel()
	isSame(t, "Cancelled", h.Cancelled(), true)
}
