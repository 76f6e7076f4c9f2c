package asyncio

import (
	"errors"
	"fmt"
	"math/big"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/gocontextvars/contextvars"
)

func TestTaskRunsInOneContext(t *testing.T) { // 119
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var c *contextvars.Context
		var token contextvars.Token[string]
		same := func(where string) {
			isSame(t, where, CurrentTask().(AnyTask).Context() == c, true)
			isSame(t, where, ctxVar.Get(), "the task's")
		}
		task := CreateTask(func() (int, error) {
			c = CurrentTask().(AnyTask).Context()
			token = ctxVar.Set("the task's")
			defer func() {
				same("in a deferred function")
				isErr(t, "Reset with the token of the first step", ctxVar.Reset(token), nil)
			}()
			same("first step")
			giveWay(t, 1)
			same("second step")
			NewFuture[int]().Await() // until it is cancelled
			same("after a cancellation")
			f := NewFuture[int]()
			f.SetError(errors.New("boom"))
			f.Await()
			same("after an error")
			Sleep(time.Hour)
			same("after sleep")
			return 1, nil
		})
		giveWay(t, 2)
		task.Cancel()
		n, err := task.Await()
		isSame(t, "result", n, 1)
		isErr(t, "Await", err, nil)
	})
}

func TestTaskSeesContextAsOfCreation(t *testing.T) { // 120
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("as of creation")
		task := CreateTask(func() (string, error) {
			first := ctxVar.Get()
			Sleep(0)
			return first + ", " + ctxVar.Get(), nil
		})
		ctxVar.Set("later")
		giveWay(t, 1)
		ctxVar.Set("much later")
		got, _ := task.Await()
		isSame(t, "in the task", got, "as of creation, as of creation")
	})
}

func TestTasksValuesDoNotComeBack(t *testing.T) { // 121
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("parent's")
		var token contextvars.Token[string]
		task := Go(func() error {
			token = ctxVar.Set("child's")
			Sleep(time.Second)
			return nil
		})
		giveWay(t, 1)
		isSame(t, "while the child waits", ctxVar.Get(), "parent's")
		task.Await()
		isSame(t, "after the child", ctxVar.Get(), "parent's")
		isErr(t, "Reset with the child's token", ctxVar.Reset(token), contextvars.ErrTokenContext)
	})
}

func TestPlainCallSharesContext(t *testing.T) { // 122
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		sub := func() error {
			isSame(t, "in the call", ctxVar.Get(), "caller's")
			ctxVar.Set("callee's")
			return Sleep(time.Second)
		}
		ctxVar.Set("caller's")
		isErr(t, "sub", sub(), nil)
		isSame(t, "after the call", ctxVar.Get(), "callee's")
	})
}

func TestHundredTasksStayApart(t *testing.T) { // 123
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		v := contextvars.New[int]("v")
		v.Set(-1)
		var tasks []*Task[struct{}]
		for i := range 100 {
			tasks = append(tasks, Go(func() error {
				for j := range 10 {
					v.Set(1000*i + j)
					Sleep(time.Duration((i*7+j*13)%11) * time.Millisecond)
					if got := v.Get(); got != 1000*i+j {
						t.Errorf("task %d, step %d: got %d", i, j, got)
					}
				}
				return nil
			}))
		}
		for _, task := range tasks {
			task.Await()
		}
		isSame(t, "outside", v.Get(), -1)
	})
}

func TestTaskInGivenContext(t *testing.T) { // 129, 131
	for _, opts := range [][]CallOption{nil, {Eager()}} {
		onLoop(t, func(l *EventLoop, _ *reportLog) {
			c := contextvars.NewContext()
			c.Run(func() { ctxVar.Set("before") })
			ctxVar.Set("creator's")
			task := CreateTask(func() (string, error) {
				got := ctxVar.Get()
				ctxVar.Set("first step")
				Sleep(time.Second)
				got += ", " + ctxVar.Get()
				ctxVar.Set("second step")
				return got, nil
			}, append(opts, WithContext(c))...)
			isSame(t, "Context", task.Context() == c, true)
			giveWay(t, 1)
			value, _ := ctxVar.In(c)
			isSame(t, "while it waits", value, "first step")
			got, _ := task.Await()
			isSame(t, "in the task", got, "before, first step")
			value, _ = ctxVar.In(c)
			isSame(t, "when it has ended", value, "second step")
			isSame(t, "of the creator", ctxVar.Get(), "creator's")
			isSame(t, "Context when it has ended", task.Context() == c, true)
			c.Run(func() {}) // it was left
		})
	}
}

func TestTasksThatShareContext(t *testing.T) { // 130
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		var r trail
		for i := range 2 {
			Go(func() error {
				for range 2 {
					r.add("%d sees %q", i, ctxVar.Get())
					ctxVar.Set(fmt.Sprint(i, "'s"))
					Sleep(time.Second)
				}
				return nil
			}, WithContext(c))
		}
		Sleep(time.Minute)
		r.is(t, `0 sees ""`, `1 sees "0's"`, `0 sees "1's"`, `1 sees "0's"`)
		value, _ := ctxVar.In(c)
		isSame(t, "in the end", value, "1's")
	})
}

