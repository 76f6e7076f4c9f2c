package asyncio

import (
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"
)

// sleeper returns a function that returns value after d.
func sleeper[T any](d time.Duration, value T) func() (T, error) {
	return func() (T, error) {
		if err := Sleep(d); err != nil {
			var none T
			return none, err
		}
		return value, nil
	}
}

// failer returns a function that fails after d.
func failer(d time.Duration, err error) func() (int, error) {
	return func() (int, error) {
		if err := Sleep(d); err != nil {
			return 0, err
		}
		return 0, err
	}
}

// stubborn returns a function that sleeps for d, and if it is cancelled meanwhile, for cleanup, and
// returns value and err all the same.
func stubborn(d, cleanup time.Duration, value int, err error) func() (int, error) {
	return func() (int, error) {
		if Sleep(d) != nil {
			Sleep(cleanup)
		}
		return value, err
	}
}

func TestGatherTakesAllKinds(t *testing.T) { // 147
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		a, b := CreateTask(sleeper(2, 1)), CreateTask(sleeper(1, 2))
		f := NewFuture[int]()
		f.SetResult(3)
		check := func(what string, want []int, got []int, err error) {
			isErr(t, what, err, nil)
			isSame(t, what, got, want)
		}
		got, err := Gather(a, b)
		check("tasks", []int{1, 2}, got, err)
		got, err = Gather([]*Task[int]{b, a}...)
		check("slice of tasks", []int{2, 1}, got, err)
		got, err = Gather(f, f)
		check("futures", []int{3, 3}, got, err)
		got, err = Gather([]*Future[int]{f}...)
		check("slice of futures", []int{3}, got, err)
		got, err = Gather([]AwaitableOf[int]{a, f}...)
		check("a mix", []int{1, 3}, got, err)
		got, err = Gather([]*Task[int]{}...)
		check("none", []int{}, got, err)
		out, err := GatherAll([]AwaitableOf[int]{f, b}...)
		isErr(t, "GatherAll", err, nil)
		isSame(t, "GatherAll", out, []Outcome[int]{{3, nil}, {2, nil}})
	})
}

func TestGatherWaitsForTheLast(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		a, b, c := sleeper(3*time.Hour, "a"), sleeper(time.Hour, "b"), sleeper(0, "c")
		got, err := Gather(CreateTask(a), CreateTask(b), CreateTask(c))
		isErr(t, "error", err, nil)
		isSame(t, "values", got, []string{"a", "b", "c"})
		isSame(t, "time", l.Time(), 3*time.Hour)
	})
}

func TestGatherFirstErrorAtOnce(t *testing.T) { // C12
	onLoop(t, func(l *EventLoop, log *reportLog) {
		slow := CreateTask(sleeper(3*time.Hour, 1))
		second := CreateTask(failer(2*time.Hour, errors.New("second")))
		got, err := Gather(slow, second, CreateTask(failer(time.Hour, errStructured)))
		isErr(t, "error", err, errStructured)
		isSame(t, "values", got, nil)
		isSame(t, "time", l.Time(), time.Hour)
		isSame(t, "sibling is done", slow.Done(), false)
		isSame(t, "waits for the sibling", slow.waiters, waiters{})
		v, err := slow.Await() // nobody has cancelled it
		isErr(t, "sibling", err, nil)
		isSame(t, "sibling", v, 1)
		isSame(t, "second is done", second.Done(), true)
	}) // and that it failed is not reported, as Gather would have asked
}

func TestGatherOfFailed(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		failed, slow := CreateTask(failer(0, errStructured)), CreateTask(sleeper(time.Hour, 1))
		giveWay(t, 2)
		steps := 0
		l.CallSoon(func() { steps++ })
		_, err := Gather(slow, failed)
		isErr(t, "error", err, errStructured)
		isSame(t, "gives way", steps, 0)
	})
}

// One that is cancelled counts as failed, and the others are not cancelled, nor is the caller.
func TestGatherOfCancelled(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		a, b := CreateTask(sleeper(time.Hour, 1)), CreateTask(sleeper(2*time.Hour, 2))
		l.CallLater(time.Minute, func() { a.Cancel("a only") })
		_, err := Gather(a, b)
		isSame(t, "error", err.Error(), "asyncio: cancelled: a only")
		isSame(t, "time", l.Time(), time.Minute)
		isSame(t, "requests to cancel the caller", CurrentTask().(AnyTask).Cancelling(), 0)
		out, err := GatherAll(a, b)
		isErr(t, "GatherAll", err, nil)
		isErr(t, "GatherAll, first", out[0].Err, ErrCancelled)
		isSame(t, "GatherAll, second", out[1], Outcome[int]{2, nil})
	})
}