func TestTaskInItsCreatorsContext(t *testing.T) { // 132, and 133 for eager ones
	for _, opts := range [][]CallOption{nil, {Eager()}} {
		t.Run(fmt.Sprint(len(opts), " options"), func(t *testing.T) {
			// Run's main task, one that was given a context, and one that never was asked for its own.
			parent := func(l *EventLoop) func() (int, error) {
				return func() (int, error) {
					me := CurrentTask()
					c := me.(AnyTask).Context()
					ctxVar.Set("parent's")
					var child *Task[string]
					child = CreateTask(func() (string, error) {
						isSame(t, "CurrentTask in the child", CurrentTask() == Awaitable(child) || child == nil, true)
						got := ctxVar.Get()
						ctxVar.Set("child's")
						Sleep(0)
						got += ", " + ctxVar.Get()
						ctxVar.Set("child's last")
						return got, nil
					}, append(opts, WithContext(c))...)
					isSame(t, "CurrentTask in the parent", CurrentTask() == me, true)
					want := "parent's"
					if len(opts) > 0 {
						want = "child's"
					}
					isSame(t, "after creation", ctxVar.Get(), want)
					ctxVar.Set("parent's again")
					got, err := child.Await()
					if len(opts) > 0 {
						isSame(t, "in the child", got, "parent's, parent's again")
					} else {
						isSame(t, "in the child", got, "parent's again, child's")
					}
					isSame(t, "in the parent at last", ctxVar.Get(), "child's last")
					isSame(t, "RunningLoop", func() bool { m, _ := RunningLoop(); return m == l }(), true)
					return 1, err
				}
			}
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				parent(l)()
				for _, opts := range [][]CallOption{nil, {WithContext(contextvars.NewContext())}, {Eager()}} {
					n, err := CreateTask(parent(l), opts...).Await()
					isSame(t, "result", n, 1)
					isErr(t, "Await", err, nil)
				}
			})
		})
	}
}

func TestEagerTask(t *testing.T) { // 134
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		me := CurrentTask()
		ctxVar.Set("parent's")
		var r trail
		var child Awaitable
		task := CreateTask(func() (int, error) {
			child = CurrentTask()
			r.add("first step sees %s", ctxVar.Get())
			ctxVar.Set("child's")
			Sleep(0)
			r.add("second step sees %s", ctxVar.Get())
			isSame(t, "CurrentTask in the second step", CurrentTask() == child, true)
			return 1, nil
		}, Eager())
		r.add("created")
		isSame(t, "CurrentTask in the first step", child == Awaitable(task), true)
		isSame(t, "CurrentTask afterwards", CurrentTask() == me, true)
		isSame(t, "of the parent", ctxVar.Get(), "parent's")
		isSame(t, "Done", task.Done(), false)
		task.Await()
		r.is(t, "first step sees parent's", "created", "second step sees child's")

		done := CreateTask(func() (int, error) { ctxVar.Set("x"); return 2, nil }, Eager())
		isSame(t, "Done of one that does not wait", done.Done(), true)
		n, err := done.Result()
		isSame(t, "Result", n, 2)
		isErr(t, "Result", err, nil)
		isSame(t, "of the parent", ctxVar.Get(), "parent's")
		isSame(t, "tasks left", len(l.AllTasks()), 1)
	})
}

func TestEagerTaskFromCallback(t *testing.T) { // 134
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var r trail
		var c = contextvars.NewContext()
		for _, opts := range [][]CallOption{nil, {WithContext(c)}} {
			l.CallSoon(func() {
				ctxVar.Set("callback's")
				Go(func() error {
					r.add("first step sees %s", ctxVar.Get())
					ctxVar.Set("task's")
					Sleep(0)
					r.add("second step sees %s", ctxVar.Get())
					return nil
				}, Eager())
				r.add("the callback goes on, sees %s", ctxVar.Get())
				isSame(t, "CurrentTask in the callback", CurrentTask(), nil)
				isErr(t, "Sleep in the callback", Sleep(0), ErrNotInTask)
			}, opts...)
			giveWay(t, 3)
			r.is(t, "first step sees callback's", "the callback goes on, sees callback's", "second step sees task's")
		}
	})
}

func TestEagerTasksThatEndBadly(t *testing.T) { // 134
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		me := CurrentTask()
		var p *PanicError
		for i, opts := range [][]CallOption{{Eager()}, {Eager(), WithContext(contextvars.NewContext())},
			{Eager(), WithContext(me.(AnyTask).Context())}} {
			task := Go(func() error { panic("p") }, opts...)
			isSame(t, fmt.Sprint("panic ", i), errors.As(task.Err(), &p), true)
			task = Go(func() error { runtime.Goexit(); return nil }, opts...)
			isErr(t, fmt.Sprint("Goexit ", i), task.Err(), ErrGoexit)
			task = Go(func() error { CurrentTask().Cancel("me"); return nil }, opts...)
			isErr(t, fmt.Sprint("cancels itself and returns ", i), task.Err(), ErrCancelled)
			task = Go(func() error { CurrentTask().Cancel("me"); return Sleep(0) }, opts...)
			isSame(t, "Done", task.Done(), false)
			_, err := task.Await()
			isErr(t, fmt.Sprint("cancels itself and waits ", i), err, ErrCancelled)
			task = Go(func() error {
				defer Sleep(time.Second)
				runtime.Goexit()
				return nil
			}, opts...)
			_, err = task.Await()
			isErr(t, fmt.Sprint("waits in a deferred function ", i), err, ErrGoexit)
			isSame(t, "CurrentTask", CurrentTask() == me, true)
		}
	})
}