func TestGatherCancelledCancelsAll(t *testing.T) { // C3, C7
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var a, b, begun *Task[int]
		c := Go(func() error {
			begun = CreateTask(sleeper(time.Hour, 1))
			Sleep(time.Minute)
			a, b = CreateTask(sleeper(time.Hour, 1)), CreateTask(sleeper(time.Hour, 1))
			_, err := Gather(begun, a, b, a)
			return err
		})
		Sleep(time.Minute)
		giveWay(t, 1) // a and b have not begun
		c.Cancel("all of you")
		isSame(t, "Cancel of Gather is one request", a.Cancelling(), 1) // it was passed twice
		_, err := c.Await()
		isSame(t, "error", fmt.Sprint(err), "asyncio: cancelled: all of you")
		giveWay(t, 1)
		for _, x := range []*Task[int]{begun, a, b} {
			isSame(t, "cancelled", x.Cancelled(), true)
			isSame(t, "message", x.Err().Error(), "asyncio: cancelled: all of you")
		}
		isSame(t, "time", l.Time(), time.Minute)
	})
}

func TestGatherCancelledOfThoseWhoGoOn(t *testing.T) {
	for _, x := range []struct {
		name string
		f    func() (int, error)
		end  time.Duration
		err  error
	}{
		{"value", stubborn(time.Hour, time.Minute, 1, nil), 3 * time.Minute, ErrCancelled},
		{"error", stubborn(time.Hour, time.Minute, 1, errStructured), 2 * time.Minute, errStructured},
		{"panic", func() (int, error) { Sleep(time.Hour); panic(errStructured) }, time.Minute, errStructured},
		{"Goexit", func() (int, error) { Sleep(time.Hour); runtime.Goexit(); return 0, nil }, time.Minute, ErrGoexit},
	} {
		t.Run(x.name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				c := Go(func() error {
					_, err := Gather(CreateTask(x.f), CreateTask(stubborn(time.Hour, 2*time.Minute, 2, nil)))
					return err
				})
				Sleep(time.Minute)
				c.Cancel()
				_, err := c.Await()
				isErr(t, "error", err, x.err)
				isSame(t, "time", l.Time(), x.end)
			})
		})
	}
}

func TestGatherAllCancelledWaitsForAll(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := Go(func() error {
			a, b := sleeper(time.Hour, 1), stubborn(time.Hour, time.Minute, 2, errStructured)
			out, err := GatherAll(CreateTask(a), CreateTask(b))
			isSame(t, "outcomes", out, nil)
			return err
		})
		Sleep(time.Minute)
		c.Cancel("bye")
		_, err := c.Await()
		isSame(t, "error", fmt.Sprint(err), "asyncio: cancelled: bye")
		isSame(t, "time", l.Time(), 2*time.Minute)
	})
}

// A Gather in a Gather in a Timeout in a TaskGroup.
func TestGatherNestedCancelled(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var leaves []*Task[int]
		leaf := func() *Task[int] {
			leaves = append(leaves, CreateTask(sleeper(time.Hour, 1)))
			return leaves[len(leaves)-1]
		}
		inner := func() *Task[[]int] {
			return CreateTask(func() ([]int, error) { return Gather(leaf(), leaf()) })
		}
		err := TaskGroup(func(g *Group) error {
			t1 := g.Go(func() error {
				return Timeout(time.Minute, func() error {
					_, err := Gather(inner(), inner())
					return err
				})
			}, WithName("timed"))
			_, err := t1.Await()
			return err
		})
		isErr(t, "error", err, ErrTimeout)
		isSame(t, "time", l.Time(), time.Minute)
		giveWay(t, 3)
		for _, x := range leaves {
			isSame(t, "leaf is cancelled", x.Cancelled(), true)
		}
		isSame(t, "leaves", len(leaves), 4)
	})
}

func TestGatherOfEager(t *testing.T) { // 134
	onLoop(t, func(l *EventLoop, log *reportLog) {
		for _, x := range []struct {
			name string
			f    func() (int, error)
			want error
		}{
			{"returns", func() (int, error) { return 1, nil }, nil},
			{"fails", func() (int, error) { return 0, errStructured }, errStructured},
			{"panics", func() (int, error) { panic(errStructured) }, errStructured},
			{"exits", func() (int, error) { runtime.Goexit(); return 0, nil }, ErrGoexit},
			{"cancels itself", func() (int, error) { CurrentTask().Cancel(); return 0, nil }, ErrCancelled},
			{"cancels itself and waits", func() (int, error) { CurrentTask().Cancel(); return 0, Sleep(0) }, ErrCancelled},
		} {
			a, b := CreateTask(x.f, Eager()), CreateTask(x.f, Eager())
			_, err := Gather(a, b)
			isErr(t, x.name, err, x.want)
			out, err := GatherAll(a, b)
			isErr(t, x.name, err, nil)
			isErr(t, x.name, out[0].Err, x.want)
			isErr(t, x.name, out[1].Err, x.want)
		}
	})
}

// An eager task that cancels its creator: the creator's next wait says so.
func TestGatherByOneCancelledByEagerTask(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := Go(func() error {
			me := CurrentTask()
			a := CreateTask(func() (int, error) { me.Cancel("by the eager one"); return 0, Sleep(time.Hour) }, Eager())
			_, err := Gather(a)
			isSame(t, "cancelled", a.Cancelled(), true)
			return err
		})
		_, err := c.Await()
		isSame(t, "error", fmt.Sprint(err), "asyncio: cancelled: by the eager one")
	})
}

func TestGatherDoesNotCopyContexts(t *testing.T) { // 146, 147
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("at creation")
		a := CreateTask(func() (string, error) { return ctxVar.Get(), nil })
		ctxVar.Set("at Gather")
		//contextvars:ignore token the body of a task
		b := CreateTask(func() (string, error) { defer ctxVar.Set("b's"); return ctxVar.Get(), nil })
		got, err := Gather(a, b)
		isErr(t, "error", err, nil)
		isSame(t, "seen", got, []string{"at creation", "at Gather"})
		isSame(t, "of the caller", ctxVar.Get(), "at Gather")
	})
}

func TestGatherClosesRing(t *testing.T) { // C14
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var a, b *Task[int]
		a = CreateTask(func() (int, error) { return b.Await() })
		b = CreateTask(func() (int, error) {
			_, err := Gather(CreateTask(sleeper(time.Hour, 1)), a)
			isErr(t, "who closes the ring", err, ErrAwaitCycle)
			return 1, nil
		})
		v, err := a.Await()
		isErr(t, "error", err, nil)
		isSame(t, "value", v, 1)
		c := CreateTask(func() (int, error) { _, err := Gather([]Awaited{CurrentTask().(Awaited)}...); return 0, err })
		_, err = c.Await()
		isErr(t, "who gathers itself", err, ErrAwaitCycle)
		// The other way round: Gather first, then Await.
		a = CreateTask(func() (int, error) { _, err := Gather(CreateTask(sleeper(time.Hour, 1)), b); return 2, err })
		b = CreateTask(func() (int, error) {
			_, err := a.Await()
			isErr(t, "who closes it", err, ErrAwaitCycle)
			return 1, nil
		})
		_, err = a.Await()
		isErr(t, "error", err, nil)
	})
}

// Awaited is what an AwaitableOf[int] is to users that name it.
type Awaited = AwaitableOf[int]

func TestGatherDoesNotHoldValues(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		a := CreateTask(sleeper(1, 1))
		Gather(a, CreateTask(sleeper(2, 2)))
		isSame(t, "those who wait", a.waiters, waiters{})
		isSame(t, "what the caller waits on", here().task.on, nil)
	})
}

func BenchmarkGather1000(b *testing.B) {
	Run(func() (int, error) {
		b.ReportAllocs()
		f := func() (int, error) { return 1, nil }
		for i := 0; i < b.N; i += 1000 {
			tasks := make([]*Task[int], 1000)
			for i := range tasks {
				tasks[i] = CreateTask(f)
			}
			if _, err := Gather(tasks...); err != nil {
				b.Error(err)
			}
		}
		return 0, nil
	})
}