// Eager tasks in eager tasks.
func TestEagerTasksNested(t *testing.T) { // 134
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		v := contextvars.New[int]("v")
		var nest func(depth int) int
		nest = func(depth int) int {
			if depth == 0 {
				Sleep(time.Second)
				return v.Get()
			}
			v.Set(depth)
			task := CreateTask(func() (int, error) {
				isSame(t, "in the child", v.Get(), depth)
				return nest(depth - 1), nil
			}, Eager())
			isSame(t, "in the parent", v.Get(), depth)
			n, err := task.Await()
			isErr(t, "Await", err, nil)
			isSame(t, "in the parent afterwards", v.Get(), depth)
			return n + 1
		}
		isSame(t, "sum", nest(300), 301)
	})
}

// What an eager task's first step may do to the one who created it.
func TestEagerTaskWakesItsCreator(t *testing.T) { // 134
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		me := CurrentTask()
		task := Go(func() error {
			me.Cancel("by the child") // it is running, and so the next wait says so
			return Sleep(0)
		}, Eager())
		_, err := task.Await()
		isErr(t, "Await of the creator", err, ErrCancelled)
		isSame(t, "the child was cancelled, too", task.Cancelled(), true)
		me.(AnyTask).Uncancel()
		_, err = task.Await()
		isErr(t, "Await again", err, ErrCancelled)
	})
}

func TestEagerStart(t *testing.T) { // 135
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		begun := func(opts ...CallOption) bool {
			began := false
			task := Go(func() error { began = true; return nil }, opts...)
			at := began
			task.Await()
			return at
		}
		isSame(t, "default", begun(), false)
		isSame(t, "Eager", begun(Eager()), true)
		isSame(t, "EagerStart(true)", begun(EagerStart(true)), true)
		isSame(t, "EagerStart(false)", begun(EagerStart(false)), false)
		isSame(t, "the last one counts", begun(Eager(), EagerStart(false)), false)
		l.SetTaskFactory(EagerTaskFactory)
		isSame(t, "with EagerTaskFactory", begun(), true)
		isSame(t, "with EagerTaskFactory, EagerStart(false)", begun(EagerStart(false)), false)
		l.SetTaskFactory(nil)
		isSame(t, "default again", begun(), false)
	})
	// Where nothing runs yet there is nobody to start it.
	r := NewRunner()
	defer r.Close()
	n, err := RunIn(r, func() (int, error) { return 1, Sleep(0) }, Eager())
	isSame(t, "eager main", n, 1)
	isErr(t, "eager main", err, nil)
}

func TestTasksLastValueIsFree(t *testing.T) { // 140
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		v := contextvars.New[*[64]int]("v")
		var w weak.Pointer[[64]int]
		task := Go(func() error {
			Sleep(0)
			p := new([64]int)
			w = weak.Make(p)
			v.Set(p)
			return nil
		})
		task.Await()
		isCollected(t, "value set just before the end", func() bool { return w.Value() == nil })
		runtime.KeepAlive(task)
	})
}

// isCollected fails unless gone becomes true by collections.
func isCollected(t *testing.T, what string, gone func() bool) {
	t.Helper()
	for range 200 {
		if gone() {
			return
		}
		runtime.GC()
		time.Sleep(100 * time.Microsecond) // clean-ups run on a goroutine of their own
	}
	t.Errorf("%s: still held", what)
}

// Two tasks, each with its own precision across a wait, as decimal has it.
func TestPrecisionPerTask(t *testing.T) { // 141
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		precision := contextvars.NewDefault("precision", uint(53))
		quotient := func(a, b int64) *big.Float {
			p := precision.Get()
			x := new(big.Float).SetPrec(p).SetInt64(a)
			return x.Quo(x, new(big.Float).SetPrec(p).SetInt64(b))
		}
		divide := func(prec uint, d time.Duration) *Task[string] {
			return CreateTask(func() (string, error) {
				defer precision.Set(prec).Restore()
				a := quotient(1, 3)
				Sleep(d)
				b := quotient(2, 3)
				return a.Text('g', 30) + " " + b.Text('g', 30), nil
			})
		}
		low, high := divide(8, 2*time.Second), divide(100, time.Second)
		got, _ := low.Await()
		isSame(t, "8 bits", got, "0.333984375 0.66796875")
		got, _ = high.Await()
		isSame(t, "100 bits", got, "0.333333333333333333333333333333 0.666666666666666666666666666667")
		isSame(t, "outside", precision.Get(), 53)
	})
}
